import type { ActorKey } from '../../actors/ids.ts';
import { SHARED } from '../../actors/rights/acts.ts';
import { asked, type Demand, NO_DEMAND } from '../../actors/rights/sharing.ts';
import type { Clock } from '../clock.ts';
import { type Goods, goodsKey } from './pooled.ts';

/** What was asked for at home and at points, by goods. It may be lost. */
export class Demands {
  readonly #clock: Clock;
  /** By {@link demandKey} and place, `''` for home itself. */
  readonly #demands = new Map<string, Map<string, Demand>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Units were asked for at home. */
  asked(sku: ActorKey, qty: number): void {
    const places = this.#of(shared(sku));
    places.set('', asked(places.get('') ?? NO_DEMAND, qty, this.#clock.monoMs()));
  }

  /** What a point says of its demand, as of now. */
  heard(goods: Goods, point: string, units: number): void {
    this.#of(goods).set(point, { units, atMs: this.#clock.monoMs() });
  }

  /** At a place, `''` for home itself. */
  at(goods: Goods, place: string): Demand {
    return this.#demands.get(demandKey(goods))?.get(place) ?? NO_DEMAND;
  }

  #of(goods: Goods): Map<string, Demand> {
    const key = demandKey(goods);
    let places = this.#demands.get(key);
    if (places === undefined) {
      places = new Map();
      this.#demands.set(key, places);
    }
    return places;
  }
}

/** What every channel may draw from. */
export const shared = (sku: ActorKey): Goods => ({ sku, pools: [SHARED] });

/** Who draws from several pools counts as asking for the first of them. */
const demandKey = ({ sku, pools }: Goods): string => goodsKey({ sku, pools: pools.slice(0, 1) });
