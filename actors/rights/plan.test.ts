import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PoolFigures, type PoolRule, poolLevels, poolNow, type SkuPlan } from './plan.ts';
import { type PoolId, unitsIn } from './pools.ts';

const percent = (pool: PoolId, part: number): PoolRule => ({
  ...{ pool, part: { percent: part }, fromMs: 0, untilMs: 0 },
});
const planOf = (...pools: PoolRule[]): SkuPlan => ({
  ...{ pools, presale: 0, oversell: 0, safety: undefined },
});
const THREE = planOf(
  percent('stock/app', 50),
  percent('stock/pc', 30),
  percent('stock/market', 20),
);
const unitsOf = (plan: SkuPlan, figures: PoolFigures, nowMs = 0): Record<string, number> =>
  Object.fromEntries(
    poolLevels(plan, 'stock', figures, nowMs).map(({ pool, units }) => [pool, units]),
  );

describe('pools of a SKU', () => {
  it('are parts of the stock, in percent', () => {
    const levels = unitsOf(THREE, { free: 100, out: {}, sold: {} });
    expect(levels).toEqual({
      'stock/app': 50,
      'stock/pc': 30,
      'stock/market': 20,
      'stock/shared': 0,
    });
  });

  it('fall by their own sales alone', () => {
    const sold = { 'stock/app': 10, 'stock/pc': 5, 'stock/market': 5 } as const;
    const levels = unitsOf(THREE, { free: 80, out: {}, sold });
    expect(levels).toMatchObject({ 'stock/app': 40, 'stock/pc': 25, 'stock/market': 15 });
  });

  it('are parts of what is left where a loss has begun a new window', () => {
    const levels = unitsOf(THREE, { free: 70, out: {}, sold: {} });
    expect(levels).toMatchObject({ 'stock/app': 35, 'stock/pc': 21, 'stock/market': 14 });
  });

  it('of a promotion are its units, and shared when it is over', () => {
    const noon = 12 * 3_600_000;
    const from = noon - 2 * 3_600_000;
    const promo = planOf({ pool: 'stock/promo', part: { units: 30 }, fromMs: from, untilMs: noon });
    const before = { free: 100, out: {}, sold: {} };
    expect(unitsOf(promo, before, from - 1)).toEqual({ 'stock/shared': 100 });
    expect(unitsOf(promo, before, from)).toEqual({ 'stock/promo': 30, 'stock/shared': 70 });
    const during = { free: 70, out: { 'stock/promo': 18 }, sold: { 'stock/promo': 12 } } as const;
    expect(unitsOf(promo, during, noon - 1)).toEqual({ 'stock/promo': 18, 'stock/shared': 70 });
    expect(unitsOf(promo, during, noon)).toEqual({ 'stock/shared': 88 });
    expect(poolNow(promo, 'stock/promo', noon)).toBe('stock/shared');
  });

  it('are cut from the last where there is too little', () => {
    const plan = planOf(
      { pool: 'stock/app', part: { units: 50 }, fromMs: 0, untilMs: 0 },
      { pool: 'stock/pc', part: { units: 30 }, fromMs: 0, untilMs: 0 },
    );
    const levels = unitsOf(plan, { free: 60, out: {}, sold: {} });
    expect(levels).toEqual({ 'stock/app': 50, 'stock/pc': 10, 'stock/shared': 0 });
  });

  it('of pre-sale are nobody’s unless the plan says whose', () => {
    const figures = { free: 40, out: {}, sold: {} };
    expect(poolLevels(THREE, 'presale', figures, 0)).toEqual([]);
    const open = planOf(percent('presale/shared', 100));
    expect(poolLevels(open, 'presale', figures, 0)).toMatchObject([{ units: 40 }]);
  });

  it('together have all there is, and none less than is out of it', () => {
    const labels: PoolId[] = ['stock/a', 'stock/b', 'stock/c', 'stock/shared', 'stock/old'];
    const cells = fc.record(
      Object.fromEntries(labels.map((label) => [label, fc.nat(200)])) as Record<
        PoolId,
        fc.Arbitrary<number>
      >,
    );
    const rule = (pool: PoolId): fc.Arbitrary<PoolRule> =>
      fc
        .record({
          part: fc.oneof(
            fc.record({ percent: fc.integer({ min: 0, max: 33 }) }),
            fc.record({ units: fc.nat(150) }),
          ),
          fromMs: fc.nat(3),
          untilMs: fc.nat(3),
        })
        .map((more) => ({ pool, ...more }));
    const plans = fc
      .tuple(rule('stock/a'), rule('stock/b'), rule('stock/c'))
      .map((pools) => planOf(...pools));
    fc.assert(
      fc.property(plans, fc.nat(300), cells, cells, fc.nat(4), (plan, free, out, sold, nowMs) => {
        const levels = poolLevels(plan, 'stock', { free, out, sold }, nowMs);
        const all = labels.reduce((sum, label) => sum + unitsIn(out, label), free);
        expect(levels.reduce((sum, { units }) => sum + units, 0)).toBe(all);
        for (const level of levels) {
          expect(level.units).toBeGreaterThanOrEqual(level.out);
          expect(level.units).toBeLessThanOrEqual(Math.max(level.quota, level.out));
        }
      }),
    );
  });
});
