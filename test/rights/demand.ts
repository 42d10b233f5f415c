import {
  asked,
  type Demand,
  fill,
  forwardTo,
  levelsOf,
  movesOf,
  NO_DEMAND,
  type Seller,
  SHARING,
} from '../../actors/rights/sharing.ts';
import { Random } from '../sim/random.ts';

/** Home, the hub, and two far regions: how much of all sales is usual there, and when its day begins. */
const PLACES = [
  { name: 'eu', usualShare: 0.4, phaseHours: 0 },
  { name: 'hub', usualShare: 0.15, phaseHours: 1 },
  { name: 'us', usualShare: 0.3, phaseHours: 8 },
  { name: 'ap', usualShare: 0.15, phaseHours: 16 },
] as const;
const HUB = 1;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

export interface Asked {
  readonly atMs: number;
  readonly place: number;
  readonly qty: number;
}

/** From when to when a leaf was cut from the hub, by place. */
export type Cuts = readonly (readonly (readonly [number, number])[])[];

const exponential = (r: Random, mean: number): number => -Math.log(1 - r.next()) * mean;

function normal(r: Random): number {
  return Math.sqrt(-2 * Math.log(1 - r.next())) * Math.cos(2 * Math.PI * r.next());
}

/** Random cuts of all leaves: from 10 s to 2 h, half of them shorter than 8 minutes. */
export function randomCuts(days: number, perLeaf: number, seed: number): Cuts {
  const r = new Random(seed, 'cuts');
  return PLACES.map((_, place) => {
    const cuts: [number, number][] = [];
    if (place === HUB || perLeaf === 0) return cuts;
    for (let at = exponential(r, (days * DAY) / perLeaf); at < days * DAY; ) {
      const lengthMs = Math.min(2 * HOUR, Math.max(10_000, 8 * 60_000 * Math.exp(1.2 * normal(r))));
      cuts.push([at, at + lengthMs]);
      at += lengthMs + exponential(r, (days * DAY) / perLeaf);
    }
    return cuts;
  });
}

/** The orders of one SKU: places differ from SKU to SKU, days have a shape, and each week one place has a rush of an hour. */
export function randomOrders(days: number, perDay: number, seed: number): Asked[] {
  const r = new Random(seed, 'orders');
  const weights = PLACES.map(({ usualShare }) => usualShare * Math.exp(0.5 * normal(r)));
  const sum = weights.reduce((a, b) => a + b);
  const rushes = Array.from({ length: Math.ceil(days / 7) }, (_, week) => ({
    place: r.whole(0, PLACES.length - 1),
    atMs: week * WEEK + r.between(0, 6.5 * DAY),
  }));
  const orders: Asked[] = [];
  for (const [place, { phaseHours }] of PLACES.entries()) {
    const most = (9 * perDay * (weights[place] as number)) / sum;
    for (let at = exponential(r, DAY / most); at < days * DAY; at += exponential(r, DAY / most)) {
      const rush = rushes[Math.floor(at / WEEK)];
      const isRush = rush?.place === place && at > rush.atMs && at < rush.atMs + HOUR;
      const shape = 1 + 0.8 * Math.sin((2 * Math.PI * (at / HOUR + phaseHours)) / 24);
      if (!r.chance((shape * (isRush ? 5 : 1)) / 9)) continue;
      const q = r.next();
      orders.push({ atMs: at, place, qty: q < 0.8 ? 1 : q < 0.95 ? 2 : r.whole(3, 5) });
    }
  }
  return orders.sort((a, b) => a.atMs - b.atMs);
}

/** Units, orders and moves of a simulated time. */
export interface Told {
  orders: number;
  asked: number;
  /** What anybody could have sold. */
  ideal: number;
  sold: number;
  /** Of those: without asking any other place. */
  local: number;
  /** Refused while they were unsold somewhere. */
  missed: number;
  moves: number;
  /** What one lock at home would have sold. */
  lock: number;
}

/** Sells orders by the policy; each week the goods come to home, so many times the mean demand. Moves take no time. */
export function sellAll(skus: readonly Asked[][], cuts: Cuts, days: number, supply: number): Told {
  const told: Told = {
    ...{ orders: 0, asked: 0, ideal: 0, sold: 0, local: 0, missed: 0, moves: 0, lock: 0 },
  };
  for (const orders of skus) sellOne(orders, cuts, days, supply, told);
  return told;
}

function sellOne(
  orders: readonly Asked[],
  cuts: Cuts,
  days: number,
  supply: number,
  told: Told,
): void {
  const weekly = orders.reduce((sum, { qty }) => sum + qty, 0) / (days / 7);
  const demand: Demand[] = PLACES.map(() => NO_DEMAND);
  const next = PLACES.map(() => 0);
  let have = PLACES.map(() => 0);
  let [week, ideal, lock, lookedMs] = [-1, 0, 0, 0];
  const isUp = (place: number, atMs: number): boolean => {
    const list = cuts[place] ?? [];
    while ((list[next[place] as number]?.[1] ?? Infinity) <= atMs) (next[place] as number)++;
    return (list[next[place] as number]?.[0] ?? Infinity) > atMs;
  };
  const seller = (place: number): Seller => {
    const { name, usualShare } = PLACES[place] as (typeof PLACES)[number];
    return { name, usualShare, have: have[place] as number, demand: demand[place] as Demand };
  };
  const move = (name: string, qty: number): void => {
    (have[PLACES.findIndex((place) => place.name === name)] as number) += qty;
    have[0] = (have[0] as number) - qty;
    told.moves++;
  };
  for (const { atMs, place, qty } of orders) {
    if (Math.floor(atMs / WEEK) !== week) {
      week = Math.floor(atMs / WEEK);
      ideal = lock = Math.round(weekly * supply);
      have = [ideal, 0, 0, 0];
      lookedMs = Number.NEGATIVE_INFINITY;
    }
    const up = PLACES.map((_, i) => isUp(i, atMs));
    const others = [1, 2, 3].filter((i) => up[0] && up[i]);
    if (atMs - lookedMs >= SHARING.lookEveryMs) {
      lookedMs = atMs;
      const levels = levelsOf(seller(0), others.map(seller), atMs);
      for (const { name, qty } of movesOf(levels, have[0] as number)) move(name, qty);
    }
    told.orders++;
    told.asked += qty;
    if (ideal >= qty) {
      ideal -= qty;
      told.ideal += qty;
    }
    const reachesHome = place === 0 || (up[0] && up[place]) === true;
    if (lock >= qty && reachesHome) {
      lock -= qty;
      told.lock += qty;
    }
    demand[place] = asked(demand[place] as Demand, qty, atMs);
    if ((have[place] as number) >= qty) told.local += qty;
    else if (reachesHome) {
      const lack = qty - (have[place] as number);
      const from = others.filter((i) => i !== place).map(seller);
      const found = fill(lack, place === 0 ? 0 : (have[0] as number), from);
      for (const { name, qty: back } of found?.recalls ?? []) move(name, back);
      if (found !== undefined && place !== 0) move((PLACES[place] as { name: string }).name, lack);
    }
    if ((have[place] as number) < qty) {
      const reachable = PLACES.flatMap((_, i) =>
        i !== place && up[i] && up[place] ? [seller(i)] : [],
      );
      const other = forwardTo(qty, reachable);
      if (other === undefined) {
        if (have.reduce((a, b) => a + b) >= qty) told.missed += qty;
        continue;
      }
      have[PLACES.findIndex(({ name }) => name === other.name)] = other.have - qty;
    } else have[place] = (have[place] as number) - qty;
    told.sold += qty;
  }
}
