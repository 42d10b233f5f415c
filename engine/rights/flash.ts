import type { ActorKey } from '../../actors/ids.ts';
import type { Seller } from '../../actors/rights/sharing.ts';
import type { Clock } from '../clock.ts';

interface Flash {
  readonly untilMs: number;
  /** By point, what it had been asked for at the last look, and in how far it is asked now. */
  readonly seen: Map<string, number>;
  readonly weights: Map<string, number>;
}

/** The flash sales of one home, and where their demand is just now. It may be lost. */
export class Flashes {
  readonly #clock: Clock;
  readonly #skus = new Map<ActorKey, Flash>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  begin(sku: ActorKey, forMs: number): void {
    const untilMs = this.#clock.monoMs() + forMs;
    this.#skus.set(sku, { untilMs, seen: new Map(), weights: new Map() });
  }

  /** Under way now. */
  get skus(): ActorKey[] {
    for (const [sku, { untilMs }] of this.#skus) {
      if (untilMs <= this.#clock.monoMs()) this.#skus.delete(sku);
    }
    return [...this.#skus.keys()];
  }

  /** Of each point, by what it is asked for; undefined where the SKU is in no flash sale. */
  weights(sku: ActorKey): ReadonlyMap<string, number> | undefined {
    const flash = this.#skus.get(sku);
    return flash !== undefined && flash.untilMs > this.#clock.monoMs() ? flash.weights : undefined;
  }

  /** What was asked for since the last look counts as much as all before it. */
  look(sku: ActorKey, points: readonly Pick<Seller, 'name' | 'demand'>[]): void {
    const flash = this.#skus.get(sku);
    if (flash === undefined) return;
    for (const { name, demand } of points) {
      const more = Math.max(0, demand.units - (flash.seen.get(name) ?? 0));
      flash.seen.set(name, demand.units);
      flash.weights.set(name, ((flash.weights.get(name) ?? more) + more) / 2);
    }
  }
}
