import { type ActorKey, parseActorKey } from '../../actors/ids.ts';
import type { ChannelId } from '../../actors/rights/plan.ts';
import { type PoolId, unitsIn } from '../../actors/rights/pools.ts';
import type { Clock } from '../clock.ts';
import type { SalesPlans } from '../plans.ts';
import type { ShardState } from '../state.ts';
import { levelsNow } from './pooled.ts';

/** What of a SKU in one warehouse can be sold, by pool and by channel: all of one moment. */
export interface PoolsView {
  readonly owner: string;
  readonly sku: string;
  readonly warehouse: string;
  /** Events of the actor so far. */
  readonly seq: number;
  /** Of goods on hand, base units: the sum of their pools. Sales that have not come home are still in it. */
  readonly available: number;
  readonly pools: Readonly<Record<PoolId, number>>;
  /** What each channel may sell: the sum of its pools, shared ones in full. */
  readonly channels: Readonly<Record<ChannelId, number>>;
  /** Epoch ms. */
  readonly atMs: number;
}

/** Changes that come close together are published together, ms. */
const PUBLISH_MS = 50;

/** Tells what channels may sell of SKUs that are shared, whenever it changes. The last value is never left out. */
export class PoolFeed {
  readonly #clock: Clock;
  readonly #plans: SalesPlans;
  readonly #publish: (view: PoolsView) => void;
  readonly #marked = new Set<ActorKey>();
  #cancel: (() => void) | undefined;

  /** The shard, while it is served here. */
  readonly #state: () => ShardState | undefined;

  constructor(
    clock: Clock,
    plans: SalesPlans,
    state: () => ShardState | undefined,
    publish: (view: PoolsView) => void,
  ) {
    this.#state = state;
    this.#clock = clock;
    this.#plans = plans;
    this.#publish = publish;
  }

  close(): void {
    this.#cancel?.();
    this.#marked.clear();
  }

  changed(sku: ActorKey): void {
    this.#marked.add(sku);
    this.#cancel ??= this.#clock.after(PUBLISH_MS, () => {
      this.#cancel = undefined;
      const skus = [...this.#marked];
      this.#marked.clear();
      for (const one of skus) {
        const view = this.view(one);
        if (view !== undefined) this.#publish(view);
      }
    });
  }

  /** Undefined where nothing is known of the SKU, or another node serves the shard. */
  view(key: ActorKey): PoolsView | undefined {
    const state = this.#state();
    const actor = state?.stockroom.get(key);
    if (state === undefined || actor === undefined) return undefined;
    const { owner, sku, warehouse } = parseActorKey(key);
    const atMs = this.#clock.wallMs();
    const inForce = state.rights.home.pools.get(key)?.plan;
    const plan = inForce ?? this.#plans.planOf(owner, sku, warehouse);
    const pools: Record<PoolId, number> = {};
    let available = 0;
    for (const { pool, units } of levelsNow(state, key, atMs, plan)) {
      pools[pool] = units;
      if (pool.startsWith('stock/')) available += units;
    }
    const channels: Record<ChannelId, number> = {};
    for (const channel of this.#plans.channelsOf(owner)) {
      const its = new Set(this.#plans.poolsOf(owner, channel, sku, warehouse, atMs));
      channels[channel] = [...its].reduce((sum, pool) => sum + unitsIn(pools, pool), 0);
    }
    return { owner, sku, warehouse, seq: actor.seq, available, pools, channels, atMs };
  }
}
