import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { type HoldId, type OwnerId, parseActorKey } from '../../actors/ids.ts';
import {
  type HomeAct,
  type HomeName,
  type PointAct,
  SHARED,
  type Told,
} from '../../actors/rights/acts.ts';
import { openLaneOf } from '../../actors/rights/home.ts';
import type { LaneId, LifeId } from '../../actors/rights/lane.ts';
import { stockView } from '../../actors/stock/balances.ts';
import { NO_MORE } from '../../actors/stock/commands.ts';
import { command, keyOf } from '../../test/support/engine.ts';
import { pictureOf, type Reign, SHARD, World } from '../../test/support/world.ts';
import { rightsActBound } from '../bounds.ts';
import { open } from '../record.ts';
import { BatchWriter } from '../record-batch.ts';
import type { Answer } from '../settled.ts';
import { leave } from './burial.ts';

/** One shard that is a home and, beside it, a selling point of that home: both are acts in one journal. */
const HOME: HomeName = 'here.0';
const POINT = 'p';
const OWNER = 'demo' as OwnerId;
const MUG = keyOf('mug');

let world: World;
let reign: Reign;

beforeEach(async () => {
  world = new World();
  reign = await world.reign('A');
  await atHome({ act: 'plan', points: [POINT] });
});

async function answerTo(fields: Parameters<Reign['ask']>[0]): Promise<Answer> {
  return (await reign.ask(fields)).answers[0]?.answer as Answer;
}

/** Whatever is done at home, its record is no longer than was foreseen. */
async function atHome(act: HomeAct): Promise<Answer> {
  const { rights, stockroom } = reign.shard.state;
  const asked = { op: 'rights', shard: SHARD, at: 'home', act } as const;
  const bound = rightsActBound(asked, rights, stockroom);
  const before = await world.journal.last();
  const answer = await answerTo(asked);
  const after = await world.journal.last();
  const body =
    after === undefined || after.seq === before?.seq ? undefined : open(after.bytes).body;
  for (const entry of body?.kind === 'batch' ? body.entries : []) {
    expect(BatchWriter.of([entry]).bytes).toBeLessThanOrEqual(bound);
  }
  return answer;
}
const atPoint = (act: PointAct): Promise<Answer> =>
  answerTo({ op: 'rights', shard: SHARD, at: 'point', point: POINT, act });

const toldOf = (answer: Answer): Told => {
  if (!answer.ok || answer.kind !== 'rights' || answer.told === undefined) {
    throw new Error(`nothing is told: ${JSON.stringify(answer)}`);
  }
  return answer.told;
};

const sell = (order: string, qty: number, ttlMs = 0): Promise<Answer> =>
  atPoint({
    ...{ act: 'sell', owner: OWNER, order: order as HoldId, ttlMs },
    lines: [{ home: HOME, sku: MUG, qty, pools: [SHARED] }],
  });

/** Of one of two SKUs, as if either were where it may be routed to. */
const sellRouted = (order: string, qty: number, ttlMs = 0, sku = MUG): Promise<Answer> =>
  atPoint({
    ...{ act: 'sell', owner: OWNER, order: order as HoldId, ttlMs, routed: { promiseAtMs: 7 } },
    lines: [{ home: HOME, sku, qty, pools: [SHARED] }],
  });

/** All that the point has to say is heard, and answered, until both are at rest. */
async function converse(): Promise<Told | undefined> {
  let last: Told | undefined;
  for (let turn = 0; turn < 4; turn++) {
    const point = reign.shard.state.rights.points.get(HOME);
    const lanes = [...(point?.lanes.keys() ?? [])];
    for (const up of toldOf(await atPoint({ act: 'say', home: HOME, lanes })).ups) {
      last = toldOf(await atHome({ act: 'hear', up }));
      for (const down of last.downs) {
        const { ups } = toldOf(await atPoint({ act: 'hear', home: HOME, down }));
        for (const reply of ups) last = toldOf(await atHome({ act: 'hear', up: reply }));
      }
    }
  }
  return last;
}

async function grant(qty: number): Promise<Told> {
  await atPoint({ act: 'wish', home: HOME, skus: [MUG] });
  await converse();
  const { rights } = reign.shard.state;
  const lane = openLaneOf(rights.home, `${POINT}.${rights.lineage}` as LifeId, MUG);
  if (lane === undefined) throw new Error('there is no lane');
  const grants = [{ lane: lane.id, pool: SHARED, qty }];
  const told = toldOf(await atHome({ act: 'share', grants, keeps: [], tell: [] }));
  for (const down of told.downs) await atPoint({ act: 'hear', home: HOME, down });
  return told;
}

const receive = (qty: number): Promise<unknown> => reign.ask(command('receive', 'mug', { qty }));
const stock = () => stockView(reign.shard.state.stockroom.get(MUG)?.b ?? []);
const hold = (order: string) => reign.shard.state.stockroom.get(MUG)?.holds?.get(order as HoldId);

/** The same shard at another node, from snapshot and journal. */
async function takeOver(everyRecords?: number): Promise<void> {
  await reign.close();
  reign = await world.reign('B', everyRecords);
}

describe('a sale from rights', () => {
  it('comes home as a hold, once, out of what was granted', async () => {
    await receive(100);
    await grant(40);
    expect(stock()).toMatchObject({ available: 60, granted: 40, allocated: 0 });
    expect(await sell('SO-1', 3)).toMatchObject({
      ...{ ok: true, kind: 'sale' },
      sold: { did: 'sell', lines: [{ sku: MUG, qty: 3, left: 37, presale: 0, oversell: 0 }] },
    });
    expect(stock()).toMatchObject({ granted: 40, allocated: 0 });
    await converse();
    expect(stock()).toMatchObject({ available: 60, granted: 37, allocated: 3 });
    expect(hold('SO-1')).toMatchObject({ hard: 3, doc: 'p.1:1' });
    await converse();
    expect(stock()).toMatchObject({ granted: 37, allocated: 3 });
  });

  it('is refused where the point has too little, though home has more', async () => {
    await receive(100);
    await grant(4);
    expect(await sell('SO-1', 5)).toMatchObject({ code: 'insufficient', asked: 5, available: 4 });
  });

  it('set aside for a time is heard of by nobody, and can be sold by others when that is over', async () => {
    await receive(10);
    await grant(4);
    expect(await sell('SO-1', 4, 1_000)).toMatchObject({ sold: { did: 'reserve' } });
    expect(await sell('SO-2', 1)).toMatchObject({ code: 'insufficient', available: 0 });
    await converse();
    expect(stock()).toMatchObject({ granted: 4, allocated: 0 });
    await takeOver();
    await world.clock.advance(1_001);
    expect(await sell('SO-2', 1)).toMatchObject({ ok: true });
  });

  it('set aside is sold once, however often that is asked for, and no more once it is cancelled', async () => {
    await receive(10);
    await grant(4);
    await sell('SO-1', 3, 60_000);
    const order = 'SO-1' as HoldId;
    const harden = (owner = OWNER): Promise<Answer> => atPoint({ act: 'harden', owner, order });
    expect(await harden()).toMatchObject({ sold: { did: 'harden' } });
    expect(await harden()).toMatchObject({ sold: { did: 'harden' } });
    expect(await harden('other' as OwnerId)).toMatchObject({ code: 'unknown_hold' });
    await converse();
    expect(stock()).toMatchObject({ granted: 1, allocated: 3 });
    await atPoint({ act: 'cancel', owner: OWNER, order });
    expect(await harden()).toMatchObject({ code: 'hold_ended' });
  });

  it('is changed by nobody who may not reach all of its warehouses', async () => {
    await receive(10);
    await grant(8);
    await sell('SO-1', 3);
    await sell('SO-2', 1, 60_000);
    await sell('SO-3', 1, 60_000);
    const { warehouse } = parseActorKey(MUG);
    const change = (act: 'cancel' | 'harden' | 'release', order: string, within: string[]) =>
      atPoint({ act, owner: OWNER, order: order as HoldId, within });
    const forbidden = { code: 'forbidden', detail: `warehouse ${warehouse}` };
    for (const [act, order] of [
      ['cancel', 'SO-1'],
      ['harden', 'SO-2'],
      ['release', 'SO-3'],
    ] as const) {
      expect(await change(act, order, ['elsewhere'])).toMatchObject(forbidden);
      expect(await change(act, order, ['elsewhere', warehouse])).toMatchObject({ ok: true });
    }
  });

  it('is cancelled by home', async () => {
    await receive(10);
    await grant(4);
    await sell('SO-1', 3);
    await converse();
    const order = 'SO-1' as HoldId;
    expect(await atPoint({ act: 'cancel', owner: OWNER, order })).toMatchObject({ ok: true });
    expect(await atPoint({ act: 'cancel', owner: 'other' as OwnerId, order })).toMatchObject({
      code: 'unknown_hold',
    });
    await converse();
    expect(stock()).toMatchObject({ available: 9, granted: 1, allocated: 0 });
  });

  it('E6 of an order that is held already gives its rights back, and is flagged', async () => {
    await receive(10);
    await grant(4);
    await reign.ask(command('reserve', 'mug', { qty: 2, hold: 'SO-1' as HoldId }));
    await sell('SO-1', 3);
    const lanes = [...(reign.shard.state.rights.points.get(HOME)?.lanes.keys() ?? [])];
    const [up] = toldOf(await atPoint({ act: 'say', home: HOME, lanes })).ups;
    if (up === undefined) throw new Error('nothing is said');
    expect(toldOf(await atHome({ act: 'hear', up })).doubled).toEqual([`${MUG}\nSO-1`]);
    expect(stock()).toMatchObject({ available: 7, granted: 1, allocated: 2 });
  });
});

describe('an order that was routed', () => {
  const elsewhere = keyOf('mug-elsewhere');
  const order = 'SO-1' as HoldId;
  const known = () => reign.shard.state.rights.routed.of(OWNER, order);
  const act = (what: 'harden' | 'release' | 'cancel') =>
    atPoint({ act: what, owner: OWNER, order });

  it('is known where it went, and sold nowhere else, also by the next owner, and after home has it', async () => {
    await receive(10);
    await grant(4);
    expect(await sellRouted('SO-1', 2)).toMatchObject({ ok: true });
    const sold = { lines: [[HOME, MUG, 2]], promiseAtMs: 7, state: 'sold' };
    expect(known()).toMatchObject(sold);
    await converse();
    await atHome({ act: 'settle', cursors: [['p.1' as LifeId, 1]] });
    await converse();
    expect(reign.shard.state.rights.points.get(HOME)?.log).toEqual([]);
    await takeOver();
    expect(known()).toMatchObject(sold);
    for (const sku of [MUG, elsewhere]) {
      expect(await sellRouted('SO-1', 2, 0, sku)).toMatchObject({ code: 'hold_exists' });
    }
    expect(await sell('SO-1', 1)).toMatchObject({ code: 'hold_exists' });
    expect(await sell('SO-2', 1)).toMatchObject({ ok: true });
  });

  it('set aside may go elsewhere once that has ended, and not once it is sold', async () => {
    await receive(10);
    await grant(4);
    await sellRouted('SO-1', 2, 1_000);
    expect(await sellRouted('SO-1', 2, 0, elsewhere)).toMatchObject({ code: 'hold_exists' });
    await world.clock.advance(1_001);
    expect(await sellRouted('SO-1', 2, 0, elsewhere)).toMatchObject({ code: 'insufficient' });
    await sellRouted('SO-1', 1, 1_000);
    await act('harden');
    await takeOver(1);
    expect(known()).toMatchObject({ state: 'sold', lines: [[HOME, MUG, 1]] });
    await act('cancel');
    await converse();
    expect(known()).toMatchObject({ state: 'cancelled' });
    expect(await sellRouted('SO-1', 1)).toMatchObject({ code: 'hold_exists' });
  });

  it('is remembered as long as homes remember', async () => {
    await receive(10);
    await grant(4);
    await sellRouted('SO-1', 1);
    await world.clock.advance(3 * 24 * 3_600_000);
    await sellRouted('SO-2', 1);
    expect(known()).toBeUndefined();
  });
});

describe('a SKU with thousands of holds', () => {
  it('takes sales and cancels that come home with what its point gives back', async () => {
    await receive(6_000);
    for (let i = 0; i < 3_000; i++) {
      reign.send(command('reserve', 'mug', { qty: 1, hold: `H-${i}` as HoldId }));
    }
    await grant(10);
    await sell('SO-1', 2);
    await sell('SO-2', 1);
    await atPoint({ act: 'cancel', owner: OWNER, order: 'SO-1' as HoldId });
    await converse();
    expect(hold('SO-2')).toMatchObject({ hard: 1 });
    expect(hold('SO-1')).toEqual({ ended: 'cancelled' });
    expect(stock()).toMatchObject({ granted: 7, allocated: 3_001 });
  });
});

describe('S7 a loss beyond what is free', () => {
  it('puts rights at risk before holds, and a sale of them waits', async () => {
    await receive(10);
    await grant(6);
    await sell('SO-1', 5);
    const lost = { delta: -7, reason: 'fire' } as const;
    await reign.ask(command('adjust', 'mug', lost));
    expect(stock()).toMatchObject({ onHand: 3, available: 0, granted: 3, waiting: 3 });
    await converse();
    expect(hold('SO-1')).toMatchObject({ hard: 5, waiting: 2 });
    expect(stock()).toMatchObject({ granted: 0, allocated: 3, waiting: 3 });
    await receive(2);
    expect(hold('SO-1')).toMatchObject({ waiting: 0 });
  });
});

describe('E4 a life that is buried', () => {
  it('gives its rights up at a booked risk; what it sold comes home late', async () => {
    await receive(10);
    await grant(6);
    await sell('SO-1', 2);
    const buried = await atHome({ act: 'bury', life: 'p.1' as LifeId, more: 0, most: 9 });
    expect(toldOf(buried)).toMatchObject({ booked: 6 });
    expect(stock()).toMatchObject({ available: 10, granted: 0 });
    expect((await converse())?.late).toBe(0);
    expect(reign.shard.state.rights.home.lives.get('p.1' as LifeId)).toMatchObject({
      ...{ state: 'ended', booked: 6, late: 2 }, // it heard that it was over
    });
    expect(stock()).toMatchObject({ available: 8, allocated: 2 });
    expect(await sell('SO-2', 1)).toMatchObject({ code: 'moved' });
    const order = 'SO-3' as HoldId;
    expect(await atPoint({ act: 'harden', owner: OWNER, order })).toMatchObject({
      code: 'unknown_hold',
    });
  });
});

describe('E5 a home that lost the end of its journal', () => {
  it('sells nothing by itself before its points have said what they have', async () => {
    await receive(10);
    await grant(6);
    await reign.close();
    world.lineage = 2;
    reign = await world.reign('B');
    const refused = await answerTo(command('reserve', 'mug', { qty: 1, hold: 'X' as HoldId }));
    expect(refused).toMatchObject({ code: 'awaits_points' });
    expect(reign.shard.state.rights.isWaiting).toBe(true);
    // Home and point share a journal here, so the point began a new life with it; the old one has to be buried.
    await atPoint({ act: 'wish', home: HOME, skus: [MUG] });
    await converse();
    expect([...reign.shard.state.rights.home.waiting]).toEqual(['p.1']);
    await atHome({ act: 'bury', life: 'p.1' as LifeId, more: 0, most: 9 });
    const done = await answerTo(command('reserve', 'mug', { qty: 10, hold: 'X' as HoldId }));
    expect(done).toMatchObject({ ok: true });
  });

  it('waits for points too of which it had heard only in what was lost', async () => {
    await reign.close();
    world.lineage = 2;
    world.sellingPoints = ['late'];
    reign = await world.reign('B');
    expect([...reign.shard.state.rights.home.waiting]).toContain('late');
    const refused = await answerTo(command('reserve', 'mug', { qty: 1, hold: 'X' as HoldId }));
    expect(refused).toMatchObject({ code: 'awaits_points' });
  });
});

describe('a point that is gone for good', () => {
  it('is waited for no more by a restored home; what it had is booked as a risk', async () => {
    await receive(10);
    await grant(6);
    await reign.close();
    world.lineage = 2;
    world.sellingPoints = ['late'];
    reign = await world.reign('B');
    const { home } = reign.shard.state.rights;
    expect([...home.waiting].sort()).toEqual(['late', 'p', 'p.1']);
    expect(await leave(atHome, home, 'late', 2)).toEqual({ booked: 0, lanesLeft: 0 });
    expect([...home.waiting].sort()).toEqual(['p', 'p.1']);
    expect(await leave(atHome, home, POINT, 1)).toEqual({ booked: 6, lanesLeft: 0 });
    expect([home.waiting.size, [...home.points]]).toEqual([0, []]);
    expect(stock()).toMatchObject({ available: 10, granted: 0 });
    expect(await leave(atHome, home, POINT, 1)).toEqual({ booked: 0, lanesLeft: 0 });
    expect(await leave(atHome, home, 'mars', 1)).toBeUndefined();
    await takeOver();
    expect(reign.shard.state.rights.isWaiting).toBe(false);
  });
});

const waiting = (hold: string, qty: number) => ({
  ...{ hold: hold as HoldId, qty },
  more: { ...NO_MORE, backorder: true },
});

describe('a home where thousands wait', () => {
  it('still hears what comes back: no more are served than there are units', async () => {
    await receive(10);
    await grant(4);
    const name = (i: number): string => `${'w'.repeat(100)}${i}`;
    const all = Array.from({ length: 4_000 }, (_, i) =>
      command('reserve', 'mug', waiting(name(i), 1)),
    );
    for (const one of all) await reign.ask(one);
    expect(stock()).toMatchObject({ waiting: 3_994 });
    const lane = [...(reign.shard.state.rights.points.get(HOME)?.lanes.keys() ?? [])][0] as LaneId;
    await atPoint({ act: 'give', home: HOME, back: [{ lane, pool: SHARED, qty: 2 }] });
    await converse();
    expect(stock()).toMatchObject({ waiting: 3_992, granted: 2 });
  });
});

/** One step of a history, chosen by small numbers. */
async function step(kind: number, n: number): Promise<void> {
  const order = `o${n}`;
  const { rights } = reign.shard.state;
  const point = rights.points.get(HOME);
  const lanes = [...(point?.lanes.keys() ?? [])];
  const lane = lanes.at(-1);
  const acts: (() => Promise<unknown>)[] = [
    () => receive(1 + (n % 9)),
    () => grant(1 + (n % 5)).catch(() => undefined),
    () => sell(order, 1 + (n % 3)),
    () => sell(order, 1 + (n % 2), 5 + n),
    () => sellRouted(order, 1 + (n % 2), n % 3 === 0 ? 5 + n : 0),
    () => atPoint({ act: 'harden', owner: OWNER, order: order as HoldId }),
    () => atPoint({ act: 'release', owner: OWNER, order: order as HoldId }),
    () => atPoint({ act: 'cancel', owner: OWNER, order: order as HoldId }),
    () => converse(),
    () =>
      atPoint({
        ...{ act: 'give', home: HOME },
        back: lane === undefined ? [] : [{ lane, pool: SHARED, qty: 1 + (n % 4) }],
      }),
    () => atPoint({ act: 'close', home: HOME, skus: [MUG] }),
    () => atPoint({ act: 'sendOn', owner: OWNER, order: order as HoldId, to: n % 3 ? 'q' : '' }),
    () => reign.ask(command('adjust', 'mug', { delta: -1 - (n % 6), reason: 'loss' })),
    () => reign.ask(command('reserve', 'mug', { qty: 1 + (n % 3), hold: order as HoldId })),
    () => reign.ask(command('cancel', 'mug', { hold: order as HoldId })),
    () => reign.ask(command('reserve', 'mug', waiting(`w${n}`, 1 + (n % 3)))),
    () => atHome({ act: 'bury', life: 'p.1' as LifeId, more: 0, most: 1 + (n % 2) }),
    () => world.clock.advance(1 + n),
    () => atHome({ act: 'settle', cursors: [['p.1', n]] }),
  ];
  await acts[kind % acts.length]?.();
}

describe('what a shard knows of rights', () => {
  it('is the same at the next owner, from the journal and from any snapshot', async () => {
    const steps = fc.array(fc.tuple(fc.nat(18), fc.nat(12)), { minLength: 5, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 2, max: 20 }), async (history, everyRecords) => {
        world = new World();
        reign = await world.reign('A', everyRecords);
        await atHome({ act: 'plan', points: [POINT] });
        for (const [kind, n] of history) await step(kind, n);
        const before = pictureOf(reign.shard.state);
        await takeOver(everyRecords);
        expect(pictureOf(reign.shard.state)).toEqual(before);
        await reign.close();
        world.snapshots = new (Object.getPrototypeOf(world.snapshots).constructor)();
      }),
      { numRuns: 60 },
    );
  });
});
