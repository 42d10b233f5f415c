import { describe, expect, it } from 'vitest';
import type { SkuId, WarehouseId } from '../actors/ids.ts';
import { isLive, poolLevels, type SkuPlan } from '../actors/rights/plan.ts';
import type { Cells } from '../actors/rights/pools.ts';
import { compile, type Facts, NO_FACTS } from './compile.ts';

const MUG = 'MUG-WHITE' as SkuId;
const [W1, W2] = ['W1', 'W2'] as [WarehouseId, WarehouseId];
const at = (time: string): number => Date.parse(`2026-11-27T${time}:00Z`);
const window = (from: string, until: string) => ({
  from: `2026-11-27T${from}:00Z`,
  until: `2026-11-27T${until}:00Z`,
});
const SITE = {
  ...{ name: 'Berlin', country: 'DE', lat: 52.5, lon: 13.4 },
  ...{ cutoff: '16:00', timeZone: 'Europe/Berlin', handlingDays: 0 },
};
const CHANNELS = { app: { name: 'App' }, pc: { name: 'PC' }, market: { name: 'Marketplace' } };
const ALL = { skus: '*', warehouses: '*' } as const;
const parted = (parts: object, more: object = {}) => ({
  allocations: { usual: { ...ALL, kind: 'stock', parts, ...more } },
});
const THREE = {
  app: { percent: 50, order: 1 },
  pc: { percent: 30, order: 2 },
  market: { percent: 20, order: 3 },
};

const of = (rules: object, facts: Facts = NO_FACTS) =>
  compile({ channels: CHANNELS, ...rules }, facts);
function levels(plan: SkuPlan, free: number, sold: Cells = {}, nowMs = at('09:00')) {
  const all = poolLevels(plan, 'stock', { free, out: {}, sold }, nowMs);
  return Object.fromEntries(all.map(({ pool, units }) => [pool.slice('stock/'.length), units]));
}

describe('a plan of rules', () => {
  it('says nothing where there are none', () => {
    const plan = compile({});
    const none = { pools: [], presale: 0, oversell: 0, safety: undefined };
    expect(plan.planOf(MUG, W1)).toEqual(none);
    expect(plan.poolsOf(undefined, MUG, W1, 0)).toEqual(['stock/shared']);
    expect(plan.poolsOf('app', MUG, W1, 0)).toEqual([]);
  });

  it('divides stock in percent: 50/30/20 of 100, and 35/21/14 of the 70 that sales and a loss leave', () => {
    const plan = of(parted(THREE));
    expect(levels(plan.planOf(MUG, W1), 100)).toEqual({ app: 50, pc: 30, market: 20, shared: 0 });
    expect(levels(plan.planOf(MUG, W1), 70)).toMatchObject({ app: 35, pc: 21, market: 14 });
    expect(plan.poolsOf('app', MUG, W1, 0)).toEqual(['stock/app']);
    expect(plan.poolsOf(undefined, MUG, W1, 0)).toEqual(['stock/shared']);
  });

  it('gives a maximum its own units only, a minimum the shared ones too, and all others those', () => {
    const plan = of(parted({ app: { units: 20 }, pc: { least: 30 } }));
    expect(levels(plan.planOf(MUG, W1), 100)).toEqual({ app: 20, pc: 30, shared: 50 });
    expect(plan.poolsOf('app', MUG, W1, 0)).toEqual(['stock/app']);
    expect(plan.poolsOf('pc', MUG, W1, 0)).toEqual(['stock/pc', 'stock/shared']);
    expect(plan.poolsOf('market', MUG, W1, 0)).toEqual(['stock/shared']);
  });

  it('cuts the last in the declared order first, of equals the last by name', () => {
    const units = (order: object) => ({ units: 50, ...order });
    const declared = of(parted({ app: units({ order: 2 }), pc: units({ order: 1 }) }));
    expect(levels(declared.planOf(MUG, W1), 60)).toMatchObject({ pc: 50, app: 10 });
    const named = of(parted({ pc: units({}), app: units({}) }));
    expect(levels(named.planOf(MUG, W1), 60)).toMatchObject({ app: 50, pc: 10 });
  });

  it('takes the most specific rule, then the highest priority, then the first by name', () => {
    const rule = (units: number, more: object) => ({
      ...{ ...ALL, kind: 'stock', parts: { app: { units } } },
      ...more,
    });
    const warehouses = { W1: SITE, W2: SITE };
    const unitsAt = (allocations: object, warehouse = W1) =>
      levels(of({ warehouses, allocations }).planOf(MUG, warehouse), 100).app;
    const here = { a: rule(1, {}), b: rule(2, { warehouses: { W1: true } }) };
    expect(unitsAt(here)).toBe(2);
    expect(unitsAt(here, W2)).toBe(1);
    expect(unitsAt({ ...here, c: rule(3, { skus: { [MUG]: true } }) })).toBe(3);
    expect(unitsAt({ a: rule(1, {}), b: rule(2, { priority: 1 }) })).toBe(2);
    expect(unitsAt({ b: rule(2, {}), a: rule(1, {}) })).toBe(1);
    expect(unitsAt({ a: rule(1, {}), b: rule(2, { countries: { DE: true } }) })).toBe(2);
    expect(unitsAt({ a: rule(1, {}), b: rule(2, { countries: { FR: true } }) })).toBe(1);
  });

  it('has a promotion beside the others from 10:00 to 12:00: 30 of 100, and 18 of them shared at noon', () => {
    const promotion = { ...ALL, channels: { app: true }, units: 30 };
    const promotions = { friday: { ...promotion, window: window('10:00', '12:00') } };
    const plan = of({ promotions });
    const sku = plan.planOf(MUG, W1);
    const pool = 'stock/promo-friday';
    expect(levels(sku, 100, {}, at('09:59'))).toEqual({ shared: 100 });
    expect(levels(sku, 100, {}, at('10:00'))).toEqual({ 'promo-friday': 30, shared: 70 });
    expect(levels(sku, 88, { [pool]: 12 }, at('11:59'))).toMatchObject({ 'promo-friday': 18 });
    expect(levels(sku, 88, { [pool]: 12 }, at('12:00'))).toEqual({ shared: 88 });
    expect(plan.poolsOf('app', MUG, W1, at('10:00'))).toEqual([pool, 'stock/shared']);
    expect(plan.poolsOf('pc', MUG, W1, at('10:00'))).toEqual(['stock/shared']);
    expect(plan.poolsOf('app', MUG, W1, at('12:00'))).toEqual(['stock/shared']);
  });

  it('P2 changes over from one allocation to another and back, with no pool live twice', () => {
    const usual = { ...ALL, kind: 'stock', parts: { app: { percent: 50 } } };
    const rush = { ...usual, parts: { app: { percent: 80 } }, window: window('10:00', '12:00') };
    const plan = of({ allocations: { usual, rush } });
    const sku = plan.planOf(MUG, W1);
    const appAt = (time: string) => {
      const [pool] = plan.poolsOf('app', MUG, W1, at(time));
      return levels(sku, 100, {}, at(time))[pool?.slice('stock/'.length) as string];
    };
    expect(['09:59', '10:00', '11:59', '12:00'].map(appAt)).toEqual([50, 80, 80, 50]);
    expect(new Set(sku.pools.map(({ pool }) => pool)).size).toBe(3);
  });

  it('divides percents anew by what channels have sold, and as written where nothing was', () => {
    const rules = parted(THREE, { by: 'performance' });
    const by = (sales: Facts['sales']) => levels(of(rules, { sales }).planOf(MUG, W1), 100);
    expect(by({ app: 1, pc: 1, market: 1 })).toMatchObject({ app: 34, pc: 33, market: 33 });
    expect(by({ market: 500 })).toMatchObject({ app: 0, pc: 0, market: 100 });
    expect(by({})).toMatchObject({ app: 50, pc: 30, market: 20 });
  });

  it('sells to a channel’s areas only from where these are served', () => {
    const channels = { ...CHANNELS, app: { name: 'App', areas: { 'DE-BE': true } } };
    const sites = { W1: { ...SITE, serves: { DE: true } }, W2: { ...SITE, serves: { FR: true } } };
    const plan = compile({ channels, warehouses: sites, ...parted(THREE) });
    expect(plan.poolsOf('app', MUG, W1, 0)).toEqual(['stock/app']);
    expect(plan.poolsOf('app', MUG, W2, 0)).toEqual([]);
    expect(levels(plan.planOf(MUG, W2), 100)).toEqual({ pc: 30, market: 20, shared: 50 });
  });

  it('opens pre-sale and oversell as far as their caps, to all or to those named', () => {
    const presale = { spring: { ...ALL, units: 40 } };
    const oversell = { some: { ...ALL, units: 5, channels: { app: true } } };
    const plan = of({ presale, oversell });
    expect(plan.planOf(MUG, W1)).toMatchObject({ presale: 40, oversell: 5 });
    expect(plan.poolsOf(undefined, MUG, W1, 0)).toEqual(['stock/shared', 'presale/shared']);
    const all = ['stock/shared', 'presale/shared', 'oversell/for-some'];
    expect(plan.poolsOf('app', MUG, W1, 0)).toEqual(all);
    const figures = { free: 40, out: {}, sold: {} };
    const level = poolLevels(plan.planOf(MUG, W1), 'presale', figures, 0);
    expect(level).toMatchObject([{ pool: 'presale/shared', units: 40 }]);
  });

  it('divides a pre-sale between channels, and leaves the rest to all', () => {
    const presale = { spring: { ...ALL, units: 40 } };
    const split = { ...ALL, kind: 'presale', parts: { app: { percent: 75 } } };
    const plan = of({ presale, allocations: { split } });
    const figures = { free: 40, out: {}, sold: {} };
    const level = poolLevels(plan.planOf(MUG, W1), 'presale', figures, 0);
    expect(level.map(({ pool, units }) => [pool, units])).toEqual([
      ['presale/app', 30],
      ['presale/shared', 10],
    ]);
    expect(plan.poolsOf('app', MUG, W1, 0)).toEqual(['stock/shared', 'presale/app']);
  });

  it('bounds a time of a lower cap by its units', () => {
    const few = { ...ALL, units: 10, window: window('10:00', '12:00') };
    const plan = of({ oversell: { few, usual: { ...ALL, units: 20 } } }).planOf(MUG, W1);
    const units = (time: string) => {
      const figures = { free: plan.oversell, out: {}, sold: {} };
      return poolLevels(plan, 'oversell', figures, at(time)).map((level) => level.units);
    };
    expect(plan.oversell).toBe(20);
    expect([units('09:00'), units('10:00'), units('12:00')]).toEqual([[20], [10], [20]]);
    const live = plan.pools.filter((rule) => isLive(rule, at('10:00')));
    expect(live.map(({ pool }) => pool)).toEqual(['oversell/shared']);
  });

  it('cuts parts of so many units where a lower cap leaves less, the last served first', () => {
    const few = { ...ALL, units: 10, window: window('10:00', '12:00') };
    const parts = {
      app: { units: 8, order: 1 },
      pc: { units: 50, order: 2 },
      market: { percent: 100 },
    };
    const plan = of({
      oversell: { few, usual: { ...ALL, units: 100 } },
      allocations: { split: { ...ALL, kind: 'oversell', parts } },
    }).planOf(MUG, W1);
    const units = (time: string) => {
      const figures = { free: plan.oversell, out: {}, sold: {} };
      return poolLevels(plan, 'oversell', figures, at(time)).map((level) => level.units);
    };
    // In the order of service, the shared pool at last.
    expect(units('09:00')).toEqual([42, 8, 50, 0]);
    expect(units('10:00')).toEqual([0, 8, 2, 0]);
  });

  it('keeps safety stock back in each warehouse, and splits a buffer over all, the first by name one more', () => {
    const warehouses = { W1: SITE, W2: SITE, W3: SITE };
    const rules = {
      warehouses,
      safety: { some: { skus: '*', warehouses: { W2: true }, units: 5 } },
      buffers: { all: { ...ALL, units: 11 } },
    };
    const plan = of(rules);
    const kept = ['W1', 'W2', 'W3', 'W9'].map((w) => plan.planOf(MUG, w as WarehouseId).safety);
    expect(kept).toEqual([4, 4 + 5, 3, 0]);
    expect(of({ ...rules, buffers: {} }).planOf(MUG, W1).safety).toBeUndefined();
  });

  it('is one also of more windows than anybody will write', () => {
    const names = Array.from({ length: 100 }, (_, i) => `c${i}`);
    const channels = Object.fromEntries(names.map((id) => [id, { name: id }]));
    const parts = Object.fromEntries(names.map((id) => [id, { percent: 1 }]));
    const hour = (n: number): string => new Date(n * 3_600_000).toISOString();
    const rushes = Array.from({ length: 400 }, (_, i) => {
      const its = { from: hour(2 * i + 1), until: hour(2 * i + 2) };
      return [`rush-${i}`, { ...ALL, kind: 'stock', parts, window: its }] as const;
    });
    const usual = { ...ALL, kind: 'stock', parts };
    const plan = compile({ channels, allocations: { usual, ...Object.fromEntries(rushes) } });
    expect(plan.settled).toEqual([]);
    expect(plan.poolsOf('c1', MUG, W1, 3 * 3_600_000)).toEqual([`stock/c1.${3 * 3_600_000}`]);
  });

  it('is the same object for the same goods, and for all that no rule names', () => {
    const plan = of(parted(THREE, { skus: { [MUG]: true } }));
    expect(plan.planOf(MUG, W1)).toBe(plan.planOf(MUG, W1));
    expect(plan.planOf('A' as SkuId, W1)).toBe(plan.planOf('B' as SkuId, W1));
    expect(plan.planOf('A' as SkuId, W1).pools).toEqual([]);
  });

  it('is the same object in all warehouses that no rule names, of which anybody may ask for any', () => {
    const warehouses = { W1: { ...SITE, serves: { FR: true } } };
    const channels = { ...CHANNELS, app: { name: 'App', areas: { DE: true } } };
    const plan = compile({ channels, warehouses, ...parted(THREE) });
    expect(plan.planOf(MUG, 'made-up' as WarehouseId)).toBe(plan.planOf(MUG, W2));
    expect(plan.planOf(MUG, 'constructor' as WarehouseId)).toBe(plan.planOf(MUG, W2));
    expect(plan.planOf(MUG, W1)).not.toEqual(plan.planOf(MUG, W2));
    expect(plan.poolsOf('app', MUG, W2, 0)).toEqual(['stock/app']);
    expect(plan.poolsOf('app', MUG, W1, 0)).toEqual([]);
  });
});
