import type { ActorKey } from '../../actors/ids.ts';
import { lanesOf } from '../../actors/rights/home.ts';
import { type LaneId, pointOf } from '../../actors/rights/lane.ts';
import type { Clock } from '../clock.ts';
import type { ShardState } from '../state.ts';
import { RIGHTS_LIMITS } from './limits.ts';

/** A flash sale that begins: the lanes that take part. */
export type Beginning = readonly [sku: ActorKey, lanes: ReadonlyMap<string, LaneId>];

/**
 * Flash sales that have yet to be split: until every point has a lane of the SKU, or long enough for whoever is
 * not cut off. A point that comes later gets what its orders wait for.
 */
export class Splitting {
  readonly #clock: Clock;
  readonly #points: readonly string[];
  readonly #invite: (point: string, sku: ActorKey) => void;
  /** Until when it waits for all points. */
  readonly #skus = new Map<ActorKey, number>();

  constructor(
    clock: Clock,
    points: readonly string[],
    invite: (point: string, sku: ActorKey) => void,
  ) {
    this.#clock = clock;
    this.#points = points;
    this.#invite = invite;
  }

  clear(): void {
    this.#skus.clear();
  }

  begin(sku: ActorKey): void {
    this.#skus.set(sku, this.#clock.monoMs() + RIGHTS_LIMITS.lostMs);
    for (const point of this.#points) this.#invite(point, sku);
  }

  /** Those that can be split now; the points that others lack are invited again. */
  ready(state: ShardState): Beginning[] {
    const now = this.#clock.monoMs();
    const ready: Beginning[] = [];
    for (const [sku, untilMs] of [...this.#skus]) {
      const lanes = new Map<string, LaneId>();
      for (const lane of lanesOf(state.rights.home, sku)) {
        if (lane.final === undefined) lanes.set(pointOf(lane.life), lane.id);
      }
      const missing = this.#points.filter((point) => !lanes.has(point));
      if (missing.length === 0 || now >= untilMs) {
        this.#skus.delete(sku);
        ready.push([sku, lanes]);
      } else for (const point of missing) this.#invite(point, sku);
    }
    return ready;
  }
}
