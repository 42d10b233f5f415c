import { writeFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { slotsOf } from '../../engine/limits.ts';
import { slotOf } from '../../engine/subjects.ts';
import { ownFolder, Program } from '../support/up.ts';

const SLOW_MS = 120_000;

let dir: string;
let remove: () => Promise<void>;
const running: Program[] = [];

beforeEach(async () => {
  ({ dir, remove } = await ownFolder());
});
afterEach(async () => {
  for (const program of running.splice(0)) {
    if (program.child.exitCode === null) await program.kill('SIGTERM');
  }
  await remove();
});

async function run(...args: string[]): Promise<Program> {
  const program = await Program.run(args);
  running.push(program);
  return program;
}
const data = () => join(dir, 'data');
const up = (...more: string[]): Promise<Program> =>
  run('up', '--json', '--port', '0', '--data', data(), ...more);

interface RegionsReady {
  readonly nats: string;
  readonly regions: Record<string, { ws: string; http: string; nats: string; pid: number }>;
}

async function receive(nats: string, warehouse: string): Promise<unknown> {
  const link = await connect({ servers: nats });
  try {
    const asked = JSON.stringify({ op: 'receive', sku: 'MUG', qty: 1 });
    return (await link.request(`inv.cmd.${warehouse}`, asked, { timeout: 5_000 })).json();
  } finally {
    await link.close();
  }
}

test(
  'up --regions says where each region is, keeps its folders, and verify covers them all',
  async () => {
    const places = join(dir, 'places.json');
    writeFileSync(places, '{"us":["W1"]}');
    for (let round = 1; round <= 2; round++) {
      const program = await up('--regions', 'eu,us', '--places', places);
      const { regions } = (await program.ready()) as unknown as RegionsReady;
      expect(Object.keys(regions)).toEqual(['hub', 'eu', 'us']);
      for (const { http } of Object.values(regions)) {
        expect((await fetch(`${http}/readyz`)).status).toBe(200);
      }
      for (const warehouse of ['hub-1', 'eu-1', 'W1']) {
        const answer = await receive(regions.hub?.nats as string, warehouse);
        expect(answer).toMatchObject({ ok: true, stock: { onHand: round } });
      }
      expect(await program.kill('SIGTERM')).toBe(0);
    }
    const verify = await run('verify', '--json', '--data', data());
    expect(await verify.ended).toBe(0);
    const report = JSON.parse(verify.out[0] as string);
    const used = report.shards.filter((s: { used: boolean }) => s.used);
    expect(used).toHaveLength(3 * slotsOf(true));
    const own = (region: string, warehouse: string) =>
      used.find(
        (s: { region: string; shard: number }) =>
          s.region === region && s.shard === slotOf(warehouse, 4),
      );
    for (const [region, warehouse] of [
      ['hub', 'hub-1'],
      ['eu', 'eu-1'],
      ['us', 'W1'],
    ] as const) {
      expect(own(region, warehouse)).toMatchObject({ ok: true, actors: 1 });
      expect(own(region, warehouse).centreNumber).toBeGreaterThan(0);
    }
    const other = await up('--regions', 'eu');
    expect(await other.ended).toBe(1);
    expect(other.errors.join()).toContain('start it with --regions eu,us');
    const alone = await up();
    expect(await alone.ended).toBe(1);
    await rm(join(data(), 'regions', 'us'), { recursive: true });
    const lost = await run('verify', '--data', data());
    expect(await lost.ended).toBe(1);
    expect(lost.out.join()).toContain('region us is gone');
  },
  SLOW_MS,
);

test.each([
  ['a name that another begins with', ['--regions', 'eu,eu-west'], 'of two regions'],
  ['the hub by name', ['--regions', 'hub'], 'named twice'],
  ['a name with a dot', ['--regions', 'eu.1'], 'no region'],
  ['places without regions', ['--places', 'x.json'], 'without --regions'],
  ['a file that is not there', ['--regions', 'eu', '--places', '/nowhere.json'], '/nowhere.json'],
  ['several nodes', ['--regions', 'eu', '--nodes', '2'], 'do not go together'],
])('up refuses %s, and leaves nothing behind', async (_, more, why) => {
  const program = await up(...more);
  expect(await program.ended).toBe(1);
  expect(program.errors.join('\n')).toContain(why);
  expect(await readdir(dir)).toEqual([]);
});
