import { tell } from '../../actors/rights/arrivals.ts';
import type { LifeId } from '../../actors/rights/lane.ts';
import { lifeOfPoint } from '../../actors/rights/point.ts';
import { relicUp, up } from '../../actors/rights/point-messages.ts';
import { unitsIn } from '../../actors/rights/pools.ts';
import { before, check, fail, type Judge } from './check.ts';
import { buryLife, retire } from './fates.ts';
import { STEPS, type StepName } from './steps.ts';
import {
  deliver,
  type Message,
  newWorld,
  POOLS,
  SKUS,
  shelfOf,
  truth,
  type World,
} from './world.ts';

/** A step's name, and what it chooses with: whom, which, how many, which SKU. */
export type Step = readonly [name: StepName, i: number, k: number, n: number, s: number];

/** Goods at home and rights at every point: most runs begin with it. */
export const PROLOGUE: readonly Step[] = [
  ['receive', 0, 0, 20, 0],
  ['announce', 0, 0, 12, 0],
  ['capUp', 0, 0, 3, 0],
  ['receive', 0, 0, 7, 5],
  ['grantSync', 0, 0, 6, 0],
  ['grantSync', 1, 0, 5, 0],
  ['grantSync', 2, 3, 4, 0],
  ['grantSync', 0, 3, 3, 0],
  ['grantSync', 1, 4, 3, 0],
  ['grantSync', 2, 1, 4, 0],
  ['grantSync', 0, 0, 3, 5],
];

/** Few goods, nearly all of them out. */
export const TIGHT: readonly Step[] = [
  ['receive', 0, 0, 6, 0],
  ['announce', 0, 0, 2, 0],
  ['capUp', 0, 0, 1, 0],
  ['grantSync', 0, 0, 3, 0],
  ['grantSync', 1, 0, 2, 0],
  ['grantSync', 2, 3, 1, 0],
];

/** Of the old messages that are brought again at the end, every so many the rules are checked. */
const REPEATS_CHECKED = 16;

/**
 * Runs the steps on a new world and checks every rule after each; then heals all links, checks what
 * must be so at rest, brings every message there ever was once more, and checks that nothing moves.
 */
export function run(steps: readonly Step[], judge: Judge = 'rules'): World {
  const w = newWorld();
  for (const [name, i, k, n, s] of steps) {
    const was = before(w);
    w.mayOwe = w.home.waiting.size > 0;
    (STEPS[name] as (w: World, c: object) => void)(w, { i, k, n, s });
    w.steps++;
    check(w, was, judge);
  }
  heal(w, judge);
  const rested = digest(w);
  const was = before(w);
  w.mayOwe = false;
  for (const [place, message] of w.bag.entries()) {
    quietly(w, withoutWishes(message), 4);
    if (place % REPEATS_CHECKED === 0) check(w, was, judge);
  }
  check(w, was, judge);
  heal(w, judge);
  const isDisturbed = judge === 'rules' && !w.buried && w.lost.size === 0 && digest(w) !== rested;
  if (isDisturbed) fail('R1 old messages moved a state at rest');
  return w;
}

/** A wish of home's is of its moment: heard again, it would rightly move units again. */
const withoutWishes = (m: Message): Message =>
  m.to === 'home' ? m : { ...m, lanes: m.lanes.map((lane) => ({ ...lane, keep: undefined })) };

/** All links are whole again for long enough; lives that were lost are buried where home waits for them. */
function heal(w: World, judge: Judge): void {
  w.cut.clear();
  const was = before(w);
  w.mayOwe = true;
  let last = '';
  for (let round = 0; round < 8; round++) {
    exchange(w);
    const now = digest(w);
    if (w.home.waiting.size === 0 && now === last) break;
    last = now;
    for (const name of [...w.home.waiting]) {
      if (round > 2 && w.lost.has(name as LifeId)) buryLife(w, name as LifeId);
    }
  }
  check(w, was, judge);
  checkSales(w);
  if (judge === 'rules') checkRest(w);
}

/** A point that heard that its life is over begins the next; then everybody says what there is to say. */
function exchange(w: World): void {
  for (const point of [...w.points.values()]) if (point.ended !== undefined) retire(w, point);
  for (const point of [...w.past.values(), ...w.points.values()]) {
    quietly(w, up(point));
    for (const relic of [...point.relics]) quietly(w, relicUp(point, relic));
  }
  for (const life of w.home.lives.keys()) quietly(w, tell(w.home, life));
}

/** A whole exchange that is not kept for later. */
function quietly(w: World, first: Message | undefined, mostHops = 8): void {
  let m = first;
  for (let hop = 0; m !== undefined && hop < mostHops; hop++) m = deliver(w, m);
}

function checkSales(w: World): void {
  if (w.home.waiting.size > 0) fail(`E5 at rest, home waits for ${[...w.home.waiting]}`);
  for (const [s, sku] of SKUS.entries()) {
    for (const [order, { mayBeLost }] of w.promised[s] ?? []) {
      if (!shelfOf(w, sku).holds.has(order) && !mayBeLost) fail(`sale ${order} was never held`);
    }
  }
}

function checkRest(w: World): void {
  for (const row of w.home.lanes.values()) {
    if (w.lost.has(row.life)) continue;
    const lane = truth(w, row.life)?.lanes.get(row.id);
    if (lane === undefined) fail(`ghost row ${row.id}`);
    for (const pool of POOLS) {
      const isSame =
        unitsIn(row.granted, pool) === unitsIn(lane.got, pool) &&
        unitsIn(row.back, pool) === unitsIn(lane.back, pool) &&
        unitsIn(row.arrived, pool) === unitsIn(lane.spent, pool);
      if (!isSame && lane.final === undefined) fail(`at rest, ${row.id} ${pool} differs`);
    }
  }
}

/** What a state at rest is. */
function digest(w: World): string {
  const lanes = [...w.points.values()].map((point) => [
    lifeOfPoint(point),
    [...point.lanes.values()].map(({ id, have, back, spent }) => [id, have, back, spent]),
  ]);
  const rows = [...w.home.lanes.values()]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, granted, back, arrived }) => [id, granted, back, arrived]);
  const holds = SKUS.map((sku) => [...shelfOf(w, sku).holds]);
  return JSON.stringify([lanes, rows, holds]);
}
