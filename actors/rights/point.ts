import type { ActorKey, HoldId } from '../ids.ts';
import { type Refused, refuse } from '../outcomes.ts';
import { type Entry, type LaneId, type LifeId, lifeId } from './lane.ts';
import { dropOrders, type OrdersOfSku, ordersOf } from './point-orders.ts';
import {
  endAllSoft,
  endSoft,
  type IsIts,
  type SoftHold,
  setAside,
  softLanes,
} from './point-soft.ts';
import { addTo, type Cells, draw, type PoolId, poolsOf, unitsIn } from './pools.ts';

/** A lane as the point has it. */
export interface PointLane {
  readonly id: LaneId;
  readonly sku: ActorKey;
  /** Home's nonce, once heard. */
  nonce: string | undefined;
  /** What of G has arrived. */
  readonly got: Cells;
  /** What it can sell: got − B − U, by kind. Pools may be relabelled. */
  readonly have: Cells;
  /** B: cumulative, written by the point alone. */
  readonly back: Cells;
  /** U: cumulative, written by the point alone. */
  readonly spent: Cells;
  /** Undefined where there is none. */
  soft: Map<HoldId, SoftHold> | undefined;
  /** What they set aside together. */
  aside: Cells;
  /** Its SKU's, in {@link Point.orders}. */
  readonly orders: OrdersOfSku;
  /** The last number of the log that can be about it; it is closed. */
  final: number | undefined;
}

/** What is left of an earlier life whose journal lost its tail: promises that can still be delivered. */
export interface Relic {
  readonly life: LifeId;
  readonly log: Entry[];
  /** Up to where home said that it has applied it. */
  applied: number;
}

/**
 * A selling point and one home shard: all of it is the point's journal, durable before any
 * effect. It sells only what it has (E1). Every function checks, then changes, or refuses and changes nothing.
 */
export interface Point {
  readonly name: string;
  readonly life: number;
  /** Which process may write to the journal. */
  epoch: number;
  /** The newest of home that was heard. */
  lineage: number;
  /** Lanes opened in this life. */
  opened: number;
  lanes: Map<LaneId, PointLane>;
  /** The one lane of a SKU that is not closed. */
  current: Map<ActorKey, PointLane>;
  /** What home may still want; earlier entries are settled there. */
  log: Entry[];
  /** The number of the last entry. */
  logged: number;
  /** Up to where home said that it has applied the log. */
  applied: number;
  /** Of every SKU that has a lane, or an entry in the log. They outlive lanes. */
  orders: Map<ActorKey, OrdersOfSku>;
  /** Lanes on which an order has rights set aside. */
  readonly soft: Map<HoldId, PointLane[]>;
  /** The last number of the log, once the life is over. */
  ended: number | undefined;
  relics: Relic[];
}

/** What a process of the point knows of its own right to write: the owner record of the journal. */
export interface Fence {
  readonly life: number;
  readonly epoch: number;
}

export const newPoint = (name: string, life: number): Point => ({
  ...{ name, life, epoch: 0, lineage: 0, opened: 0, logged: 0, applied: 0, ended: undefined },
  ...{
    lanes: new Map(),
    current: new Map(),
    log: [],
    orders: new Map(),
    soft: new Map(),
    relics: [],
  },
});

export const lifeOfPoint = ({ name, life }: Point): LifeId => lifeId(name, life);

/** A new owner record in the point's own journal: what was written before stays, other processes can add nothing. */
export function takeOver(point: Point): Fence {
  point.epoch++;
  return fenceOf(point);
}

export const fenceOf = ({ life, epoch }: Point): Fence => ({ life, epoch });

/** E4: a record counts only from the process whose owner record is the last. Epochs begin anew in each life, so
 * the life is part of the fence. */
export const takesFrom = (point: Point, fence: Fence): boolean =>
  point.life === fence.life && point.epoch === fence.epoch;

/**
 * The lane that is not closed. A key that was just put together is in pieces until one of its characters is read, and a Map
 * compares it several times slower before. No key is empty.
 */
export const laneOf = (point: Point, sku: ActorKey): PointLane | undefined =>
  sku.charCodeAt(0) > 0 ? point.current.get(sku) : undefined;

/** What can be sold from a pool: what the lane has, less soft holds. */
export function freeIn(lane: PointLane, pool: PoolId): number {
  const has = unitsIn(lane.have, pool);
  return lane.soft === undefined ? has : has - unitsIn(lane.aside, pool);
}

/**
 * A lane that is new, or as a snapshot had it. All are made in this one place, field by field: a shape of their own each,
 * as spreading gives them, would make every sale look for its fields.
 */
export function putLane(
  point: Point,
  { id, sku, got, have, back, spent }: Pick<PointLane, 'id' | 'sku' | CellName>,
  nonce: string | undefined,
  final: number | undefined,
): PointLane {
  const orders: OrdersOfSku = final === undefined ? ordersOf(point, sku) : new Map();
  const lane: PointLane = {
    id,
    sku,
    nonce,
    got,
    have,
    back,
    spent,
    soft: undefined,
    aside: {},
    orders,
    final,
  };
  point.lanes.set(id, lane);
  if (final === undefined) point.current.set(sku, lane);
  return lane;
}

type CellName = 'got' | 'have' | 'back' | 'spent';

/** A wish for a lane of this SKU; nothing where there is one. */
export function openLane(point: Point, sku: ActorKey): void {
  if (point.ended !== undefined || point.current.has(sku)) return;
  const id: LaneId = `${lifeOfPoint(point)}#${++point.opened}`;
  putLane(point, { id, sku, got: {}, have: {}, back: {}, spent: {} }, undefined, undefined);
}

/** A line of an order, and the pools that its channel may have, in turn. */
export interface SaleLine {
  readonly sku: ActorKey;
  readonly qty: number;
  readonly pools: readonly PoolId[];
}

/**
 * The lane that has what a line of an order asks for. Changes nothing.
 * Refused: `moved`, `hold_exists`, `insufficient`.
 */
export function laneWith(
  point: Point,
  order: HoldId,
  { sku, qty, pools }: SaleLine,
): PointLane | Refused {
  if (point.ended !== undefined) return refuse('moved');
  const lane = laneOf(point, sku);
  if (lane === undefined) {
    const isKnown = point.orders.get(sku)?.has(order) === true;
    return isKnown ? refuse('hold_exists') : refuse('insufficient', qty, 0);
  }
  if (lane.orders.has(order) || lane.soft?.has(order)) return refuse('hold_exists');
  const free = freeInAll(lane, pools);
  return free < qty ? refuse('insufficient', qty, free) : lane;
}

/** The lanes for all lines of an order, each SKU once. Refused as {@link laneWith} does. */
function lanesWith(
  point: Point,
  order: HoldId,
  lines: readonly SaleLine[],
): readonly PointLane[] | Refused {
  const lanes: PointLane[] = [];
  for (const line of lines) {
    const lane = laneWith(point, order, line);
    if ('ok' in lane) return lane;
    if (lanes.includes(lane)) return refuse('hold_exists');
    lanes.push(lane);
  }
  return lanes;
}

/** The rights that a line takes of a lane that has enough. */
export function drawn(lane: PointLane, { qty, pools }: SaleLine): Readonly<Cells> {
  const pool = pools[0];
  if (pools.length === 1 && pool !== undefined) return { [pool]: qty };
  return draw(pools, qty, (one) => freeIn(lane, one)) as Cells;
}

/** What can be sold from these pools, each counted once. */
export function freeInAll(lane: PointLane, pools: readonly PoolId[]): number {
  let sum = 0;
  for (let i = 0; i < pools.length; i++) {
    const pool = pools[i] as PoolId;
    if (pools.indexOf(pool) === i) sum += freeIn(lane, pool);
  }
  return sum;
}

/** One order of one SKU. */
export const orderKey = (order: HoldId, sku: ActorKey): string => `${sku}\n${order}`;

/** Sells all of an order or none of it. Refused: `moved`, `hold_exists`, `insufficient`. */
export function sell(
  point: Point,
  order: HoldId,
  lines: readonly SaleLine[],
): readonly Entry[] | Refused {
  const lanes = lanesWith(point, order, lines);
  if ('ok' in lanes) return lanes;
  return lanes.map((lane, i) => spend(point, lane, order, drawn(lane, lines[i] as SaleLine)));
}

/** Sets rights aside until a time. Refused like a sale. */
export function reserve(
  point: Point,
  order: HoldId,
  lines: readonly SaleLine[],
  expiresAtMs: number,
): Refused | undefined {
  const lanes = lanesWith(point, order, lines);
  if ('ok' in lanes) return lanes;
  for (const [i, lane] of lanes.entries()) {
    setAside(point, lane, order, drawn(lane, lines[i] as SaleLine), expiresAtMs);
  }
  return undefined;
}

/** Rights that a lane has are sold. */
export function spend(point: Point, lane: PointLane, order: HoldId, taken: Readonly<Cells>): Entry {
  for (const pool in taken) {
    const units = unitsIn(taken, pool as PoolId);
    addTo(lane.have, pool as PoolId, -units);
    addTo(lane.spent, pool as PoolId, units);
  }
  return append(point, 'sale', order, lane.sku, lane.id, taken, lane.orders);
}

function append(
  point: Point,
  op: Entry['op'],
  order: HoldId,
  sku: ActorKey,
  lane: LaneId,
  taken: Readonly<Cells>,
  orders: OrdersOfSku,
): Entry {
  const entry = { n: ++point.logged, op, order, sku, lane, taken };
  point.log.push(entry);
  orders.set(order, entry);
  return entry;
}

const everybody: IsIts = () => true;

/** Makes a soft hold a sale, all its SKUs at once. Refused: `unknown_hold`; a life that is over has none. */
export function harden(
  point: Point,
  order: HoldId,
  isIts: IsIts = everybody,
): readonly Entry[] | Refused {
  const entries: Entry[] = [];
  for (const lane of softLanes(point, order, isIts)) {
    const soft = endSoft(point, lane, order);
    if (soft !== undefined) entries.push(spend(point, lane, order, soft.taken));
  }
  return entries.length === 0 ? refuse('unknown_hold') : entries;
}

/** Ends a soft hold: nothing was spent, so nothing travels. False where there is none. */
export function release(point: Point, order: HoldId, isIts: IsIts = everybody): boolean {
  const lanes = softLanes(point, order, isIts);
  for (const lane of lanes) endSoft(point, lane, order);
  return lanes.length > 0;
}

/** Ends soft holds whose time has come. */
export function expire(point: Point, nowMs: number): void {
  for (const lane of point.lanes.values()) {
    for (const [order, { expiresAtMs }] of lane.soft ?? []) {
      if (expiresAtMs <= nowMs) endSoft(point, lane, order);
    }
  }
}

/**
 * Asks home to cancel a sale. Only home knows what has shipped, so the rights do not come back
 * here: what home frees, it may grant again. An order of which the log has been forgotten is
 * `unknown_hold`: home has it for sure, ask there. Refused otherwise: `hold_ended`, `moved`.
 */
export function cancel(point: Point, order: HoldId, sku: ActorKey): Entry | Refused {
  const orders = point.orders.get(sku);
  const sold = orders?.get(order);
  if (point.ended !== undefined) return refuse('moved');
  if (orders === undefined || sold === undefined) return refuse('unknown_hold');
  if (sold.op === 'cancel') return refuse('hold_ended');
  return append(point, 'cancel', order, sku, sold.lane, {}, orders);
}

/** Gives up to `qty` free units of a pool back to home. Returns how many. */
export function giveBack(lane: PointLane, pool: PoolId, qty: number): number {
  const some = Math.min(qty, freeIn(lane, pool));
  if (some <= 0 || lane.final !== undefined) return 0;
  addTo(lane.have, pool, -some);
  addTo(lane.back, pool, some);
  return some;
}

/** Closes the lane of a SKU and gives all of it back; home drops it when the log has arrived. False while a soft hold
 * is on it, or where there is none. */
export function closeLane(point: Point, sku: ActorKey): boolean {
  const lane = laneOf(point, sku);
  if (lane === undefined || lane.soft !== undefined) return false;
  point.current.delete(sku);
  dropOrders(point, sku);
  if (lane.nonce === undefined) {
    point.lanes.delete(lane.id);
    return true;
  }
  for (const pool of poolsOf(lane.have)) giveBack(lane, pool, unitsIn(lane.have, pool));
  lane.final = point.logged;
  return true;
}

/**
 * The final record of a life (E4): soft holds end, lanes close, nothing is sold any more. Written by the point itself,
 * or by whoever fenced its journal and read it to the end.
 */
export function endLifeOf(point: Point): void {
  if (point.ended !== undefined) return;
  endAllSoft(point);
  for (const lane of [...point.lanes.values()]) closeLane(point, lane.sku);
  point.ended = point.logged;
}

/** The same point after its journal lost its tail: a new life with no rights. What is left of older logs is
 * still delivered; what the old life had stays out at home (E4). */
export function restorePoint(saved: Point, life: number): Point {
  const relic = { life: lifeOfPoint(saved), log: saved.log, applied: saved.applied };
  const relics = [...saved.relics, relic].filter(({ log }) => log.length > 0);
  return { ...newPoint(saved.name, life), lineage: saved.lineage, relics };
}
