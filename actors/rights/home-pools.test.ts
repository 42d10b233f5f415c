import { beforeEach, describe, expect, it } from 'vitest';
import type { ActorKey } from '../ids.ts';
import { emptyHome, type Home } from './home.ts';
import { beginWindow, levelsAt, setPlan } from './home-pools.ts';
import type { PoolRule } from './plan.ts';
import { none, type PoolId } from './pools.ts';

const MUG = 'demo/mug@W1' as ActorKey;
const [PROMO, APP]: readonly [PoolId, PoolId] = ['stock/promo-noon', 'stock/app'];
/** Of the promotion, epoch ms. */
const [FROM, NOON] = [10_000, 20_000];

const percent = (pool: PoolId, part: number): PoolRule => ({
  ...{ pool, part: { percent: part }, fromMs: 0, untilMs: 0 },
});
const units = (part: number, fromMs = FROM, untilMs = NOON): PoolRule => ({
  ...{ pool: PROMO, part: { units: part }, fromMs, untilMs },
});

let home: Home;
let stock: number;

const planned = (pools: readonly PoolRule[], atMs: number): void =>
  setPlan(home, MUG, { pools, presale: 0, oversell: 0, safety: undefined }, atMs);
/** Of lanes that are gone. */
function sold(pool: PoolId, qty: number): void {
  const before = home.sold.get(MUG) ?? {};
  home.sold.set(MUG, { ...before, [pool]: (before[pool] ?? 0) + qty });
  stock -= qty;
}
function levels(atMs: number): Record<string, number> {
  const figures = { qualified: stock, inTransit: 0, oversellCap: 0, safety: 0, held: none() };
  const all = levelsAt(home, MUG, figures, atMs);
  return Object.fromEntries(all.map((level) => [level.pool.slice('stock/'.length), level.units]));
}

describe('a promotion of 30 of 100, of which 20 are sold', () => {
  beforeEach(() => {
    home = emptyHome([]);
    stock = 100;
    planned([units(30), percent(APP, 50)], 0);
    beginWindow(home, MUG, FROM);
    sold(PROMO, 20);
    expect(levels(FROM)).toEqual({ 'promo-noon': 10, app: 35, shared: 35 });
  });

  it('has 10 left, though a loss begins a new window for parts in percent', () => {
    sold(APP, 5);
    stock -= 15;
    beginWindow(home, MUG, FROM + 1);
    expect(levels(FROM + 1)).toEqual({ 'promo-noon': 10, app: 25, shared: 25 });
  });

  it('has 10 left, though other rules of the goods are edited', () => {
    sold(APP, 5);
    planned([units(30), percent(APP, 40)], FROM + 1);
    expect(levels(FROM + 1)).toEqual({ 'promo-noon': 10, app: 26, shared: 39 });
  });

  it('has as many more as it is given, and as much time', () => {
    planned([units(35, FROM, NOON + 5), percent(APP, 50)], FROM + 1);
    expect(levels(NOON)).toMatchObject({ 'promo-noon': 15 });
  });

  it('is another one where it begins at another time', () => {
    planned([units(30, FROM + 1), percent(APP, 50)], FROM + 1);
    expect(levels(FROM + 1)).toMatchObject({ 'promo-noon': 30 });
  });

  it('has its sales behind it where a window begins when it is over', () => {
    beginWindow(home, MUG, NOON);
    expect(levels(NOON)).toEqual({ app: 40, shared: 40 });
  });
});

it('a part of units that is for ever has them again in each window', () => {
  home = emptyHome([]);
  stock = 100;
  planned([units(30, 0, 0)], 0);
  sold(PROMO, 30);
  expect(levels(0)).toMatchObject({ 'promo-noon': 0 });
  beginWindow(home, MUG, 1);
  expect(levels(1)).toMatchObject({ 'promo-noon': 30 });
});
