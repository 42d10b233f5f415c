import { decay, SCHEDULING } from './policy.ts';
import type { Units } from './shares.ts';

/** Units of one time, halved for every half-life since. */
interface Tally {
  units: number;
  /** Of the newest sale. Epoch ms. */
  atMs: number;
}

/** What was sold of one actor, by seller. */
export interface SoldOf {
  readonly actor: number;
  readonly units: Units;
  /** When it was last sold, epoch ms. */
  readonly lastMs: number;
}

/** Units sold of each actor, by seller, decayed. Sales may come in any order. */
export class Tallies {
  readonly #byActor = new Map<number, Map<string, Tally>>();

  /** So many units were sold by `seller` at that time. */
  add(actor: number, seller: string, units: number, atMs: number): void {
    const sellers = this.#byActor.get(actor) ?? new Map<string, Tally>();
    this.#byActor.set(actor, sellers);
    const tally = sellers.get(seller);
    if (tally === undefined) sellers.set(seller, { units, atMs });
    else if (atMs <= tally.atMs) tally.units += units * decay(tally.atMs - atMs);
    else {
      tally.units = tally.units * decay(atMs - tally.atMs) + units;
      tally.atMs = atMs;
    }
  }

  /** Those that were sold of late, as of now. What was not is forgotten. */
  *soldBy(nowMs: number): Generator<SoldOf> {
    for (const [actor, sellers] of this.#byActor) {
      let lastMs = Number.NEGATIVE_INFINITY;
      for (const { atMs } of sellers.values()) lastMs = Math.max(lastMs, atMs);
      if (nowMs - lastMs > SCHEDULING.windowMs) this.#byActor.delete(actor);
      else yield { actor, units: unitsAt(sellers, nowMs), lastMs };
    }
  }
}

function unitsAt(sellers: ReadonlyMap<string, Tally>, nowMs: number): Units {
  const now = new Map<string, number>();
  for (const [name, { units, atMs }] of sellers) now.set(name, units * decay(nowMs - atMs));
  return now;
}
