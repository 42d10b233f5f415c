import type { ActorKey, HoldId } from '../ids.ts';
import type { Point, PointLane } from './point.ts';
import { addAll, type Cells } from './pools.ts';

/** Rights that a soft hold sets aside: nothing is spent, and home does not hear of it. */
export interface SoftHold {
  readonly taken: Readonly<Cells>;
  readonly expiresAtMs: number;
}

/** Whose SKUs an act on an order is about. */
export type IsIts = (sku: ActorKey) => boolean;

/** Rights that a lane has are kept for a soft hold. */
export function setAside(
  point: Point,
  lane: PointLane,
  order: HoldId,
  taken: Readonly<Cells>,
  expiresAtMs: number,
): void {
  lane.soft ??= new Map();
  lane.soft.set(order, { taken, expiresAtMs });
  addAll(lane.aside, taken);
  const lanes = point.soft.get(order);
  if (lanes === undefined) point.soft.set(order, [lane]);
  else lanes.push(lane);
}

/** What was set aside is free again; undefined where there is none. */
export function endSoft(point: Point, lane: PointLane, order: HoldId): SoftHold | undefined {
  const hold = lane.soft?.get(order);
  if (hold === undefined) return undefined;
  lane.soft?.delete(order);
  addAll(lane.aside, hold.taken, -1);
  if (lane.soft?.size === 0) noSoft(lane);
  const others = point.soft.get(order)?.filter((one) => one !== lane) ?? [];
  if (others.length > 0) point.soft.set(order, others);
  else point.soft.delete(order);
  return hold;
}

function noSoft(lane: PointLane): void {
  lane.soft = undefined;
  lane.aside = {};
}

export function endAllSoft(point: Point): void {
  for (const lanes of point.soft.values()) for (const lane of lanes) noSoft(lane);
  point.soft.clear();
}

/** Those on which an order has rights set aside, in the order in which they were opened: so a replay finds them alike. */
export const softLanes = (point: Point, order: HoldId, isIts: IsIts): PointLane[] =>
  (point.soft.get(order) ?? [])
    .filter(({ sku }) => isIts(sku))
    .sort((a, b) => openingOf(a) - openingOf(b));

const openingOf = ({ id }: PointLane): number => Number(id.slice(id.lastIndexOf('#') + 1));
