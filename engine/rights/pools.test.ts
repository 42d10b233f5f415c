import { beforeEach, describe, expect, it } from 'vitest';
import type { HoldId, OwnerId } from '../../actors/ids.ts';
import {
  type HomeAct,
  type HomeName,
  type PointAct,
  SHARED,
  type Told,
} from '../../actors/rights/acts.ts';
import { openLaneOf } from '../../actors/rights/home.ts';
import type { LaneId, LifeId } from '../../actors/rights/lane.ts';
import type { PoolRule, SkuPlan } from '../../actors/rights/plan.ts';
import type { Cells, PoolId } from '../../actors/rights/pools.ts';
import { stockView } from '../../actors/stock/balances.ts';
import { NO_MORE } from '../../actors/stock/commands.ts';
import type { StockState } from '../../actors/stock/state.ts';
import { command, keyOf } from '../../test/support/engine.ts';
import { pictureOf, type Reign, SHARD, World } from '../../test/support/world.ts';
import type { Answer } from '../settled.ts';
import { levelsNow } from './pooled.ts';
import { noSharing, Sharer } from './sharer.ts';

/** One shard that is a home and, beside it, a selling point of that home. */
const HOME: HomeName = 'here.0';
const POINT = 'p';
const OWNER = 'demo' as OwnerId;
const MUG = keyOf('mug');
const [APP, PC, MARKET, PROMO]: readonly [PoolId, PoolId, PoolId, PoolId] = [
  ...(['stock/app', 'stock/pc', 'stock/market', 'stock/promo-noon'] as const),
];
const COMING: PoolId = 'presale/shared';
const NOTHING: PoolId = 'oversell/shared';

let world: World;
let reign: Reign;
let lane: LaneId;

beforeEach(async () => {
  world = new World();
  reign = await world.reign('A');
  await atHome({ act: 'plan', points: [POINT] });
  await reign.ask(command('announce', 'mug', { qty: 1 }));
  await reign.ask(command('withdraw', 'mug', { qty: 1 }));
  await atPoint({ act: 'wish', home: HOME, skus: [MUG] });
  await converse();
  const { home } = reign.shard.state.rights;
  lane = openLaneOf(home, `${POINT}.1` as LifeId, MUG)?.id as LaneId;
});

async function answerTo(fields: Parameters<Reign['ask']>[0]): Promise<Answer> {
  return (await reign.ask(fields)).answers[0]?.answer as Answer;
}
const atHome = (act: HomeAct): Promise<Answer> =>
  answerTo({ op: 'rights', shard: SHARD, at: 'home', act });
const atPoint = (act: PointAct): Promise<Answer> =>
  answerTo({ op: 'rights', shard: SHARD, at: 'point', point: POINT, act });

const toldOf = (answer: Answer): Told => {
  if (answer.ok && answer.kind === 'rights' && answer.told !== undefined) return answer.told;
  throw new Error(`nothing is told: ${JSON.stringify(answer)}`);
};

async function converse(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) {
    const lanes = [...(reign.shard.state.rights.points.get(HOME)?.lanes.keys() ?? [])];
    for (const up of toldOf(await atPoint({ act: 'say', home: HOME, lanes })).ups) {
      for (const down of toldOf(await atHome({ act: 'hear', up })).downs) {
        await atPoint({ act: 'hear', home: HOME, down });
      }
    }
  }
}

const planned = (plan: SkuPlan): Promise<Answer> => atHome({ act: 'pool', plans: [[MUG, plan]] });
const planOf = (pools: readonly PoolRule[], more: Partial<SkuPlan> = {}): SkuPlan => ({
  ...{ pools, presale: 0, oversell: 0, safety: undefined, ...more },
});
const percent = (pool: PoolId, part: number): PoolRule => ({
  ...{ pool, part: { percent: part }, fromMs: 0, untilMs: 0 },
});

/** What the point got of it. */
async function grant(pool: PoolId, qty: number): Promise<number> {
  const before = got(pool);
  const { downs } = toldOf(
    await atHome({ act: 'share', grants: [{ lane, pool, qty }], keeps: [], tell: [lane] }),
  );
  for (const down of downs) await atPoint({ act: 'hear', home: HOME, down });
  return got(pool) - before;
}
const got = (pool: PoolId): number =>
  reign.shard.state.rights.points.get(HOME)?.lanes.get(lane)?.got[pool] ?? 0;

const sell = (order: string, qty: number, pools: readonly PoolId[], ttlMs = 0): Promise<Answer> =>
  atPoint({
    ...{ act: 'sell', owner: OWNER, order: order as HoldId, ttlMs },
    lines: [{ home: HOME, sku: MUG, qty, pools }],
  });

const levels = (): Record<string, number> =>
  Object.fromEntries(
    levelsNow(reign.shard.state, MUG, world.clock.wallMs()).map(({ pool, units }) => [pool, units]),
  );
const actor = (): StockState => reign.shard.state.stockroom.get(MUG) as StockState;
const stock = () => stockView(actor().b);
const hold = (order: string) => actor().holds?.get(order as HoldId);
const stockStep = (op: Parameters<typeof command>[0], more: object): Promise<unknown> =>
  reign.ask(command(op, 'mug', more as never));

/** What home would ask back, by the labels that the point is to keep. */
function recalled(): Cells {
  const sharer = new Sharer(
    HOME,
    world.clock,
    () => 0,
    () => true,
  );
  const into = noSharing();
  sharer.recall(reign.shard.state, MUG, into);
  return Object.assign({}, ...into.keeps.map(({ keep }) => keep));
}

describe('channels with parts in percent', () => {
  it('have what is left of their parts, and their parts of what a loss leaves', async () => {
    await stockStep('receive', { qty: 100 });
    await planned(planOf([percent(APP, 50), percent(PC, 30), percent(MARKET, 20)]));
    expect(levels()).toEqual({ [APP]: 50, [PC]: 30, [MARKET]: 20, [SHARED]: 0 });
    expect(await grant(APP, 60)).toBe(50);
    expect(await grant(SHARED, 1)).toBe(0);
    expect(await grant(PC, 10)).toBe(10);
    expect(await grant(MARKET, 5)).toBe(5);
    await sell('A', 10, [APP]);
    await sell('B', 5, [PC]);
    await sell('C', 5, [MARKET]);
    await converse();
    expect(levels()).toEqual({ [APP]: 40, [PC]: 25, [MARKET]: 15, [SHARED]: 0 });
    await stockStep('adjust', { delta: -10, reason: 'count' });
    await atHome({ act: 'window', skus: [MUG] });
    // The app has 40 at its point: what is beyond its part is asked back, and then it has it no more.
    expect(levels()).toMatchObject({ [APP]: 40 });
    await atPoint({ act: 'give', home: HOME, back: [{ lane, pool: APP, qty: 5 }] });
    await converse();
    expect(levels()).toEqual({ [APP]: 35, [PC]: 21, [MARKET]: 14, [SHARED]: 0 });
    expect(stock().available + stock().granted).toBe(70);
  });

  it('draw from their own pool first, then from the shared one where they may', async () => {
    await stockStep('receive', { qty: 10 });
    await planned(planOf([percent(APP, 40)]));
    await grant(APP, 4);
    await grant(SHARED, 6);
    expect(await sell('A', 5, [APP])).toMatchObject({ code: 'insufficient', available: 4 });
    expect(await sell('A', 6, [APP, SHARED])).toMatchObject({ ok: true });
    await converse();
    expect(levels()).toEqual({ [APP]: 0, [SHARED]: 4 });
    expect(hold('A')).toMatchObject({ hard: 6, waiting: 0 });
  });
});

describe('pools whose units lie elsewhere', () => {
  it('have them back where all of it lies with points as shared', async () => {
    await stockStep('receive', { qty: 100 });
    await grant(SHARED, 100);
    await planned(planOf([percent(APP, 50), percent(PC, 30), percent(MARKET, 20)]));
    expect(recalled()).toEqual({ [SHARED]: 0 });
    await atPoint({ act: 'give', home: HOME, back: [{ lane, pool: SHARED, qty: 100 }] });
    await converse();
    expect(levels()).toEqual({ [APP]: 50, [PC]: 30, [MARKET]: 20, [SHARED]: 0 });
  });

  it('have them back where all of it lies with points as another pool’s', async () => {
    await stockStep('receive', { qty: 100 });
    await planned(planOf([percent(APP, 100)]));
    await grant(APP, 100);
    await planned(planOf([percent(APP, 50), percent(PC, 50)]));
    expect(recalled()).toEqual({ [APP]: 50 });
  });
});

describe('wishes about one lane', () => {
  it('are told together, of each label the least that may be kept', async () => {
    await stockStep('receive', { qty: 10 });
    await planned(planOf([percent(APP, 50)]));
    await grant(APP, 5);
    await grant(SHARED, 5);
    const keeps = [{ [APP]: 3 }, { [SHARED]: 4 }, { [APP]: 2 }, { [APP]: 5 }];
    const { downs } = toldOf(
      await atHome({
        ...{ act: 'share', grants: [], tell: [] },
        keeps: keeps.map((keep) => ({ lane, keep })),
      }),
    );
    expect(downs[0]?.lanes[0]?.keep).toEqual({ [APP]: 2, [SHARED]: 4 });
  });
});

describe('a promotion of 30 of 100 until noon', () => {
  const HOUR_MS = 3_600_000;

  it('gives back what it has not sold at noon, and what was set aside before stays', async () => {
    const from = world.clock.wallMs() + HOUR_MS;
    const noon = from + 2 * HOUR_MS;
    await stockStep('receive', { qty: 100 });
    const part = { units: 30 };
    await planned(planOf([{ pool: PROMO, part, fromMs: from, untilMs: noon }]));
    expect(levels()).toEqual({ [SHARED]: 100 });
    expect(await grant(PROMO, 1)).toBe(0);
    await world.clock.advance(HOUR_MS);
    expect(levels()).toEqual({ [PROMO]: 30, [SHARED]: 70 });
    expect(await grant(PROMO, 40)).toBe(30);
    await sell('A', 12, [PROMO, SHARED]);
    await sell('B', 4, [PROMO], 3 * HOUR_MS);
    await converse();
    expect(levels()).toEqual({ [PROMO]: 18, [SHARED]: 70 });
    await world.clock.advance(2 * HOUR_MS);
    expect(levels()).toEqual({ [SHARED]: 88 });
    // Where they lie, they are sold as shared ones are; those set aside are sold to whom they were.
    expect(await sell('C', 15, [SHARED, PROMO])).toMatchObject({ code: 'insufficient' });
    expect(await sell('C', 14, [SHARED, PROMO])).toMatchObject({ ok: true });
    expect(await atPoint({ act: 'harden', owner: OWNER, order: 'B' as HoldId })).toMatchObject({
      ok: true,
    });
    await converse();
    expect(hold('B')).toMatchObject({ hard: 4, waiting: 0 });
    expect(levels()).toEqual({ [SHARED]: 70 });
  });
});

describe('a pre-sale', () => {
  const plan = planOf([percent(COMING, 100)], { presale: 30 });

  it('sells what is on its way, no more than it may, and the receipt is for those who were promised it', async () => {
    await stockStep('announce', { qty: 40 });
    await planned(plan);
    expect(levels()).toEqual({ [SHARED]: 0, [COMING]: 30 });
    expect(await grant(COMING, 40)).toBe(30);
    expect(await sell('A', 12, [SHARED, COMING])).toMatchObject({
      sold: { lines: [{ qty: 12, left: 18, presale: 12, oversell: 0 }] },
    });
    await converse();
    expect(stock()).toMatchObject({ waiting: 30, allocated: 0, inTransit: 40 });
    expect(hold('A')).toMatchObject({ hard: 12, waiting: 12, presale: 12 });
    await stockStep('receive', { qty: 25, more: arrived(25) });
    // Twelve are for A, thirteen behind rights that are out: those are sold from the shelf.
    expect(stock()).toMatchObject({ allocated: 12, granted: 13, available: 0, inTransit: 15 });
    await sell('B', 15, [COMING]);
    await converse();
    expect(hold('B')).toMatchObject({ hard: 15, waiting: 2, presale: 2 });
    await stockStep('withdraw', { qty: 15 });
    expect(hold('B')).toMatchObject({ waiting: 2, presale: 0 });
    await stockStep('receive', { qty: 5 });
    expect(hold('B')).toMatchObject({ waiting: 0 });
  });

  it('never takes what other channels have on the shelf', async () => {
    await stockStep('receive', { qty: 10 });
    await stockStep('announce', { qty: 10 });
    await planned(planOf([percent(PC, 100), percent(COMING, 100)], { presale: 30 }));
    await grant(COMING, 10);
    await sell('A', 10, [COMING]);
    await converse();
    expect(levels()).toEqual({ [PC]: 10, [SHARED]: 0, [COMING]: 0 });
    expect(stock()).toMatchObject({ available: 10, allocated: 0, waiting: 10 });
  });
});

describe('rights of goods in transit and of none', () => {
  const open = planOf([percent(COMING, 100), percent(NOTHING, 100)], { presale: 30, oversell: 5 });

  it('stay where a loss takes goods from under others: those come back', async () => {
    await stockStep('receive', { qty: 10 });
    await stockStep('announce', { qty: 10 });
    await planned(open);
    await grant(SHARED, 10);
    await grant(COMING, 5);
    await grant(NOTHING, 5);
    await stockStep('adjust', { delta: -4, reason: 'count' });
    expect(recalled()).toEqual({ [SHARED]: 6 });
    await stockStep('withdraw', { qty: 8 });
    expect(recalled()).toEqual({ [SHARED]: 6, [COMING]: 2 });
  });

  it('are granted bit by bit, as far as the rules let any be promised', async () => {
    await stockStep('announce', { qty: 40 });
    await planned(open);
    expect(await grant(COMING, 20)).toBe(20);
    expect(await grant(COMING, 20)).toBe(10);
    expect(await grant(NOTHING, 3)).toBe(3);
    expect(await grant(NOTHING, 3)).toBe(2);
  });

  it('come back where the rules close what they are of, also when their goods have come', async () => {
    await stockStep('announce', { qty: 40 });
    await planned(open);
    await grant(COMING, 20);
    await grant(NOTHING, 5);
    expect(recalled()).toEqual({});
    await planned(planOf([]));
    expect(recalled()).toEqual({ [COMING]: 0, [NOTHING]: 0 });
    await stockStep('receive', { qty: 20, more: arrived(20) });
    expect(stock()).toMatchObject({ granted: 20, available: 0 });
    await yieldAll();
    expect(stock()).toMatchObject({ granted: 0, available: 20 });
    expect(recalled()).toEqual({});
  });

  it('come back as far as the rules let less be promised than when they were granted', async () => {
    await stockStep('announce', { qty: 40 });
    await planned(open);
    await grant(COMING, 20);
    await sell('A', 4, [COMING]);
    await converse();
    await planned(planOf([percent(COMING, 100)], { presale: 10 }));
    expect(recalled()).toEqual({ [COMING]: 6 });
  });

  /** The point gives back what it was asked for. */
  async function yieldAll(): Promise<void> {
    for (const [pool, keep] of Object.entries(recalled()) as [PoolId, number][]) {
      const back = [{ lane, pool, qty: got(pool) - keep }];
      await atPoint({ act: 'give', home: HOME, back });
    }
    await converse();
  }
});

describe('an oversell', () => {
  it('has a cap, and whatever comes is for those who wait', async () => {
    await stockStep('receive', { qty: 2 });
    await planned(
      planOf([{ pool: NOTHING, part: { units: 5 }, fromMs: 0, untilMs: 0 }], { oversell: 5 }),
    );
    await grant(SHARED, 2);
    expect(await grant(NOTHING, 9)).toBe(5);
    expect(await sell('A', 6, [SHARED, NOTHING])).toMatchObject({
      sold: { lines: [{ left: 1, presale: 0, oversell: 4 }] },
    });
    await converse();
    expect(hold('A')).toMatchObject({ hard: 6, waiting: 4 });
    expect(await grant(NOTHING, 9)).toBe(0);
    await stockStep('receive', { qty: 3 });
    expect(hold('A')).toMatchObject({ waiting: 1 });
  });
});

describe('C3 pools', () => {
  it('are the same from a snapshot and from the journal', async () => {
    await stockStep('receive', { qty: 50 });
    await stockStep('announce', { qty: 50 });
    const fromMs = world.clock.wallMs();
    const promo = { pool: PROMO, part: { units: 9 }, fromMs, untilMs: fromMs + 60_000 };
    await planned(planOf([promo, percent(APP, 50), percent(COMING, 100)], { presale: 9 }));
    await grant(PROMO, 4);
    await grant(APP, 20);
    await grant(COMING, 7);
    await sell('A', 27, [PROMO, APP, COMING]);
    await converse();
    await atHome({ act: 'window', skus: [MUG] });
    expect(levels()).toMatchObject({ [PROMO]: 5 });
    const was = pictureOf(reign.shard.state);
    const before = levels();
    for (const every of [undefined, 3]) {
      await reign.close();
      reign = await world.reign('B', every);
      expect(pictureOf(reign.shard.state)).toEqual(was);
      expect(levels()).toEqual(before);
    }
  });
});

const arrived = (units: number) => ({ ...NO_MORE, arrived: units });
