import type { HoldId } from '../../actors/ids.ts';
import { tell } from '../../actors/rights/arrivals.ts';
import { free, grant, openLaneOf } from '../../actors/rights/home.ts';
import type { LaneId, LifeId } from '../../actors/rights/lane.ts';
import { lanesToWriteOff, restoreHome, settleLogs } from '../../actors/rights/lives.ts';
import * as points from '../../actors/rights/point.ts';
import { relicUp, up } from '../../actors/rights/point-messages.ts';
import { byKind, type Cells, kindOf, type PoolId, total } from '../../actors/rights/pools.ts';
import { buryLife, loseTail, retire } from './fates.ts';
import { type Choice, type Do, GOODS, newOrder, skuOf, stockAt } from './goods.ts';
import * as worlds from './world.ts';
import { NAMES, pick, SKUS, type World } from './world.ts';

type Point = points.Point;

/** A burial is in parts, or at once. */
const lanesAtMost = ({ n }: Choice): number => (n % 3 === 0 ? Number.POSITIVE_INFINITY : n % 3);

const pointAt = (w: World, i: number): Point => w.points.get(pick(NAMES, i) as string) as Point;
const laneAt = (w: World, c: Choice) => points.laneOf(pointAt(w, c.i), skuOf(c));

/** The pool of a point that has something, by turns. */
function richPool(point: Point, c: Choice): PoolId {
  const lane = points.laneOf(point, skuOf(c));
  const rich = worlds.POOLS.filter((pool) => lane !== undefined && points.freeIn(lane, pool) > 0);
  return pick(rich, c.k) ?? (pick(worlds.POOLS, c.k) as PoolId);
}

/** How many to sell: now and then one too many. */
function someOf(point: Point, pool: PoolId, c: Choice): number {
  const lane = points.laneOf(point, skuOf(c));
  const has = lane === undefined ? 0 : points.freeIn(lane, pool);
  return c.n === 9 ? has + 1 : Math.max(1, Math.min(has, 1 + (c.n % 3)));
}

/** A line of an order: from one pool, or from a channel's own one and then the shared one. */
function lineOf(point: Point, c: Choice): points.SaleLine {
  const pool = richPool(point, c);
  const qty = someOf(point, pool, c);
  const pools = c.n === 4 && kindOf(pool) === 'stock' ? [pool, worlds.SHARED] : [pool];
  return { sku: skuOf(c), qty, pools };
}

/** Only the process that the journal takes records from does anything. */
const mayWrite = (w: World, point: Point): boolean =>
  points.takesFrom(point, w.fences.get(point.name) as points.Fence);

function note(w: World, life: LifeId, made: ReturnType<typeof points.sell>): void {
  if ('ok' in made) return;
  for (const { sku, order, n, taken } of made) {
    const promise = { sku, qty: total(taken), units: byKind(taken), life, n, mayBeLost: false };
    w.promised[SKUS.indexOf(sku)]?.set(order, promise);
    w.sales++;
  }
}

function sellAt(w: World, point: Point, lines: readonly points.SaleLine[]): void {
  if (!mayWrite(w, point)) throw new Error('E4: the process that owns the journal cannot write');
  note(w, points.lifeOfPoint(point), points.sell(point, newOrder(w, point.name), lines));
}

function softOrder(w: World, c: Choice): HoldId | undefined {
  const lanes = [...pointAt(w, c.i).lanes.values()];
  return pick(
    lanes.flatMap(({ soft }) => [...(soft?.keys() ?? [])]),
    c.k,
  );
}

function grantTo(w: World, lane: LaneId, pool: PoolId, qty: number): void {
  grant(w.home, lane, pool, qty, worlds.stocksOf(w));
}

function cellsOf(pool: PoolId, qty: number): Cells {
  const cells: Cells = {};
  for (const each of worlds.POOLS) cells[each] = each === pool ? qty : 99;
  return cells;
}

export const STEPS = {
  ...GOODS,
  grant: (w, c) => {
    const lane = pick([...w.home.lanes.values()], c.i);
    if (lane === undefined) return;
    grantTo(w, lane.id, pick(worlds.POOLS, c.k) as PoolId, c.n);
    if (c.n % 2 === 1) worlds.send(w, tell(w.home, lane.life));
  },
  sync: (w, c) => {
    worlds.converse(w, up(pointAt(w, c.i)));
  },
  /** Asks for all that there is, now and then for one more. */
  grantSync: (w, c) => {
    const point = pointAt(w, c.i);
    if (w.cut.has(point.name)) return;
    points.openLane(point, skuOf(c));
    worlds.converse(w, up(point));
    const lane = openLaneOf(w.home, points.lifeOfPoint(point), skuOf(c));
    const pool = pick(worlds.POOLS, c.k) as PoolId;
    const has = free(w.home, skuOf(c), stockAt(w, c).figures())[kindOf(pool)];
    const qty = c.n === 9 ? has + 1 : Math.max(1, Math.min(has, c.n));
    if (lane !== undefined) grantTo(w, lane.id, pool, qty);
    worlds.converse(w, tell(w.home, points.lifeOfPoint(point)));
  },
  sendUp: (w, c) => {
    const point = pointAt(w, c.i);
    const lane = pick([...point.lanes.keys()], c.k);
    worlds.send(w, up(point, lane === undefined ? [] : [lane], c.n));
  },
  /** Cells may outrun the log. */
  cells: (w, c) => {
    const point = pointAt(w, c.i);
    const lane = pick([...point.lanes.keys()], c.k);
    const message = up(point, lane === undefined ? [] : [lane], 0);
    if (c.n % 2 === 1) worlds.converse(w, message, 1);
    else worlds.send(w, message);
  },
  /** The log may outrun the cells. */
  log: (w, c) => {
    worlds.send(w, up(pointAt(w, c.i), [], c.n));
  },
  pastUp: (w, c) => {
    const past = pick([...w.past.values()], c.k);
    if (past !== undefined) worlds.converse(w, up(past), c.n);
    const point = pointAt(w, c.i);
    const relic = pick(point.relics, c.k);
    if (relic !== undefined) worlds.converse(w, relicUp(point, relic), c.n);
  },
  sendDown: (w, c) => {
    const life = pick([...w.home.lives.keys()], c.i);
    if (life !== undefined) worlds.send(w, tell(w.home, life));
  },
  /** Home would like units back. */
  recall: (w, c) => {
    const lane = pick([...w.home.lanes.values()], c.i);
    if (lane === undefined) return;
    const keep = new Map([[lane.id, cellsOf(pick(worlds.POOLS, c.k) as PoolId, c.n % 4)]]);
    const message = tell(w.home, lane.life, [lane], keep);
    if (c.n % 2 === 1) worlds.converse(w, message);
    else worlds.send(w, message);
  },
  /** Not chosen: lost. Chosen twice: repeated. */
  deliver: (w, c) => {
    const message = pick(w.bag, c.i * 7 + c.k);
    if (message !== undefined) worlds.send(w, worlds.deliver(w, message));
  },
  deliverLate: (w, c) => {
    const message = pick(w.bag.slice(-6), c.k);
    if (message !== undefined) worlds.send(w, worlds.deliver(w, message));
  },
  cut: (w, c) => {
    w.cut.add(pick(NAMES, c.i) as string);
  },
  mend: (w) => w.cut.clear(),
  open: (w, c) => points.openLane(pointAt(w, c.i), skuOf(c)),
  sell: (w, c) => {
    const point = pointAt(w, c.i);
    sellAt(w, point, [lineOf(point, c)]);
  },
  /** One order for both SKUs: all of it or none. */
  sellBoth: (w, c) => {
    const point = pointAt(w, c.i);
    sellAt(w, point, [lineOf(point, { ...c, s: 0 }), lineOf(point, { ...c, s: 5 })]);
  },
  /** A shop sends its order to another point too. */
  sellTwice: (w, c) => {
    const point = pointAt(w, c.i);
    const known = [...(w.promised[worlds.skuAt(c.s)] ?? [])];
    const others = known.filter(
      ([order, { units, qty }]) =>
        order[0] !== point.name && order[0] !== 'h' && units.stock === qty,
    );
    const [order, promise] = pick(others, c.k) ?? [];
    if (order === undefined || promise === undefined) return;
    points.sell(point, order, [{ sku: skuOf(c), qty: promise.qty, pools: [worlds.SHARED] }]);
  },
  soft: (w, c) => {
    const point = pointAt(w, c.i);
    points.reserve(point, newOrder(w, point.name), [lineOf(point, c)], w.nowMs + c.n);
  },
  expire: (w, c) => {
    w.nowMs += c.n;
    for (const point of w.points.values()) points.expire(point, w.nowMs);
  },
  harden: (w, c) => {
    const point = pointAt(w, c.i);
    const order = softOrder(w, c);
    if (order !== undefined) note(w, points.lifeOfPoint(point), points.harden(point, order));
  },
  cancel: (w, c) => {
    const point = pointAt(w, c.i);
    const sold = pick(
      point.log.filter(({ op }) => op === 'sale'),
      c.k,
    );
    if (sold !== undefined) points.cancel(point, sold.order, sold.sku);
  },
  giveBack: (w, c) => {
    const lane = laneAt(w, c);
    if (lane !== undefined) points.giveBack(lane, richPool(pointAt(w, c.i), c), c.n);
  },
  close: (w, c) => {
    points.closeLane(pointAt(w, c.i), skuOf(c));
  },
  takeOver: (w, c) => {
    const point = pointAt(w, c.i);
    const fence = points.fenceOf(point);
    w.zombies.push({ name: point.name, copy: structuredClone(point), fence });
    w.fences.set(point.name, points.takeOver(point));
  },
  /** A replaced process tries to sell. Its journal takes nothing from it. */
  zombie: (w, c) => {
    const zombie = pick(w.zombies, c.k);
    if (zombie === undefined) return;
    const point = w.points.get(zombie.name) as Point;
    const sale = [lineOf(zombie.copy, c)];
    if (points.takesFrom(point, zombie.fence)) sellAt(w, point, sale);
    if (points.takesFrom(point, zombie.fence)) throw new Error('E4: a fenced process committed');
  },
  savePoint: (w, c) => {
    const point = pointAt(w, c.i);
    w.savedPoints.set(point.name, structuredClone(point));
  },
  losePoint: (w, c) => {
    const saved = w.savedPoints.get(pick(NAMES, c.i) as string);
    if (saved === undefined) return;
    w.zombies.push(zombieOf(w, saved.name));
    loseTail(w, saved);
  },
  retire: (w, c) => {
    const point = pointAt(w, c.i);
    w.zombies.push(zombieOf(w, point.name));
    retire(w, point);
  },
  bury: (w, c) => {
    const open = [...w.lost.keys()].filter(
      (life) =>
        (w.home.lives.get(life)?.state ?? 'open') === 'open' ||
        lanesToWriteOff(w.home, life).length > 0,
    );
    const life = pick(open, c.k);
    if (life !== undefined) buryLife(w, life, lanesAtMost(c));
  },
  /** Somebody buries a point that lives. */
  buryAlive: (w, c) => buryLife(w, points.lifeOfPoint(pointAt(w, c.i)), lanesAtMost(c)),
  /** A point was not heard of for long: that proves nothing, so nothing happens. */
  timeout: () => undefined,
  homeCrash: (w) => {
    w.home = structuredClone(w.home);
    w.shelves = structuredClone(w.shelves);
  },
  saveHome: (w) => {
    if (w.home.waiting.size > 0) return;
    settleLogs(w.home);
    w.savedHome = structuredClone({ home: w.home, shelves: w.shelves });
  },
  loseHome: (w) => {
    if (w.savedHome === undefined) return;
    w.home = restoreHome(w.savedHome.home, ++w.lineage, NAMES);
    w.shelves = structuredClone(w.savedHome.shelves);
    w.mayOwe = true;
  },
} satisfies Record<string, Do>;

export type StepName = keyof typeof STEPS;

function zombieOf(w: World, name: string): worlds.Zombie {
  const point = w.points.get(name) as Point;
  return { name, copy: structuredClone(point), fence: w.fences.get(name) as points.Fence };
}
