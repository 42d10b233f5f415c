import type { ActorKey } from '../../actors/ids.ts';
import { debtOf, type Figures, freeOf, keptOf, promisedOf } from '../../actors/rights/backing.ts';
import { type Home, isBuried, lanesOf, rightsOut } from '../../actors/rights/home.ts';
import type { HomeLane, LaneId } from '../../actors/rights/lane.ts';
import { freeIn, lifeOfPoint, type Point, type PointLane } from '../../actors/rights/point.ts';
import { addByKind, type ByKind, byKind, KINDS, none, unitsIn } from '../../actors/rights/pools.ts';
import { heldIn, type Shelf, stockOf } from './shelf.ts';
import { allLives, POOLS, SKUS, shelfOf, truth, type World } from './world.ts';

/** What has to be compared with the state before a step. */
export interface Before {
  readonly debts: readonly ByKind[];
  readonly late: number;
}

export const before = (w: World): Before => ({
  debts: SKUS.map((sku) => bookOf(w, sku).debt),
  late: w.late,
});

/** All that home derives of one SKU. */
interface Book {
  readonly sku: ActorKey;
  readonly figures: Figures;
  readonly out: ByKind;
  readonly promised: ByKind;
  readonly free: ByKind;
  readonly debt: ByKind;
}

function bookOf(w: World, sku: ActorKey): Book {
  const figures = stockOf(shelfOf(w, sku)).figures();
  const out = rightsOut(w.home, sku);
  const promised = promisedOf(figures.held, out);
  const [free, debt] = [freeOf(figures, promised), debtOf(figures, promised)];
  return { sku, figures, out, promised, free, debt };
}

/**
 * Who judges: every rule, or only what customers and the shelf can see. The latter shows that a planted mistake does
 * harm, and is not only different from how it is done here.
 */
export type Judge = 'rules' | 'outside';

/** Throws where the world breaks a rule. Runs after every step. */
export function check(w: World, was: Before, judge: Judge): void {
  if (judge === 'rules') checkRules(w, was);
  for (const [s, sku] of SKUS.entries()) {
    checkShelf(shelfOf(w, sku));
    checkHolds(w, s, sku);
    if (w.home.waiting.size === 0) checkPromises(w, s, sku);
  }
}

function checkRules(w: World, was: Before): void {
  for (const point of allLives(w)) for (const lane of point.lanes.values()) checkLane(lane);
  for (const [s, sku] of SKUS.entries()) {
    const book = bookOf(w, sku);
    if (!KINDS.every((kind) => shelfOf(w, sku).granted[kind] === book.out[kind])) {
      fail(`granted of ${sku} is told wrongly`);
    }
    if (w.home.waiting.size > 0) continue;
    if (book.free.stock > 0 && book.debt.stock > 0) fail(`free and in debt at once: ${sku}`);
    checkViews(w, sku);
    checkConserved(w, book);
    checkDebt(book.debt, was.debts[s] as ByKind, w.mayOwe || w.late > was.late);
  }
}

export function fail(what: string): never {
  throw new Error(what);
}

/** E1 and E2. */
function checkLane(lane: PointLane): void {
  for (const pool of POOLS) {
    if (unitsIn(lane.have, pool) < 0 || freeIn(lane, pool) < 0) fail(`E1 ${lane.id} ${pool}`);
  }
  const [have, got] = [byKind(lane.have), byKind(lane.got)];
  const [back, spent] = [byKind(lane.back), byKind(lane.spent)];
  for (const kind of KINDS) {
    if (have[kind] !== got[kind] - back[kind] - spent[kind]) fail(`E2 ${lane.id} ${kind}`);
  }
}

function checkShelf(s: Shelf): void {
  if (s.came - s.shipped - s.lost - s.movedOut !== s.qualified) fail('units made or lost');
  for (const [order, hold] of s.holds) {
    const open = KINDS.reduce((sum, kind) => sum + hold.units[kind], 0);
    if (hold.orig !== hold.shipped + hold.gone + open) fail(`hold ${order} does not balance`);
  }
}

/** E6, and that no sale ever counts twice. */
function checkHolds(w: World, s: number, sku: ActorKey): void {
  for (const [order, hold] of shelfOf(w, sku).holds) {
    const promise = w.promised[s]?.get(order as never);
    if (promise === undefined) fail(`hold ${order} is nobody's`);
    if (hold.orig !== promise.qty) fail(`E6 ${order} holds ${hold.orig} of ${promise.qty} sold`);
  }
}

/** E3: what was promised anywhere, heard or unheard, against what is behind it. */
function checkPromises(w: World, s: number, sku: ActorKey): void {
  const shelf = shelfOf(w, sku);
  const shock = w.shock[s] as number;
  const open = heldIn(shelf);
  for (const [order, { units }] of w.promised[s] ?? []) {
    if (!shelf.holds.has(order)) for (const kind of KINDS) open[kind] += units[kind];
  }
  const { qualified, inTransit, oversellCap } = shelf;
  const say = (what: string, promised: number, behind: number): void => {
    if (promised > behind + shock) fail(`E3 ${what}: ${promised} > ${behind}, shortage ${shock}`);
  };
  say('stock', open.stock, qualified);
  say('pre-sale', open.stock + open.presale, qualified + inTransit);
  say('all', open.stock + open.presale + open.oversell, qualified + inTransit + oversellCap);
}

function twins(w: World, row: HomeLane): PointLane | undefined {
  const lane = truth(w, row.life)?.lanes.get(row.id);
  return lane?.nonce !== undefined && lane.nonce !== row.nonce ? undefined : lane;
}

/** No side ever believes more of the other's cells than the other wrote (D ≤ U, E2). */
function checkViews(w: World, sku: ActorKey): void {
  for (const row of lanesOf(w.home, sku)) {
    if (row.isWrittenOff) continue;
    const lane = twins(w, row);
    for (const pool of POOLS) {
      const at = (cells: PointLane['have'] | undefined): number => unitsIn(cells ?? {}, pool);
      const isAhead =
        at(row.back) > at(lane?.back) ||
        at(row.arrived) > at(lane?.spent) ||
        at(lane?.got) > at(row.granted);
      if (isAhead) fail(`E2 home's view of ${row.id} ${pool} ran ahead`);
    }
  }
  for (const point of [...w.points.values(), ...w.past.values()]) {
    for (const lane of point.lanes.values()) {
      if (lane.sku !== sku || lane.nonce === undefined || lane.final !== undefined) continue;
      if (!w.home.lanes.has(lane.id)) fail(`home has no row of the open lane ${lane.id}`);
    }
  }
}

/** Q + debt = holds + safety and cover + free + Σ what points have or is on its way. */
function checkConserved(w: World, { sku, figures, promised, free, debt }: Book): void {
  const kept = keptOf(figures, promised);
  const used = figures.held.stock + kept + free.stock + abroad(w, sku).stock;
  const has = figures.qualified + debt.stock;
  if (has !== used) fail(`conservation of ${sku}: ${has} ≠ ${used}`);
}

/** Counted at the points and in the messages, not at home. */
function abroad(w: World, sku: ActorKey): ByKind {
  const sum = none();
  for (const row of lanesOf(w.home, sku)) {
    if (row.isWrittenOff) continue;
    const lane = twins(w, row);
    addByKind(sum, row.granted, 1);
    addByKind(sum, row.back, -1);
    if (lane === undefined) continue;
    addByKind(sum, lane.got, -1);
    addByKind(sum, lane.back, 1);
  }
  for (const point of allLives(w)) addPoint(w.home, point, sku, sum);
  return sum;
}

function addPoint(home: Home, point: Point, sku: ActorKey, sum: ByKind): void {
  const life = lifeOfPoint(point);
  const cursor = home.lives.get(life)?.cursor ?? 0;
  const isGivenUp = (lane: LaneId): boolean =>
    isBuried(home, life) && home.lanes.get(lane)?.isWrittenOff !== false;
  for (const lane of point.lanes.values()) {
    if (lane.sku === sku && !isGivenUp(lane.id)) addByKind(sum, lane.have, 1);
  }
  for (const { sku: its, n, lane, taken } of point.log) {
    if (its === sku && n > cursor && !isGivenUp(lane)) addByKind(sum, taken, 1);
  }
}

/** E3: a shortage rises only by a physical event, a smaller ASN or cap, a burial or a late sale. */
function checkDebt(now: ByKind, was: ByKind, mayRise: boolean): void {
  for (const kind of KINDS) {
    if (now[kind] > was[kind] && !mayRise)
      fail(`E3 debt of ${kind} rose to ${now[kind]} by itself`);
  }
}
