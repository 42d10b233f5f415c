import type { ActorKey, HoldId } from '../ids.ts';
import { type Refused, refuse } from '../outcomes.ts';
import { type Entry, type LaneId, type LifeId, lifeId } from './lane.ts';
import { addTo, type Cells, draw, kindOf, type PoolId, poolsOf, unitsIn } from './pools.ts';

/** Rights that a soft hold sets aside: nothing is spent, and home does not hear of it. */
export interface SoftHold {
  readonly taken: Readonly<Cells>;
  readonly expiresAtMs: number;
}

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
  readonly soft: Map<HoldId, SoftHold>;
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
  current: Map<ActorKey, LaneId>;
  /** What home may still want; earlier entries are settled there. */
  log: Entry[];
  /** The number of the last entry. */
  logged: number;
  /** Up to where home said that it has applied the log. */
  applied: number;
  /** Orders of the log that is kept: where, and which of them were cancelled. */
  orders: Map<string, { readonly lane: LaneId; cancelled: boolean }>;
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
  ...{ lanes: new Map(), current: new Map(), log: [], orders: new Map(), relics: [] },
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

export function laneOf(point: Point, sku: ActorKey): PointLane | undefined {
  const id = point.current.get(sku);
  return id === undefined ? undefined : point.lanes.get(id);
}

/** What can be sold from a pool: what the lane has, less soft holds. */
export function freeIn(lane: PointLane, pool: PoolId): number {
  let free = unitsIn(lane.have, pool);
  if (lane.soft.size === 0) return free;
  for (const { taken } of lane.soft.values()) free -= unitsIn(taken, pool);
  return free;
}

/** A wish for a lane of this SKU; nothing where there is one. */
export function openLane(point: Point, sku: ActorKey): void {
  if (point.ended !== undefined || point.current.has(sku)) return;
  const id: LaneId = `${lifeOfPoint(point)}#${++point.opened}`;
  point.current.set(sku, id);
  point.lanes.set(id, {
    ...{ id, sku, nonce: undefined, final: undefined },
    ...{ got: {}, have: {}, back: {}, spent: {}, soft: new Map() },
  });
}

/** A line of an order, and the pools that its channel may have, in turn. */
export interface SaleLine {
  readonly sku: ActorKey;
  readonly qty: number;
  readonly pools: readonly PoolId[];
}

/** Rights of one lane for a line of an order. */
export interface Drawn {
  readonly lane: PointLane;
  readonly taken: Readonly<Cells>;
  /** {@link orderKey}, where it is made already. */
  readonly key?: string;
}

export const orderKey = (order: HoldId, sku: ActorKey): string => `${sku}\n${order}`;

/** Sells all of an order or none of it. Refused: `moved`, `hold_exists`, `insufficient`. */
export function sell(
  point: Point,
  order: HoldId,
  lines: readonly SaleLine[],
): readonly Entry[] | Refused {
  const drawn = drawAll(point, order, lines);
  if ('ok' in drawn) return drawn;
  return spendAll(point, order, drawn);
}

/** What {@link drawAll} found is sold. */
export const spendAll = (point: Point, order: HoldId, drawn: readonly Drawn[]): readonly Entry[] =>
  drawn.map(({ lane, taken, key }) => spend(point, lane, order, taken, key));

/** Sets rights aside until a time. Refused like a sale. */
export function reserve(
  point: Point,
  order: HoldId,
  lines: readonly SaleLine[],
  expiresAtMs: number,
): Refused | undefined {
  const drawn = drawAll(point, order, lines);
  if ('ok' in drawn) return drawn;
  setAside(order, drawn, expiresAtMs);
  return undefined;
}

/** What {@link drawAll} found is kept for a soft hold. */
export function setAside(order: HoldId, drawn: readonly Drawn[], expiresAtMs: number): void {
  for (const { lane, taken } of drawn) lane.soft.set(order, { taken, expiresAtMs });
}

/** The rights that an order would take, all of its lines or none. Changes nothing. Refused as a sale is. */
export function drawAll(
  point: Point,
  order: HoldId,
  lines: readonly SaleLine[],
): readonly Drawn[] | Refused {
  if (point.ended !== undefined) return refuse('moved');
  const drawn: Drawn[] = [];
  for (const { sku, qty, pools } of lines) {
    const lane = laneOf(point, sku);
    const key = orderKey(order, lane?.sku ?? sku);
    const isKnown = point.orders.has(key) || (lane !== undefined && hasSoft(lane, order));
    if (isKnown || (drawn.length > 0 && drawn.some((one) => one.lane === lane)))
      return refuse('hold_exists');
    const taken = lane === undefined ? undefined : drawFrom(lane, pools, qty);
    if (lane === undefined || taken === undefined) {
      return refuse('insufficient', qty, lane === undefined ? 0 : freeInAll(lane, pools));
    }
    drawn.push({ lane, taken, key });
  }
  return drawn;
}

const hasSoft = ({ soft }: PointLane, order: HoldId): boolean => soft.size > 0 && soft.has(order);

/** From one pool as from several. */
function drawFrom(
  lane: PointLane,
  pools: readonly PoolId[],
  qty: number,
): Readonly<Cells> | undefined {
  const pool = pools[0];
  if (pools.length !== 1 || pool === undefined) return draw(pools, qty, (one) => freeIn(lane, one));
  return freeIn(lane, pool) >= qty ? { [pool]: qty } : undefined;
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

function spend(
  point: Point,
  lane: PointLane,
  order: HoldId,
  taken: Readonly<Cells>,
  key = orderKey(order, lane.sku),
): Entry {
  for (const pool in taken) {
    const units = unitsIn(taken, pool as PoolId);
    addTo(lane.have, pool as PoolId, -units);
    addTo(lane.spent, pool as PoolId, units);
  }
  point.orders.set(key, { lane: lane.id, cancelled: false });
  return append(point, 'sale', order, lane.sku, lane.id, taken);
}

function append(
  point: Point,
  op: Entry['op'],
  order: HoldId,
  sku: ActorKey,
  lane: LaneId,
  taken: Readonly<Cells>,
): Entry {
  const entry = { n: ++point.logged, op, order, sku, lane, taken };
  point.log.push(entry);
  return entry;
}

/** Whose SKUs an act on an order is about. */
export type IsIts = (sku: ActorKey) => boolean;

const everybody: IsIts = () => true;

/** Makes a soft hold a sale, all its SKUs at once. Refused: `moved`, `unknown_hold`. */
export function harden(
  point: Point,
  order: HoldId,
  isIts: IsIts = everybody,
): readonly Entry[] | Refused {
  if (point.ended !== undefined) return refuse('moved');
  const entries: Entry[] = [];
  for (const lane of point.lanes.values()) {
    const soft = lane.soft.get(order);
    if (soft === undefined || !isIts(lane.sku)) continue;
    lane.soft.delete(order);
    entries.push(spend(point, lane, order, soft.taken));
  }
  return entries.length === 0 ? refuse('unknown_hold') : entries;
}

/** Ends a soft hold: nothing was spent, so nothing travels. False where there is none. */
export function release(point: Point, order: HoldId, isIts: IsIts = everybody): boolean {
  let isFound = false;
  for (const { sku, soft } of point.lanes.values()) {
    if (isIts(sku)) isFound = soft.delete(order) || isFound;
  }
  return isFound;
}

/** Ends soft holds whose time has come. */
export function expire(point: Point, nowMs: number): void {
  for (const { soft } of point.lanes.values()) {
    for (const [order, { expiresAtMs }] of soft) if (expiresAtMs <= nowMs) soft.delete(order);
  }
}

/**
 * Asks home to cancel a sale. Only home knows what has shipped, so the rights do not come back
 * here: what home frees, it may grant again. An order of which the log has been forgotten is
 * `unknown_hold`: home has it for sure, ask there. Refused otherwise: `hold_ended`, `moved`.
 */
export function cancel(point: Point, order: HoldId, sku: ActorKey): Entry | Refused {
  const sold = point.orders.get(orderKey(order, sku));
  if (point.ended !== undefined) return refuse('moved');
  if (sold === undefined) return refuse('unknown_hold');
  if (sold.cancelled) return refuse('hold_ended');
  sold.cancelled = true;
  return append(point, 'cancel', order, sku, sold.lane, {});
}

/** Gives up to `qty` free units of a pool back to home. Returns how many. */
export function giveBack(lane: PointLane, pool: PoolId, qty: number): number {
  const some = Math.min(qty, freeIn(lane, pool));
  if (some <= 0 || lane.final !== undefined) return 0;
  addTo(lane.have, pool, -some);
  addTo(lane.back, pool, some);
  return some;
}

/**
 * A promotion ends: what is free of it becomes another pool's where it lies, with no message.
 * Never into another kind, which is home's to decide, nor into a pool with a maximum,
 * which is guarded there. Returns the units.
 */
export function relabel(lane: PointLane, from: PoolId, to: PoolId, isGuarded: boolean): number {
  const qty = freeIn(lane, from);
  if (kindOf(from) !== kindOf(to) || isGuarded || from === to || qty <= 0) return 0;
  addTo(lane.have, from, -qty);
  addTo(lane.have, to, qty);
  return qty;
}

/** Closes the lane of a SKU and gives all of it back; home drops it when the log has arrived. False while a soft hold
 * is on it, or where there is none. */
export function closeLane(point: Point, sku: ActorKey): boolean {
  const lane = laneOf(point, sku);
  if (lane === undefined || lane.soft.size > 0) return false;
  point.current.delete(sku);
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
  for (const { sku, soft } of [...point.lanes.values()]) {
    soft.clear();
    closeLane(point, sku);
  }
  point.ended = point.logged;
}

/** The same point after its journal lost its tail: a new life with no rights. What is left of older logs is
 * still delivered; what the old life had stays out at home (E4). */
export function restorePoint(saved: Point, life: number): Point {
  const relic = { life: lifeOfPoint(saved), log: saved.log, applied: saved.applied };
  const relics = [...saved.relics, relic].filter(({ log }) => log.length > 0);
  return { ...newPoint(saved.name, life), lineage: saved.lineage, relics };
}
