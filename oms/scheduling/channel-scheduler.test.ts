import { jetstream } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../engine/clock.ts';
import type { RulesThread } from '../../engine/rules/thread.ts';
import { SCHEDULE_BUCKET, SCHEDULE_SOLD } from '../../engine/subjects.ts';
import { type NatsServer, startNats } from '../../test/support/nats.ts';
import { ChannelScheduler } from './channel-scheduler.ts';
import type { OwnerSales } from './channel-tallies.ts';

let server: NatsServer;
let nats: NatsConnection;
let scheduler: ChannelScheduler | undefined;
/** Owners whose rules cannot be read. */
let broken: Set<string>;
let shown: string[];
let written: Map<string, Record<string, number>>;

beforeAll(async () => {
  server = await startNats();
  nats = await server.connect();
});
afterAll(() => server.stop());
beforeEach(() => {
  [broken, shown, written] = [new Set(), [], new Map()];
});
afterEach(async () => {
  await scheduler?.close();
  scheduler = undefined;
  await new Kvm(jetstream(nats)).create(SCHEDULE_BUCKET).then((bucket) => bucket.destroy());
});

/** Rules with two channels for every owner, kept here. */
const rules = {
  planOf: () => ({ channels: { app: {}, pc: {} } }),
  async ask(
    name: string,
    { owner, ops }: { owner: string; ops?: { path: string; value: number }[] },
  ) {
    if (broken.has(owner)) throw new Error(`the rules of ${owner} cannot be read`);
    if (name === 'show') shown.push(owner);
    for (const { path, value } of ops ?? []) {
      const sales = written.get(owner) ?? {};
      written.set(owner, { ...sales, [path.slice('sales/'.length)]: value });
    }
    return name === 'show' ? { document: { sales: written.get(owner) ?? {} } } : { ok: true };
  },
} as unknown as Pick<RulesThread, 'ask' | 'planOf'>;

const start = (isOurs = () => true): void => {
  const log = { warn: () => {} };
  scheduler = new ChannelScheduler({ nats, rules, isOurs, clock: systemClock, log, everyMs: 50 });
  scheduler.start();
};

const report = (sold: object, run: unknown = 'hub-1'): void =>
  nats.publish(SCHEDULE_SOLD, JSON.stringify({ region: 'hub', run, sold }));

/** Reported until it is heard: a scheduler reads what is kept first. */
async function told(sold: Record<string, Record<string, number>>): Promise<void> {
  await vi.waitFor(
    async () => {
      report(sold);
      for (const owner of Object.keys(sold)) expect(await kept(owner)).toBeDefined();
    },
    { timeout: 10_000, interval: 50 },
  );
}

async function kept(owner: string): Promise<OwnerSales | undefined> {
  const bucket = await new Kvm(jetstream(nats)).open(SCHEDULE_BUCKET);
  return (await bucket.get(owner))?.json<OwnerSales>();
}

test('one owner whose rules cannot be read keeps no other from theirs, and is counted all the same', async () => {
  broken.add('a');
  start();
  await told({ a: { app: 40 }, b: { app: 30, pc: 10 } });
  await vi.waitFor(() => expect(written.get('b')).toEqual({ app: 30, pc: 10 }));
  expect((await kept('a'))?.sold.app).toBeCloseTo(40, 2);
});

test('what is no report is passed over: who is no owner, no start, no channel, no units', async () => {
  start();
  await told({ ok: { app: 1 } });
  report({ '': { app: 9 }, 'a/b': { app: 9 }, ok: { app: -4, pc: 1.5, gone: 3 } });
  report({ ok: { app: 50 } }, { no: 'start' });
  report({ ok: { app: 50 } }, 'x'.repeat(1_000));
  report({ ok: null, other: 7 });
  report([]);
  nats.publish(SCHEDULE_SOLD, 'not JSON');
  report({ last: { app: 2 } });
  await vi.waitFor(async () => expect(await kept('last')).toBeDefined(), { timeout: 10_000 });
  expect(Object.keys((await kept('ok'))?.sold ?? {})).toEqual(['app']);
  expect((await kept('ok'))?.sold.app).toBeCloseTo(1, 3);
  const bucket = await new Kvm(jetstream(nats)).open(SCHEDULE_BUCKET);
  const owners: string[] = [];
  for await (const owner of await bucket.keys()) owners.push(owner);
  expect(owners.sort()).toEqual(['last', 'ok']);
});

test('rules are not looked at while too little was sold to tell them, or it is too soon', async () => {
  start();
  await told({ few: { app: 3 }, many: { app: 30, pc: 10 } });
  await vi.waitFor(() => expect(written.get('many')).toBeDefined());
  report({ many: { app: 30, pc: 900 } });
  await vi.waitFor(async () => expect((await kept('many'))?.sold.pc).toBeCloseTo(900, 2));
  expect(shown).toEqual(['many']);
});

test('the next node goes on with what is kept, also where some of it cannot be read', async () => {
  start();
  await told({ demo: { app: 5 } });
  await scheduler?.close();
  const bucket = await new Kvm(jetstream(nats)).open(SCHEDULE_BUCKET);
  await bucket.put('torn', '{"sold":');
  await bucket.put('odd', '{"runs":7}');
  start();
  await told({ demo: { app: 6 }, torn: { app: 1 }, odd: { app: 2 } });
  await vi.waitFor(async () => {
    expect((await kept('demo'))?.sold.app).toBeCloseTo(6, 3);
    expect(await kept('torn')).toMatchObject({ sold: { app: 1 } });
    expect(await kept('odd')).toMatchObject({ sold: { app: 2 } });
  });
});
