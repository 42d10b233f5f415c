import { type Demand, NO_DEMAND } from '../../actors/rights/sharing.ts';
import { isNear } from './limits.ts';
import type { News } from './messages.ts';
import { type Goods, goodsKey } from './pooled.ts';
import type { Queue } from './queue.ts';

/** What is known of goods since their home last spoke of them. */
export interface Known extends News {
  readonly atMs: number;
}

/** Goods that are, or were, asked for here. */
export interface Asked {
  readonly goods: Goods;
  /** One for all whose first pool it is: home counts who draws from several as asking for the first. */
  readonly demand: { now: Demand };
  /** Orders that wait for them. */
  queue: Queue | undefined;
  known: Known | undefined;
}

/** By {@link goodsKey}; new where nobody asked before. */
export function askedOf(all: Map<string, Asked>, { sku, pools }: Goods): Asked {
  const key = goodsKey({ sku, pools });
  let one = all.get(key);
  if (one === undefined) {
    const first = { sku, pools: pools.slice(0, 1) };
    const demand = pools.length > 1 ? askedOf(all, first).demand : { now: NO_DEMAND };
    one = {
      ...{ goods: { sku, pools }, demand },
      ...{ queue: undefined, known: undefined },
    };
    all.set(key, one);
  }
  return one;
}

/** What home said that it has, and that points have which it hears; or that it had heard within so long, ms. */
export function comingOf({ free, others }: News, withinMs?: number): number {
  const near = others.filter(([, , silentMs]) => isNear(silentMs, withinMs));
  return near.reduce((sum, [, units]) => sum + units, free);
}
