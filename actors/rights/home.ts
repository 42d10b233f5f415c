import type { ActorKey, HoldId } from '../ids.ts';
import { type Refused, refuse } from '../outcomes.ts';
import { type Figures, freeOf, promisedOf } from './backing.ts';
import type { SkuPools } from './home-pools.ts';
import { type HomeLane, type LaneId, type LifeId, numberOf, outOf, pointOf } from './lane.ts';
import {
  addAll,
  addTo,
  type ByKind,
  type Cells,
  KINDS,
  kindOf,
  none,
  type PoolId,
} from './pools.ts';

/**
 * What home needs of the actor of one SKU's stock. Each call is one event of its journal:
 *
 * | call | event | qualified | else |
 * |---|---|---|---|
 * | `granted`, > 0 | rights granted | available −q, granted +q | in transit or cap for the other kinds |
 * | `granted`, < 0 | rights come back, their life is buried, or their sale is of an order that is held already | granted −q, available +q | |
 * | `hold` out of rights | a sale comes home | granted −q, allocated +q | waiting +q for the other kinds |
 * | `hold` out of nothing | a sale of a life that was buried comes home | allocated +q, as far as there is | waiting +q |
 * | `cancel` | the hold ends, as far as it has not shipped | allocated −q | |
 * | `serve` | waiting holds get stock, oldest promise first | allocated +q | waiting −q |
 *
 * `granted` of the stock actor is thereby always what home has out of stock.
 */
export interface Stock {
  figures(): Figures;
  /** The log entry, or whatever else, that made this order's hold. Known for as long as the order
   * may be sent again, also after the hold has ended. */
  sourceOf(order: HoldId): string | undefined;
  /** `out` says how many of the units are rights that were out until now. */
  hold(order: HoldId, source: string, units: Readonly<ByKind>, out: Readonly<ByKind>): void;
  cancel(order: HoldId): void;
  serve(kind: 'presale' | 'oversell', qty: number): void;
  granted(change: Readonly<ByKind>): void;
}

export type Stocks = (sku: ActorKey) => Stock;

/** What home knows of a life. Never forgotten: a repeated message must not count again. */
export interface Life {
  /** Up to where its log has been applied. Outlives every lane. */
  cursor: number;
  /** Up to where home will have applied it even if it is restored. */
  settled: number;
  state: 'open' | 'ended' | 'buried';
  /** Of a buried life: units that were out, written off on a person's word. */
  booked: number;
  /** Of a buried life: units that it turned out to have sold. */
  late: number;
}

/** A shard with physical stock, the single writer of it. Plain values; every function is deterministic. */
export interface Home {
  /** Grows whenever home is restored to an older state. Given out by whoever gives out its lease. */
  lineage: number;
  /** Lanes opened in this lineage. */
  opened: number;
  /** The points there are by the plan. */
  points: Set<string>;
  lives: Map<LifeId, Life>;
  /** After a restore: points, and lives, that have yet to say what they have (E5). */
  waiting: Set<string>;
  /** Of lives that it has heard a part of: how many parts, and their lanes. */
  heard: Map<LifeId, { readonly parts: number; readonly lanes: readonly LaneId[] }>;
  lanes: Map<LaneId, HomeLane>;
  bySku: Map<ActorKey, Set<LaneId>>;
  /** Lanes whose point has closed them and whose log has not all arrived. */
  closing: Set<LaneId>;
  /** Units sold from pools by lanes that are gone. */
  sold: Map<ActorKey, Cells>;
  /** Of SKUs that have a plan. */
  pools: Map<ActorKey, SkuPools>;
}

export const emptyHome = (points: Iterable<string>): Home => ({
  lineage: 1,
  opened: 0,
  points: new Set(points),
  lives: new Map(),
  waiting: new Set(),
  heard: new Map(),
  lanes: new Map(),
  bySku: new Map(),
  closing: new Set(),
  sold: new Map(),
  pools: new Map(),
});

export function* lanesOf(home: Home, sku: ActorKey): Iterable<HomeLane> {
  for (const id of home.bySku.get(sku) ?? []) yield home.lanes.get(id) as HomeLane;
}

export const isBuried = (home: Home, life: LifeId): boolean =>
  home.lives.get(life)?.state === 'buried';

const units = (lane: HomeLane): ByKind => (lane.isWrittenOff ? none() : outOf(lane));

/** Out = Σ (G − B − D) over the lanes that are not written off. */
export function rightsOut(home: Home, sku: ActorKey): ByKind {
  const out = none();
  for (const lane of lanesOf(home, sku)) {
    const more = units(lane);
    for (const kind of KINDS) out[kind] += more[kind];
  }
  return out;
}

/** What home may promise by itself, or grant. Nothing until every life has attached or was fenced (E5). */
export function free(home: Home, sku: ActorKey, figures: Figures): ByKind {
  if (home.waiting.size > 0) return none();
  return freeOf(figures, promisedOf(figures.held, rightsOut(home, sku)));
}

/**
 * Gives stock to waiting promises; called after whatever changes the figures of a SKU. Pre-sale
 * promises get what a receipt brought, and what they lack since less is in transit, even of safety stock; then
 * whatever is free ends an oversell promise. Nowhere else do rights change their kind.
 */
export function settle(home: Home, sku: ActorKey, stock: Stock, receivedQty = 0): void {
  if (home.waiting.size > 0) return;
  const figures = stock.figures();
  const { stock: a, presale: p } = promisedOf(figures.held, rightsOut(home, sku));
  const wanted = Math.max(receivedQty, p - figures.inTransit);
  const qty = Math.min(wanted, figures.qualified - a, figures.held.presale);
  if (qty > 0) stock.serve('presale', qty);
  const rest = Math.min(free(home, sku, stock.figures()).stock, figures.held.oversell);
  if (rest > 0) stock.serve('oversell', rest);
}

/** The lane by which a life can be granted rights of a SKU now, the newest one. */
export function openLaneOf(home: Home, life: LifeId, sku: ActorKey): HomeLane | undefined {
  let newest: HomeLane | undefined;
  for (const lane of lanesOf(home, sku)) {
    if (lane.life === life && lane.final === undefined) newest = lane;
  }
  return newest;
}

/**
 * Grants rights from what is free of their kind. Refused: `insufficient`; `wrong_state` where the lane is closed or
 * unknown.
 */
export function grant(
  home: Home,
  lane: LaneId,
  pool: PoolId,
  qty: number,
  stocks: Stocks,
): Refused | undefined {
  const row = home.lanes.get(lane);
  if (row === undefined || row.final !== undefined || home.lives.get(row.life)?.state !== 'open') {
    return refuse('wrong_state', 0, -1, 'this lane is not open');
  }
  const stock = stocks(row.sku);
  const has = free(home, row.sku, stock.figures())[kindOf(pool)];
  if (qty > has) return refuse('insufficient', qty, Math.max(0, has));
  moving(home, row, stocks, () => addTo(row.granted, pool, qty));
  return undefined;
}

/** Tells the stock actor what `change` does to the rights out of one lane. */
export function moving(home: Home, lane: HomeLane, stocks: Stocks, change: () => void): void {
  const moved = movedBy(home, lane, change);
  if (KINDS.some((kind) => moved[kind] !== 0)) stocks(lane.sku).granted(moved);
}

/** What `change` does to the rights out of one lane. */
export function movedBy(home: Home, lane: HomeLane, change: () => void): ByKind {
  const before = units(lane);
  change();
  const after = home.lanes.get(lane.id) === lane ? units(lane) : none();
  for (const kind of KINDS) after[kind] -= before[kind];
  return after;
}

export function addLane(home: Home, lane: HomeLane): void {
  home.lanes.set(lane.id, lane);
  const ids = home.bySku.get(lane.sku) ?? new Set();
  home.bySku.set(lane.sku, ids.add(lane.id));
}

/** Nothing of it is left at the point or on its way. */
export function dropLane(home: Home, lane: HomeLane, stocks: Stocks): void {
  const sold = home.sold.get(lane.sku) ?? {};
  addAll(sold, lane.arrived);
  home.sold.set(lane.sku, sold);
  moving(home, lane, stocks, () => {
    home.lanes.delete(lane.id);
    home.closing.delete(lane.id);
    const ids = home.bySku.get(lane.sku);
    ids?.delete(lane.id);
    if (ids?.size === 0) home.bySku.delete(lane.sku);
  });
}

/** True while a restored home has not heard what this life has. */
export const isAwaited = (home: Home, life: LifeId): boolean =>
  home.waiting.has(life) || home.waiting.has(pointOf(life));

/** The point that a restored home waits for, or the one whose life it waits for. */
export const pointOfAwaited = (awaited: string): string =>
  awaited.includes('.') ? pointOf(awaited as LifeId) : awaited;

export function lifeOf(home: Home, id: LifeId): Life {
  let life = home.lives.get(id);
  if (life === undefined) {
    life = { cursor: 0, settled: 0, state: 'open', booked: 0, late: 0 };
    home.lives.set(id, life);
  }
  return life;
}

/** Lives of a point that home has heard of, or waits for. */
export const lifeIdsOf = (home: Home, point: string): LifeId[] =>
  [...home.lives.keys(), ...([...home.waiting] as LifeId[])].filter(
    (one) => one.includes('.') && pointOf(one) === point,
  );

/** Lives of the same point that came before this one. Numbers have no gaps. */
export function* livesBefore(life: LifeId): Iterable<LifeId> {
  for (let n = 1; n < numberOf(life); n++) yield `${pointOf(life)}.${n}`;
}
