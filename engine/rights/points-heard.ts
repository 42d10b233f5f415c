import { type LifeId, numberOf } from '../../actors/rights/lane.ts';
import type { Clock } from '../clock.ts';
import { isNear } from './limits.ts';
import { Unsaid } from './unsaid.ts';

/** What home knows of a point. Times of the monotonic clock, ms. */
export interface PointHeard {
  life: LifeId | undefined;
  heardMs: number;
  saidMs: number;
  readonly unsaid: Unsaid;
}

/** The points that a home has to do with: who was heard when, and what each has not been told. */
export class PointsHeard {
  readonly #clock: Clock;
  /** Which owner of the shard speaks. */
  readonly #run: () => string;
  readonly #points = new Map<string, PointHeard>();

  constructor(clock: Clock, run: () => string) {
    this.#clock = clock;
    this.#run = run;
  }

  get all(): Iterable<readonly [string, PointHeard]> {
    return this.#points;
  }

  of(point: string): PointHeard {
    let heard = this.#points.get(point);
    if (heard === undefined) {
      const never = Number.NEGATIVE_INFINITY;
      heard = { life: undefined, heardMs: never, saidMs: never, unsaid: new Unsaid(this.#run()) };
      this.#points.set(point, heard);
    }
    return heard;
  }

  /** Undefined where it has not been heard. */
  lifeOf(point: string): LifeId | undefined {
    return this.#points.get(point)?.life;
  }

  /** Since it was heard, ms; −1 where it never was. */
  silenceOf(point: string): number {
    const silence = this.#clock.monoMs() - this.of(point).heardMs;
    return Number.isFinite(silence) ? Math.round(silence) : -1;
  }

  /** Not cut off, as far as is known. */
  isHeard(point: string): boolean {
    return isNear(this.silenceOf(point));
  }

  clear(): void {
    this.#points.clear();
  }
}

/** What an earlier life left is still delivered when a later one speaks. */
export const newest = (known: LifeId | undefined, life: LifeId): LifeId =>
  known !== undefined && numberOf(known) > numberOf(life) ? known : life;
