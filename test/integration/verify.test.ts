import { cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Report } from '../../cli/verify/report.ts';
import { Client } from '../../client/client.ts';
import { natsCentreLink } from '../../engine/centre.ts';
import { LIMITS } from '../../engine/limits.ts';
import { slotOf } from '../../engine/subjects.ts';
import { ownFolder, Program } from '../support/up.ts';

const SHARD = slotOf('W1', LIMITS.shards);
const EVERY = 40;
const RECORDS = 4 * EVERY;
let folder: Awaited<ReturnType<typeof ownFolder>>;
let data: string;
let whole: string;

/** A folder at rest whose shard has two snapshots and a trimmed journal. */
beforeAll(async () => {
  folder = await ownFolder();
  data = join(folder.dir, 'data');
  whole = join(folder.dir, 'whole');
  await serving(async (client, nats) => {
    for (let i = 1; i <= RECORDS; i++) {
      await client.send({ op: 'receive', warehouse: 'W1', sku: 'MUG', qty: 1 });
      if (i % EVERY === EVERY - 1) await centreHas(nats, i); // or nothing may be trimmed yet
    }
  });
  await cp(data, whole, { recursive: true });
});

beforeEach(async () => {
  await rm(data, { recursive: true });
  await cp(whole, data, { recursive: true });
});

afterAll(() => folder.remove());

/** Waits until the centre has durably read so many records. */
async function centreHas(url: string, records: number): Promise<void> {
  const nats = await connect({ servers: url });
  try {
    const centre = natsCentreLink(nats, 'local');
    for (let i = 0; i < 500; i++) {
      if (((await centre.watermark(SHARD))?.number ?? 0) >= records) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`the centre never read ${records} records`);
  } finally {
    await nats.close();
  }
}

async function serving(work: (client: Client, nats: string) => Promise<void>): Promise<void> {
  const args = ['up', '--json', '--no-sample', '--port', '0', '--data', data];
  const up = await Program.run([...args, '--snapshot-every', String(EVERY)]);
  try {
    const { ws: url, token, nats } = await up.ready();
    const client = await Client.connect({ url, token });
    await work(client, nats).finally(() => client.close());
  } finally {
    await up.kill('SIGTERM');
  }
}

async function holdfast(...args: string[]): Promise<{ code: number | null; said: string }> {
  const program = await Program.run([...args, '--data', data]);
  const code = await program.ended;
  return { code, said: [...program.out, ...program.errors].join('\n') };
}

async function verify(): Promise<{ code: number | null; report: Report }> {
  const { code, said } = await holdfast('verify', '--json');
  return { code, report: JSON.parse(said) as Report };
}

const onHand = async (): Promise<number> => {
  let seen = -1;
  await serving(async (client) => {
    const answer = await client.send({ op: 'read', warehouse: 'W1', sku: 'MUG', read: 'strict' });
    if (answer.ok) seen = answer.stock?.onHand ?? -1;
  });
  return seen;
};

async function blocks(): Promise<string[]> {
  const dir = join(data, 'nats/store/jetstream/$G/streams', `LOG_local_${SHARD}`, 'msgs');
  return (await readdir(dir)).filter((f) => f.endsWith('.blk')).map((f) => join(dir, f));
}

async function snapshots(): Promise<string[]> {
  const dir = join(data, 'shards', `local.${SHARD}`, 'snapshots');
  return (await readdir(dir)).sort().map((f) => join(dir, f));
}

async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[at] = (bytes[at] as number) ^ 0x10;
  await writeFile(path, bytes);
}

/** In the payload of the record that lies last in the file. */
async function flipLastRecord(): Promise<void> {
  const places = await Promise.all(
    (await blocks()).map(async (path) => {
      const at = (await readFile(path)).lastIndexOf(`inv.log.local.${SHARD}`);
      return { path, at };
    }),
  );
  const { path, at } = places.filter((p) => p.at >= 0).at(-1) as { path: string; at: number };
  const bytes = await readFile(path);
  const payload = bytes.indexOf('\r\n\r\n', at) + 4;
  await flip(path, payload + 10);
}

describe('holdfast verify', () => {
  test('finds nothing wrong with a folder at rest, and changes nothing in it', async () => {
    const before = (await readdir(data, { recursive: true })).sort();
    const { code, report } = await verify();
    expect(report).toMatchObject({ ok: true, damage: [] });
    expect(report.shards[SHARD]).toMatchObject({ actors: 1, used: true });
    expect(report.shards[SHARD]?.snapshots).toHaveLength(2);
    expect(report.shards[SHARD]?.firstNumber).toBeGreaterThan(1);
    expect(report.shards[SHARD]?.centreNumber).toBeGreaterThan(0);
    expect(code).toBe(0);
    expect((await readdir(data, { recursive: true })).sort()).toEqual(before);
  });

  test('refuses a folder that is in use, and one that is none', async () => {
    await serving(async () => {
      expect(await holdfast('verify')).toMatchObject({
        code: 1,
        said: expect.stringContaining('in use by process'),
      });
    });
    await rm(join(data, 'holdfast.json'));
    expect((await holdfast('verify')).said).toContain('is no data folder');
  });

  test('C3 a damaged snapshot is named, dropped by repair, and nothing is lost', async () => {
    const name = (await verify()).report.shards[SHARD]?.snapshots.at(-1) as string;
    await flip((await snapshots()).find((f) => f.includes(name)) as string, 40);
    const { code, report } = await verify();
    expect(code).toBe(1);
    const [damage] = report.shards[SHARD]?.damage ?? [];
    expect(damage?.what).toContain(name);
    expect(damage?.repair).toBe(`holdfast repair --shard ${SHARD} --drop-snapshot ${name}`);
    expect(report.shards.filter((s) => s.shard !== SHARD).every((s) => s.ok)).toBe(true);
    const repaired = await holdfast('repair', '--shard', String(SHARD), '--drop-snapshot', name);
    expect(repaired).toMatchObject({ code: 0, said: expect.stringContaining('loses nothing') });
    expect((await verify()).report.ok).toBe(true);
    expect(await onHand()).toBe(RECORDS);
  });

  test('repair does not drop a snapshot that is whole, or the last that reaches back', async () => {
    const names = (await verify()).report.shards[SHARD]?.snapshots ?? [];
    const drop = (name: string) =>
      holdfast('repair', '--shard', String(SHARD), '--drop-snapshot', name);
    expect((await drop(names[1] as string)).said).toContain('is whole; nothing was done');
    for (const file of await snapshots()) await flip(file, 40);
    expect((await drop(names[1] as string)).said).toContain('nothing was done. Restore shards/');
  });

  test('P3 a journal that lost its tail is told by the centre, and not repaired by guessing', async () => {
    for (const path of await blocks()) await truncate(path, 0);
    const { code, report } = await verify();
    expect(code).toBe(1);
    expect(report.shards[SHARD]?.damage.length).toBeGreaterThan(0);
    const refused = await holdfast('repair', '--shard', String(SHARD), '--declare-loss');
    expect(refused).toMatchObject({ code: 1, said: expect.stringContaining('nothing was done') });
  });

  test('a damaged store of the centre is told', async () => {
    await truncate(join(data, 'centre', 'global', 'pg_control'), 100);
    const { code, report } = await verify();
    expect(code).toBe(1);
    expect(report.damage[0]?.what).toContain("the centre's store cannot be read");
  });

  test('a loss that the centre has not seen may be declared; the rest is served in a new epoch', async () => {
    // A centre that knows nothing yet, and a journal whose last records are torn off.
    await rm(join(data, 'centre'), { recursive: true });
    const before = (await verify()).report.shards[SHARD];
    await flipLastRecord();
    const { report } = await verify();
    const damaged = report.shards[SHARD];
    expect(damaged?.lastNumber).toBeLessThan(before?.lastNumber as number);
    const declared = await holdfast('repair', '--shard', String(SHARD), '--declare-loss');
    expect(declared.said).toContain('given up');
    const after = (await verify()).report.shards[SHARD];
    expect(after).toMatchObject({ ok: true, lastNumber: damaged?.lastNumber, actors: 1 });
    const aside = await readdir(join(data, 'set-aside'));
    expect(aside).toEqual([expect.stringContaining(`LOG_local_${SHARD}-`)]);
  });
});
