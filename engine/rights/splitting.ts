import type { ActorKey } from '../../actors/ids.ts';
import { lanesOf } from '../../actors/rights/home.ts';
import { type LaneId, type LifeId, pointOf } from '../../actors/rights/lane.ts';
import type { Clock } from '../clock.ts';
import type { ShardState } from '../state.ts';
import { RIGHTS_LIMITS } from './limits.ts';

/** A flash sale that begins: the lanes that take part. */
export type Beginning = readonly [sku: ActorKey, lanes: ReadonlyMap<string, LaneId>];

/** The points there are, and what home knows of them. */
export interface Invited {
  readonly points: readonly string[];
  /** The life that a point is in; undefined where it was not heard. */
  lifeOf(point: string): LifeId | undefined;
  invite(point: string, sku: ActorKey): void;
}

/**
 * Flash sales that have yet to be split: until every point has a lane of the SKU, or long enough for whoever is
 * not cut off. A point that comes later gets what its orders wait for; a life that is over gets nothing, since it can sell nothing.
 */
export class Splitting {
  readonly #clock: Clock;
  readonly #invited: Invited;
  /** Until when it waits for all points. */
  readonly #skus = new Map<ActorKey, number>();

  constructor(clock: Clock, invited: Invited) {
    this.#clock = clock;
    this.#invited = invited;
  }

  clear(): void {
    this.#skus.clear();
  }

  begin(sku: ActorKey): void {
    this.#skus.set(sku, this.#clock.monoMs() + RIGHTS_LIMITS.lostMs);
    for (const point of this.#invited.points) this.#invited.invite(point, sku);
  }

  /** Those that can be split now; the points that others lack are invited again. */
  ready(state: ShardState): Beginning[] {
    const now = this.#clock.monoMs();
    const ready: Beginning[] = [];
    for (const [sku, untilMs] of [...this.#skus]) {
      const lanes = new Map<string, LaneId>();
      for (const lane of lanesOf(state.rights.home, sku)) {
        const point = pointOf(lane.life);
        const isNow = lane.life === this.#invited.lifeOf(point);
        if (isNow && lane.final === undefined) lanes.set(point, lane.id);
      }
      const missing = this.#invited.points.filter((point) => !lanes.has(point));
      if (missing.length === 0 || now >= untilMs) {
        this.#skus.delete(sku);
        ready.push([sku, lanes]);
      } else for (const point of missing) this.#invited.invite(point, sku);
    }
    return ready;
  }
}
