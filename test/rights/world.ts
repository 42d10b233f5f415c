import type { ActorKey, HoldId } from '../../actors/ids.ts';
import { type Doubled, receive } from '../../actors/rights/arrivals.ts';
import { emptyHome, type Home, type Stocks, settle } from '../../actors/rights/home.ts';
import { type Down, type LifeId, lifeId, pointOf, type Up } from '../../actors/rights/lane.ts';
import {
  type Fence,
  fenceOf,
  lifeOfPoint,
  newPoint,
  openLane,
  type Point,
} from '../../actors/rights/point.ts';
import { hear } from '../../actors/rights/point-messages.ts';
import type { ByKind, PoolId } from '../../actors/rights/pools.ts';
import { emptyShelf, type Shelf, stockOf } from './shelf.ts';

export const NAMES = ['a', 'b', 'c'];
export const SKUS = ['o/kettle@w', 'o/lamp@w'] as ActorKey[];
export const SHARED: PoolId = 'stock/shared';
export const PROMO: PoolId = 'stock/promo';
export const POOLS: PoolId[] = [
  ...([SHARED, PROMO, 'stock/own'] as const),
  ...(['presale/shared', 'oversell/shared'] as const),
];

export type Message = Up | Down;

/** What a customer was promised. */
export interface Promised {
  readonly sku: ActorKey;
  readonly qty: number;
  readonly units: ByKind;
  /** The entry of which log; none for a sale at home. */
  readonly life: LifeId | undefined;
  readonly n: number;
  /** The journal that had it lost its tail: it may never come. */
  mayBeLost: boolean;
}

/** A process that does not know that it was replaced. */
export interface Zombie {
  readonly name: string;
  readonly copy: Point;
  readonly fence: Fence;
}

interface Saved {
  readonly home: Home;
  readonly shelves: Map<ActorKey, Shelf>;
}

/** One home shard, three selling points, two SKUs, and every message that was ever sent. */
export interface World {
  home: Home;
  shelves: Map<ActorKey, Shelf>;
  readonly points: Map<string, Point>;
  /** The rights of the processes that run now. */
  readonly fences: Map<string, Fence>;
  /** Lives that have ended, readable for ever. */
  readonly past: Map<LifeId, Point>;
  /** Lives whose journal lost its tail, as they truly were. Only the checks look at them. */
  readonly lost: Map<LifeId, Point>;
  /** Never taken out: a message may come again at any time. */
  readonly bag: Message[];
  readonly cut: Set<string>;
  readonly promised: Map<HoldId, Promised>[];
  readonly zombies: Zombie[];
  readonly savedPoints: Map<string, Point>;
  savedHome: Saved | undefined;
  /** The newest life of each point, and the newest lineage of home, as their leases count them. */
  readonly lives: Map<string, number>;
  lineage: number;
  /** By SKU: units that physical events, smaller ASNs and caps, and burials took from under promises. */
  readonly shock: number[];
  /** True while a step may raise the debt. */
  mayOwe: boolean;
  buried: boolean;
  late: number;
  readonly doubled: Doubled[];
  orders: number;
  nowMs: number;
  steps: number;
  sales: number;
}

export function newWorld(): World {
  const points = new Map(NAMES.map((name) => [name, newPoint(name, 1)]));
  for (const point of points.values()) openLane(point, SKUS[0] as ActorKey);
  return {
    home: emptyHome(NAMES),
    shelves: new Map(SKUS.map((sku) => [sku, emptyShelf()])),
    points,
    fences: new Map([...points].map(([name, point]) => [name, fenceOf(point)])),
    ...{ past: new Map(), lost: new Map(), bag: [], cut: new Set() },
    ...{ promised: SKUS.map(() => new Map()), zombies: [], savedPoints: new Map() },
    ...{ savedHome: undefined, lives: new Map(NAMES.map((n) => [n, 1])), lineage: 1 },
    ...{ shock: SKUS.map(() => 0), mayOwe: false, buried: false, late: 0, doubled: [] },
    ...{ orders: 0, nowMs: 0, steps: 0, sales: 0 },
  };
}

export const stocksOf =
  (w: World): Stocks =>
  (sku) =>
    stockOf(shelfOf(w, sku));

export function shelfOf(w: World, sku: ActorKey): Shelf {
  const shelf = w.shelves.get(sku);
  if (shelf === undefined) throw new Error(`home asks for the stock of ${sku}`);
  return shelf;
}

export const pick = <T>(from: readonly T[], i: number): T | undefined =>
  from.length === 0 ? undefined : from[i % from.length];

export const skuAt = (s: number): number => (s === 5 ? 1 : 0);

/** Whose link a message needs. */
const nameOf = (m: Message): string => (m.to === 'home' ? m.point : pointOf(m.to));

/** Brings a message; the answer, if any, is on its way then. */
export function deliver(w: World, m: Message): Message | undefined {
  if (w.cut.has(nameOf(m))) return undefined;
  if (m.to === 'home') {
    const heard = receive(w.home, m, stocksOf(w));
    w.late += heard.late;
    w.doubled.push(...heard.doubled);
    if (heard.resumed) settleAll(w);
    return heard.reply;
  }
  const point = w.past.get(m.to) ?? w.points.get(pointOf(m.to));
  return point === undefined ? undefined : hear(point, m, 1); // in as many parts as can be
}

export function settleAll(w: World): void {
  for (const [sku, shelf] of w.shelves) settle(w.home, sku, stockOf(shelf));
}

export function send(w: World, m: Message | undefined): void {
  if (m !== undefined) w.bag.push(m);
}

/** A whole exchange, nothing lost. */
export function converse(w: World, first: Message | undefined, mostHops = 8): void {
  let m = first;
  for (let hop = 0; m !== undefined && hop < mostHops; hop++) {
    w.bag.push(m);
    m = deliver(w, m);
  }
}

export function nextLife(w: World, name: string): number {
  const life = (w.lives.get(name) as number) + 1;
  w.lives.set(name, life);
  return life;
}

/** Puts a new life in the place of a point's present one. */
export function replacePoint(w: World, point: Point): void {
  w.points.set(point.name, point);
  w.fences.set(point.name, fenceOf(point));
}

/** A life as it truly is or was. */
export function truth(w: World, life: LifeId): Point | undefined {
  const now = w.points.get(pointOf(life));
  return now !== undefined && lifeOfPoint(now) === life
    ? now
    : (w.past.get(life) ?? w.lost.get(life));
}

export const allLives = (w: World): Point[] => [
  ...w.points.values(),
  ...w.past.values(),
  ...w.lost.values(),
];

export const currentLife = (w: World, name: string): LifeId =>
  lifeId(name, (w.points.get(name) as Point).life);
