import type { OwnerId } from '../../../actors/ids.ts';
import { SHARED } from '../../../actors/rights/acts.ts';
import type { PoolRule, SkuPlan } from '../../../actors/rights/plan.ts';
import { PLAIN_PLAN } from '../../../actors/rights/plan.ts';
import type { PoolId } from '../../../actors/rights/pools.ts';
import type { SalesPlans } from '../../../engine/plans.ts';
import { EPOCH_MS } from '../world.ts';
import { OWNER } from './oracle.ts';

/** No more is ever sold with nothing behind it, of one SKU in one warehouse. */
export const MOST_OVERSOLD = 3;
export const CHANNELS = ['app', 'pc', ''] as const;
export type Channel = (typeof CHANNELS)[number];

interface Rules {
  readonly plan: SkuPlan;
  readonly pools: Readonly<Record<Channel, readonly PoolId[]>>;
}

const always = { fromMs: 0, untilMs: 0 } as const;
const percent = (pool: PoolId, part: number): PoolRule => ({
  ...{ pool, part: { percent: part }, ...always },
});
const planOf = (pools: readonly PoolRule[], more: Partial<SkuPlan> = {}): SkuPlan => ({
  ...{ pools, presale: 0, oversell: 0, safety: undefined, ...more },
});
const [APP, PC, SALE]: readonly [PoolId, PoolId, PoolId] = ['stock/app', 'stock/pc', 'stock/sale'];
const [COMING, NOTHING]: readonly [PoolId, PoolId] = ['presale/shared', 'oversell/shared'];

/** Rules that an owner may have; a run changes between them, in each region at another time. */
export const RULEBOOK: readonly Rules[] = [
  { plan: PLAIN_PLAN, pools: { app: [SHARED], pc: [SHARED], '': [SHARED] } },
  {
    plan: planOf([percent(APP, 50), percent(PC, 30)]),
    pools: { app: [APP, SHARED], pc: [PC], '': [SHARED] },
  },
  {
    plan: planOf([
      {
        ...{ pool: SALE, part: { units: 8 } },
        ...{ fromMs: EPOCH_MS + 2_000, untilMs: EPOCH_MS + 9_000 },
      },
    ]),
    pools: { app: [SALE, SHARED], pc: [SHARED], '': [SHARED] },
  },
  {
    plan: planOf([percent(COMING, 100), { pool: NOTHING, part: { units: 1_000 }, ...always }], {
      presale: 1_000,
      oversell: MOST_OVERSOLD,
    }),
    pools: { app: [SHARED, COMING, NOTHING], pc: [COMING, SHARED], '': [SHARED] },
  },
  {
    plan: planOf([percent(APP, 40), percent('presale/app', 50), percent(COMING, 50)], {
      presale: 6,
      safety: 2,
    }),
    pools: { app: [APP, SHARED, 'presale/app'], pc: [SHARED, COMING], '': [SHARED] },
  },
];

/** What the nodes of one region know of the rules. */
export class Rulebook implements SalesPlans {
  readonly #changed = new Set<(owner: OwnerId) => void>();
  #rules = RULEBOOK[0] as Rules;

  /** They are these from now on. */
  turn(to: number): void {
    this.#rules = RULEBOOK[to % RULEBOOK.length] as Rules;
    for (const changed of this.#changed) changed(OWNER as OwnerId);
  }

  planOf(): SkuPlan {
    return this.#rules.plan;
  }

  poolsOf(_owner: OwnerId, channel: string | undefined): readonly PoolId[] {
    return this.#rules.pools[(channel ?? '') as Channel];
  }

  channelsOf(): readonly string[] {
    return CHANNELS;
  }

  onChange(changed: (owner: OwnerId) => void): () => void {
    this.#changed.add(changed);
    return () => void this.#changed.delete(changed);
  }
}
