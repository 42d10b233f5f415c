import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { openLog } from '../../cli/log.ts';
import { findBinary } from '../../cli/nats-binary.ts';
import { NatsChild } from '../../cli/nats-child.ts';
import { sleep, systemClock } from '../../engine/clock.ts';
import { JetStreamJournal } from '../../engine/journal/jetstream.ts';
import { type CentreThread, startCentreThread } from '../../oms/thread.ts';
import type { Opened } from '../opened.ts';
import { perSecond } from '../stats.ts';
import { madeJournal } from './journal.ts';
import { SHAPE } from './shape.ts';

const REGION = 'bench';
const LOOK_MS = 20;
const PATIENCE_MS = 180_000;

/**
 * Ledger lines a second that a centre writes which starts behind a whole journal in
 * JetStream, as it is under `holdfast up`: from its start until all is on disk.
 */
export async function catchUp(opened: Opened): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-catch-up-'));
  opened.add(() => rm(dir, { recursive: true, force: true }));
  const log = openLog('warn');
  const nats = { dir: join(dir, 'nats'), binary: await findBinary(), sync: '2m', log };
  const server = await NatsChild.start(nats);
  opened.add(() => server.stop());
  const start = (): Promise<CentreThread> =>
    startCentreThread({
      ...{ servers: server.url, region: REGION, shards: 1, defaultOwner: 'demo' },
      store: { kind: 'pglite', dir: join(dir, 'centre') },
      log: pino({ level: 'error' }),
    });
  await (await start()).close(); // makes its database
  const { records, changes } = await fill(server, opened);
  const begunMs = systemClock.monoMs();
  const centre = await start();
  opened.add(() => centre.close());
  while ((await durable(centre)) < records) {
    if (systemClock.monoMs() - begunMs > PATIENCE_MS) throw new Error('it does not catch up');
    await sleep(systemClock, LOOK_MS);
  }
  return perSecond(changes, systemClock.monoMs() - begunMs);
}

async function fill(
  server: NatsChild,
  opened: Opened,
): Promise<{ records: number; changes: number }> {
  const nats = await server.connect('bench');
  opened.add(() => nats.close());
  const journal = await JetStreamJournal.open(nats, REGION, SHAPE.shard);
  const { stored, changes } = madeJournal(SHAPE);
  for (const { seq, id, bytes } of stored) {
    const { kind } = await journal.append(bytes, id, seq - 1);
    if (kind !== 'stored') throw new Error(`a record could not be stored: ${kind}`);
  }
  return { records: stored.length, changes };
}

async function durable(centre: CentreThread): Promise<number> {
  const found = /^holdfast_centre_durable_number\{[^}]*\} (\d+)$/m.exec(await centre.metrics());
  return Number(found?.[1]);
}
