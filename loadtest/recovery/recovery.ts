import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ChildStack } from '../../cli/child-stack.ts';
import { Client } from '../../client/client.ts';
import { sleep, systemClock } from '../../engine/clock.ts';
import type { Opened } from '../opened.ts';
import { skuOf } from '../scan/warehouse.ts';

const ACTORS = 1_000_000;
const WAREHOUSE = 'W1';
const LINES = 1_000;
const LANES = 16;
/** Records between two snapshots: some come before the kill, and some records after the last. */
const SNAPSHOT_EVERY = 100;
const PATIENCE_MS = 180_000;

export interface Recovery {
  /** From the lease to the first command served: snapshot, tail, checks. */
  readonly takeoverSeconds: number;
}

/** A million actors in one shard, stored and named by a snapshot; then SIGKILL, and a new start. */
export async function recovery(opened: Opened): Promise<Recovery> {
  try {
    const { stack, ready } = await ChildStack.start({
      sync: 'always',
      more: ['--snapshot-every', String(SNAPSHOT_EVERY)],
    });
    opened.add(() => stack.stop());
    const client = await Client.connect({
      url: ready.ws,
      token: ready.token,
      silentMs: PATIENCE_MS,
    });
    opened.add(async () => client.close());
    await receive(client);
    await until(() => hasSnapshot(ready.data));
    process.kill(ready.pid, 'SIGKILL'); // it is started again by itself
    await until(async () => (await actorsAt(ready.http)) === ACTORS);
    return { takeoverSeconds: await metric(ready.http, 'holdfast_takeover_seconds', Math.max) };
  } finally {
    await opened.close();
  }
}

async function receive(client: Client): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < ACTORS) {
      const from = next;
      next += LINES;
      const commands = Array.from({ length: LINES }, (_, i) => {
        return { op: 'receive' as const, sku: skuOf(from + i), qty: 10 };
      });
      const answer = await client.send({ op: 'all', warehouse: WAREHOUSE, commands });
      if (!answer.ok) throw new Error(`the goods cannot be received: ${answer.message}`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

/** Of the shard that holds the goods. */
async function hasSnapshot(data: string): Promise<boolean> {
  const shards = join(data, 'shards');
  for (const shard of await readdir(shards)) {
    const names = await readdir(join(shards, shard, 'snapshots')).catch(() => []);
    if (names.some((name) => !name.endsWith('.tmp'))) return true;
  }
  return false;
}

const actorsAt = (http: string): Promise<number> =>
  metric(http, 'holdfast_actors', (a, b) => a + b);

/** One metric over all shards; NaN while nobody answers. */
async function metric(
  http: string,
  name: string,
  combine: (a: number, b: number) => number,
): Promise<number> {
  try {
    const text = await (await fetch(`${http}/metrics`)).text();
    const values = [...text.matchAll(new RegExp(`^${name}\\{[^}]*\\} (\\S+)$`, 'gm'))];
    return values.map(([, value]) => Number(value)).reduce((a, b) => combine(a, b));
  } catch {
    return Number.NaN;
  }
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const untilMs = systemClock.monoMs() + PATIENCE_MS;
  while (!(await isSo())) {
    if (systemClock.monoMs() > untilMs) throw new Error('it was not recovered in time');
    await sleep(systemClock, 100);
  }
}
