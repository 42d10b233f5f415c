import type { HoldId } from '../../actors/ids.ts';
import { free, settle } from '../../actors/rights/home.ts';
import { none } from '../../actors/rights/pools.ts';
import { heldIn, putHold, release, type Shelf, ship, stockOf } from './shelf.ts';
import * as worlds from './world.ts';
import { pick, SKUS, type World } from './world.ts';

/** What a step chooses with: whom, which, how many, and a SKU (5 is the second one). */
export interface Choice {
  readonly i: number;
  readonly k: number;
  readonly n: number;
  readonly s: number;
}

export type Do = (w: World, c: Choice) => void;

export const skuOf = (c: Choice) => SKUS[worlds.skuAt(c.s)] as (typeof SKUS)[number];
const shelfAt = (w: World, c: Choice): Shelf => worlds.shelfOf(w, skuOf(c));
export const stockAt = (w: World, c: Choice) => stockOf(shelfAt(w, c));

/** What happens to the stock itself; the state that home could be restored to is then too old to be true. */
const physical =
  (step: Do): Do =>
  (w, c) => {
    step(w, c);
    w.savedHome = undefined;
  };

function shock(w: World, c: Choice, qty: number): void {
  (w.shock[worlds.skuAt(c.s)] as number) += qty;
  w.mayOwe = true;
}

function receiveGoods(w: World, c: Choice, qty: number, announced: number): void {
  const shelf = shelfAt(w, c);
  shelf.inTransit -= Math.min(shelf.inTransit, announced);
  shelf.qualified += qty;
  shelf.came += qty;
  settle(w.home, skuOf(c), stockOf(shelf), qty);
}

export const newOrder = (w: World, where: string): HoldId => `${where}${w.orders++}` as HoldId;

/** What happens at home alone. */
export const GOODS = {
  announce: physical((w, c) => {
    shelfAt(w, c).inTransit += c.n;
  }),
  receive: physical((w, c) => receiveGoods(w, c, c.n, c.n)),
  receiveBlind: physical((w, c) => receiveGoods(w, c, c.n, 0)),
  receiveShort: physical((w, c) => {
    const announced = Math.min(shelfAt(w, c).inTransit, c.n);
    shock(w, c, announced - (announced >> 1));
    receiveGoods(w, c, announced >> 1, announced);
  }),
  cutAsn: physical((w, c) => {
    const qty = Math.min(shelfAt(w, c).inTransit, c.n);
    shock(w, c, qty);
    shelfAt(w, c).inTransit -= qty;
  }),
  loss: physical((w, c) => {
    const qty = Math.min(shelfAt(w, c).qualified, c.n);
    shock(w, c, qty);
    shelfAt(w, c).qualified -= qty;
    shelfAt(w, c).lost += qty;
  }),
  safety: physical((w, c) => {
    shelfAt(w, c).safety = c.n % 4;
    settle(w.home, skuOf(c), stockAt(w, c));
  }),
  capUp: physical((w, c) => {
    shelfAt(w, c).oversellCap += c.n % 4;
  }),
  capDown: physical((w, c) => {
    const qty = Math.min(shelfAt(w, c).oversellCap, c.n);
    shock(w, c, qty);
    shelfAt(w, c).oversellCap -= qty;
  }),
  transferOut: physical((w, c) => {
    const shelf = shelfAt(w, c);
    if (free(w.home, skuOf(c), stockOf(shelf).figures()).stock < c.n) return;
    shelf.qualified -= c.n;
    shelf.movedOut += c.n;
  }),
  homeSell: physical((w, c) => {
    const shelf = shelfAt(w, c);
    if (free(w.home, skuOf(c), stockOf(shelf).figures()).stock < c.n) return;
    const units = { ...none(), stock: c.n };
    const order = newOrder(w, 'h');
    putHold(shelf, order, 'home', units);
    const promise = { sku: skuOf(c), qty: c.n, units, life: undefined, n: 0, mayBeLost: false };
    w.promised[worlds.skuAt(c.s)]?.set(order, promise);
    w.sales++;
  }),
  homeCancel: physical((w, c) => {
    const order = pick([...shelfAt(w, c).holds.keys()], c.k);
    if (order === undefined) return;
    release(shelfAt(w, c), order);
    settle(w.home, skuOf(c), stockAt(w, c));
  }),
  ship: physical((w, c) => {
    const order = pick([...shelfAt(w, c).holds.keys()], c.k);
    if (order !== undefined) ship(shelfAt(w, c), order);
  }),
  /** The shortage is resolved against the newest promises. */
  resolve: physical((w, c) => {
    if (w.home.waiting.size > 0) return;
    resolveDebt(w, c);
  }),
} satisfies Record<string, Do>;

function resolveDebt(w: World, c: Choice): void {
  const shelf = shelfAt(w, c);
  const newest = [...shelf.holds.keys()].reverse();
  const debt = (): number => {
    const held = heldIn(shelf);
    return held.stock + shelf.granted.stock - shelf.qualified;
  };
  for (const order of newest) if (debt() > 0) release(shelf, order, debt(), ['stock']);
  const both = (): number => {
    const { stock, presale } = heldIn(shelf);
    const out = shelf.granted.stock + shelf.granted.presale;
    return stock + presale + out - shelf.qualified - shelf.inTransit;
  };
  for (const order of newest) {
    if (both() > 0) release(shelf, order, both(), ['presale', 'stock']);
  }
}
