import type { LifeId } from '../../actors/rights/lane.ts';
import type { Clock } from '../clock.ts';
import type { ShardState } from '../state.ts';
import { RIGHTS_LIMITS } from './limits.ts';
import type { Want } from './messages.ts';
import { type Goods, goodsKey } from './pooled.ts';
import { lackOf, type Sharer, type Sharing, type Waiting } from './sharer.ts';

/** What orders at selling points wait for, as one home has heard. It may be lost: they say it again. */
export class Awaited {
  readonly #clock: Clock;
  readonly #all = new Map<string, Waiting>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#all.size;
  }

  values(): Iterable<Waiting> {
    return this.#all.values();
  }

  clear(): void {
    this.#all.clear();
  }

  /** Levels of orders that wait replace what was known of that point. */
  heard(point: string, life: LifeId, wants: readonly Want[]): void {
    const untilMs = this.#clock.monoMs() + RIGHTS_LIMITS.orderWaitMs;
    for (const { sku, pools, upTo, least } of wants) {
      const key = keyOf(point, { sku, pools });
      if (upTo > 0) this.#all.set(key, { point, life, sku, pools, upTo, least, untilMs });
      else this.#all.delete(key);
    }
  }

  /** What is to be done for them; those that have what they lack, or were not heard for long, are forgotten. */
  serve(state: ShardState, sharer: Sharer, into: Sharing): void {
    const now = this.#clock.monoMs();
    const waits = (point: string, goods: Goods): boolean => this.#all.has(keyOf(point, goods));
    for (const [key, waiting] of [...this.#all]) {
      const isOver = waiting.untilMs < now || lackOf(state, waiting) <= 0;
      if (isOver) this.#all.delete(key);
      else sharer.serve(state, waiting, waits, into);
    }
  }
}

const keyOf = (point: string, goods: Goods): string => `${point}\n${goodsKey(goods)}`;
