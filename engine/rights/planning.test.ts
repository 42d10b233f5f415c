import { beforeEach, describe, expect, it } from 'vitest';
import type { ActorKey, OwnerId } from '../../actors/ids.ts';
import { refuse } from '../../actors/outcomes.ts';
import type { HomeAct } from '../../actors/rights/acts.ts';
import type { LaneId, LaneUp, LifeId } from '../../actors/rights/lane.ts';
import { PLAIN_PLAN, type PoolRule, type SkuPlan } from '../../actors/rights/plan.ts';
import type { PoolId } from '../../actors/rights/pools.ts';
import { QUALIFIED, type StockCommand } from '../../actors/stock/commands.ts';
import type { Change } from '../../actors/stock/stockroom.ts';
import { command, keyOf } from '../../test/support/engine.ts';
import { type Reign, SHARD, World } from '../../test/support/world.ts';
import { NO_PLANS } from '../plans.ts';
import type { Answer } from '../settled.ts';
import type { ShardState } from '../state.ts';
import { RIGHTS_LIMITS } from './limits.ts';
import { Planning } from './planning.ts';

const POINT = 'p';
const LIFE: LifeId = `${POINT}.1`;

let world: World;
let reign: Reign;
let plan: SkuPlan;
let planning: Planning;
/** What the shard said of each act, in order. */
let answers: { readonly act: HomeAct; readonly isDone: boolean }[];
let overloaded: HomeAct['act'] | undefined;
let stocked: StockCommand[];
let lose: ((act: HomeAct) => Promise<void>) | undefined;
/** How often the rules were asked for a plan. */
let looks: number;

beforeEach(async () => {
  world = new World();
  reign = await world.reign('A');
  answers = [];
  looks = 0;
  lose = undefined;
  overloaded = undefined;
  stocked = [];
  plan = PLAIN_PLAN;
  await atHome({ act: 'plan', points: [POINT] });
  planning = new Planning({
    plans: {
      ...NO_PLANS,
      planOf: () => {
        looks++;
        return plan;
      },
    },
    clock: world.clock,
    state: () => reign.shard.state,
    act: atHome,
    stock: async (command) => {
      stocked.push(command);
      return refuse(stocked.length === 1 ? 'overloaded' : 'unknown_sku');
    },
    publish: () => {},
  });
});

async function atHome(act: HomeAct): Promise<unknown> {
  if (act.act === overloaded) return undefined;
  if (lose !== undefined && act.act === 'pool') return lose(act);
  const asked = await reign.ask({ op: 'rights', shard: SHARD, at: 'home', act });
  const answer = asked.answers[0]?.answer as Answer;
  answers.push({ act, isDone: answer.ok });
  return answer.ok ? answer : undefined;
}

/** A point wishes for lanes of these SKUs. */
async function wished(skus: readonly ActorKey[], from: number): Promise<readonly LaneUp[]> {
  const lanes = skus.map((sku, n) => ({
    ...{ id: `${LIFE}#${from + n}` as LaneId, sku, nonce: undefined, got: undefined },
    ...{ back: {}, spent: {}, final: undefined },
  }));
  await atHome({
    act: 'hear',
    up: {
      ...{ to: 'home', point: POINT, life: LIFE, lineage: 1, lanes, log: [] },
      ...{ attach: undefined, ended: undefined },
    },
  });
  return lanes;
}

/** So many SKUs are shared with a point. */
async function shared(skus: number): Promise<readonly ActorKey[]> {
  const keys = Array.from({ length: skus }, (_, i) => keyOf(`sku-${i}`));
  for (let i = 0; i < skus; i += RIGHTS_LIMITS.lanes) {
    await wished(keys.slice(i, i + RIGHTS_LIMITS.lanes), i);
  }
  expect(state().rights.home.bySku.size).toBe(skus);
  return keys;
}

const state = (): ShardState => reign.shard.state;
const planned = (): number => state().rights.home.pools.size;
const refused = (): unknown[] => answers.filter(({ isDone }) => !isDone).map(({ act }) => act.act);

async function stepAll(): Promise<void> {
  for (let i = 0; i < 8; i++) await planning.step(state());
}

/** Some of it was lost. */
const lossOf = (sku: string): Change =>
  ({ key: keyOf(sku), seq: 9, after: [], event: { kind: 'blocked', quality: QUALIFIED } }) as never;

describe('rules of many goods', () => {
  it('reach all of them, also where a plan is long', async () => {
    await shared(130);
    const pools = Array.from({ length: 60 }, (_, i) => ({
      ...{ pool: `stock/promo-of-a-season-${i}` as const, part: { units: 10 } },
      ...{ fromMs: 1_795_514_400_000 + i, untilMs: 1_795_514_500_000 + i },
    }));
    plan = { ...PLAIN_PLAN, pools };
    planning.begin(state());
    await stepAll();
    expect(refused()).toEqual([]);
    expect(planned()).toBe(130);
  });

  it('reach them also where a plan has more windows than a record has room: what holds now, and next', async () => {
    const [sku] = await shared(1);
    const startMs = world.clock.wallMs();
    const WEEK_MS = 60_000;
    const pools = Array.from({ length: 4_000 }, (_, i): PoolRule => {
      const fromMs = startMs + (Math.floor(i / 20) - 100) * WEEK_MS;
      const pool: PoolId = `stock/channel-${i % 20}.${fromMs}`;
      return { pool, part: { percent: 5 }, fromMs, untilMs: fromMs + WEEK_MS };
    });
    plan = { ...PLAIN_PLAN, pools };
    planning.begin(state());
    for (let week = 0; week < 3; week++) {
      await stepAll();
      expect(refused()).toEqual([]);
      const has = state().rights.home.pools.get(sku as ActorKey)?.plan.pools;
      expect(has).toEqual(pools.slice((100 + week) * 20, (102 + week) * 20));
      await world.clock.advance(WEEK_MS);
    }
  });

  it('reach them all the same where the shard had too much to do for a while', async () => {
    await shared(10);
    await reign.ask(command('receive', 'sku-3', { qty: 5 }));
    plan = { ...PLAIN_PLAN, oversell: 7, safety: 2 };
    overloaded = 'pool';
    planning.begin(state());
    await planning.step(state());
    expect([planned(), stocked.length]).toEqual([0, 1]);
    overloaded = undefined;
    await stepAll();
    expect([planned(), stocked.length]).toEqual([10, 2]);
    const before = state().rights.seqOf('home');
    planning.committed(state().rights.home, [lossOf('sku-3')]);
    overloaded = 'window';
    await planning.step(state());
    expect(state().rights.seqOf('home')).toBe(before);
    overloaded = undefined;
    await stepAll();
    expect(state().rights.seqOf('home')).toBe(before + 1);
  });

  it('begin the window of all of them where a promotion begins', async () => {
    const skus = await shared(4_000);
    const fromMs = world.clock.wallMs() + 60_000;
    plan = {
      ...PLAIN_PLAN,
      pools: [{ pool: 'stock/promo', part: { units: 1 }, fromMs, untilMs: 0 }],
    };
    planning.begin(state());
    await stepAll();
    expect(planned()).toBe(4_000);
    await world.clock.advance(60_000);
    answers = [];
    await stepAll();
    expect(refused()).toEqual([]);
    const begun = answers.flatMap(({ act }) => (act.act === 'window' ? act.skus : []));
    expect(begun.sort()).toEqual([...skus].sort());
  });

  it('are looked at a part at a time', async () => {
    await shared(3_000);
    planning.begin(state());
    planning.changed(state(), 'demo' as OwnerId);
    const each: number[] = [];
    while (each.at(-1) !== 0) {
      const before = looks;
      await planning.step(state());
      each.push(looks - before);
    }
    expect(Math.max(...each)).toBeLessThanOrEqual(1_024);
    expect(looks).toBe(3_000);
  });
});

describe('what is shared from now on', () => {
  it('has its plan when it is opened, also while others are being planned', async () => {
    await shared(100);
    plan = { ...PLAIN_PLAN, oversell: 1 };
    planning.begin(state());
    const first = planning.step(state());
    const sku = keyOf('late');
    const lanes = await wished([sku], 1_000);
    expect(await planning.opened(state(), lanes)).toEqual([sku]);
    expect(state().rights.home.pools.has(sku)).toBe(true);
    await first;
  });
});

describe('a shard that is handed over while rules are followed', () => {
  it('has the plans that its predecessor could not commit', async () => {
    await shared(130);
    plan = { ...PLAIN_PLAN, oversell: 1 };
    planning.begin(state());
    // What the first act does is lost with its owner.
    lose = async (act) => {
      lose = undefined;
      state().run({ op: 'rights', shard: SHARD, at: 'home', act }, 0);
      await reign.close();
      reign = await world.reign('B');
      expect(planned()).toBe(0);
      planning.begin(state());
    };
    await stepAll();
    expect(planned()).toBe(130);
  });
});
