import type { Home } from '../../actors/rights/home.ts';
import type { Down, LaneDown, LaneUp } from '../../actors/rights/lane.ts';
import type { Point } from '../../actors/rights/point.ts';
import { type Cells, poolsOf, unitsIn } from '../../actors/rights/pools.ts';

/*
 * Whether what a message says of a lane is all there is to say. A message is made when its act is decided and leaves when that is
 * committed: what was decided in between is not in it, and hearing it confirms none of that.
 */

export function isAllOfHome(home: Home, { to, settled }: Down, told: LaneDown): boolean {
  if (settled !== (home.lives.get(to)?.settled ?? 0)) return false;
  const lane = home.lanes.get(told.id);
  return lane?.nonce === told.nonce ? isSame(lane.granted, told.granted) : told.gone;
}

export function isAllOfPoint(point: Point, told: LaneUp): boolean {
  const lane = point.lanes.get(told.id);
  if (lane === undefined) return true;
  return lane.final === told.final && isSame(lane.back, told.back);
}

/** Both only grow. */
const isSame = (now: Readonly<Cells>, told: Readonly<Cells>): boolean =>
  poolsOf(now).every((pool) => unitsIn(now, pool) === unitsIn(told, pool));
