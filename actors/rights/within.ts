import { type HoldId, parseActorKey } from '../ids.ts';
import type { Point } from './point.ts';
import { type IsIts, softLanes } from './point-soft.ts';

/** A warehouse with goods of an order, sold or set aside at these points, that is none of those. */
export function placeBeyond(
  points: Iterable<Point>,
  order: HoldId,
  isIts: IsIts,
  within: readonly string[],
): string | undefined {
  for (const point of points) {
    const sold = point.log.filter((entry) => entry.order === order && isIts(entry.sku));
    for (const { sku } of [...softLanes(point, order, isIts), ...sold]) {
      const { warehouse } = parseActorKey(sku);
      if (!within.includes(warehouse)) return warehouse;
    }
  }
  return undefined;
}
