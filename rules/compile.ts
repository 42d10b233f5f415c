import type { SkuId, WarehouseId } from '../actors/ids.ts';
import type { ChannelId, SkuPlan } from '../actors/rights/plan.ts';
import type { PoolId } from '../actors/rights/pools.ts';
import { type Facts, type Goods, GoodsCompiler, openTo } from './goods.ts';
import { type RankedRules, rank } from './ranked.ts';
import type { Channel, Routing, Rules, Scope, Warehouse } from './schema.ts';
import { isServed } from './scope.ts';
import { type Settled, type Settlement, settle } from './settle.ts';
import { isWithin } from './spans.ts';

export type { Facts } from './goods.ts';

/** What the rules of one owner come to. It does not change: other rules, or other facts, give another plan. */
export interface Plan {
  /** The same for the same rules and facts: of the document's heads. */
  readonly version: string;
  readonly channels: Readonly<Record<ChannelId, Channel>>;
  readonly warehouses: Readonly<Record<string, Warehouse>>;
  readonly routing: Routing;
  readonly areas: Rules['areas'];
  /** What was invalid, and how it was settled. */
  readonly settled: readonly Settlement[];
  /**
   * How the goods of a SKU in a warehouse are sold. Windows are in it; it is the same at any time. Only a shared pool
   * may stand in it more than once, and never twice at a time.
   */
  planOf(sku: SkuId, warehouse: WarehouseId): SkuPlan;
  /**
   * The pools from which an order is filled, in turn: promotions, its channel's own, the shared one, pre-sale, oversell. Undefined is
   * an order without channel; a channel that the rules do not know has no pools.
   */
  poolsOf(
    channel: ChannelId | undefined,
    sku: SkuId,
    warehouse: WarehouseId,
    nowMs: number,
  ): readonly PoolId[];
}

export const NO_FACTS: Facts = { sales: {} };

/** Settled rules with what is known beside them: all that a plan is made of, as plain values. */
export interface Standing extends Settled {
  readonly facts: Facts;
  readonly version: string;
}

/** Settles a document, whatever is in it. */
export const standingOf = (document: unknown, facts: Facts = NO_FACTS, version = ''): Standing => ({
  ...settle(document),
  facts,
  version,
});

/** Makes the plan of rules. Pure: the same everywhere. */
export const planOf = ({ rules, settled, facts, version }: Standing): Plan =>
  new CompiledPlan(rules, settled, facts, version);

/** The plan of any document. */
export const compile = (document: unknown, facts: Facts = NO_FACTS, version = ''): Plan =>
  planOf(standingOf(document, facts, version));

class CompiledPlan implements Plan {
  readonly version: string;
  readonly settled: readonly Settlement[];
  readonly #rules: Rules;
  readonly #ranked: RankedRules;
  readonly #facts: Facts;
  /** SKUs that some rule names. All others are sold alike. */
  readonly #named: ReadonlySet<string>;
  /** By warehouse and SKU. Those that no rule names are one each, so that no more are kept than rules name, whatever is asked for. */
  readonly #goods = new Map<string, Map<string, Goods>>();

  constructor(rules: Rules, settled: readonly Settlement[], facts: Facts, version: string) {
    this.version = version;
    this.settled = settled;
    this.#rules = rules;
    this.#ranked = rank(rules);
    this.#facts = facts;
    this.#named = namedIn(rules);
  }

  get channels() {
    return this.#rules.channels;
  }
  get warehouses() {
    return this.#rules.warehouses;
  }
  get routing() {
    return this.#rules.routing;
  }
  get areas() {
    return this.#rules.areas;
  }

  planOf(sku: SkuId, warehouse: WarehouseId): SkuPlan {
    return this.#goodsOf(sku, warehouse).plan;
  }

  poolsOf(
    channel: ChannelId | undefined,
    sku: SkuId,
    warehouse: WarehouseId,
    nowMs: number,
  ): readonly PoolId[] {
    const goods = this.#goodsOf(sku, warehouse);
    const found = goods.open.get(channel ?? '');
    if (found !== undefined && isWithin(found, nowMs)) return found.pools;
    if (channel !== undefined && !this.#sells(channel, warehouse)) return [];
    const now = openTo(goods, channel, nowMs);
    goods.open.set(channel ?? '', now);
    return now.pools;
  }

  #sells(channel: ChannelId, warehouse: string): boolean {
    return (
      Object.hasOwn(this.#rules.channels, channel) && isServed(this.#rules, channel, warehouse)
    );
  }

  #goodsOf(sku: string, warehouse: string): Goods {
    const name = this.#named.has(sku) ? sku : '';
    const place = Object.hasOwn(this.#rules.warehouses, warehouse) ? warehouse : '';
    let here = this.#goods.get(place);
    if (here === undefined) {
      here = new Map();
      this.#goods.set(place, here);
    }
    let goods = here.get(name);
    if (goods === undefined) {
      goods = new GoodsCompiler(this.#ranked, this.#facts, sku, warehouse).goods();
      here.set(name, goods);
    }
    return goods;
  }
}

function namedIn({ allocations, promotions, presale, oversell, safety, buffers }: Rules) {
  const named = new Set<string>();
  for (const map of [allocations, promotions, presale, oversell, safety, buffers]) {
    for (const { skus } of Object.values(map) as Scope[]) {
      if (skus !== '*') for (const sku of Object.keys(skus)) named.add(sku);
    }
  }
  return named;
}
