import { describe, expect, it } from 'vitest';
import type { SkuId, WarehouseId } from '../actors/ids.ts';
import { NO_FACTS } from './compile.ts';
import { dryRun, type Figures } from './dry-run.ts';

const MUG: Figures = { sku: 'MUG' as SkuId, warehouse: 'W1' as WarehouseId, stock: 100 };
const ALL = { skus: '*', warehouses: '*' };
const channels = { app: { name: 'App' } };
const half = { allocations: { a: { ...ALL, kind: 'stock', parts: { app: { percent: 50 } } } } };
const told = (before: object, after: object, figures: Figures) =>
  Object.fromEntries(
    dryRun({ channels, ...before }, { channels, ...after }, NO_FACTS, [figures], 0).map((one) => [
      one.pool,
      [one.before, one.after],
    ]),
  );

describe('a dry run says what every pool has before and after', () => {
  it('a part for a channel', () => {
    expect(told({}, half, MUG)).toEqual({ 'stock/app': [0, 50], 'stock/shared': [100, 50] });
    expect(told(half, {}, MUG)).toEqual({ 'stock/app': [50, 0], 'stock/shared': [50, 100] });
  });

  it('rights that are out keep their pool while there is one, and are shared when there is none', () => {
    const out = { ...MUG, out: { 'stock/app': 60 } } as const;
    expect(told(half, {}, out)).toEqual({ 'stock/app': [60, 0], 'stock/shared': [40, 100] });
  });

  it('safety stock is in no pool', () => {
    const kept = { safety: { some: { ...ALL, units: 30 } } };
    expect(told({}, kept, MUG)).toEqual({ 'stock/shared': [100, 70] });
  });

  it('pre-sale is bounded by what is in transit, oversell by its cap', () => {
    const after = { presale: { p: { ...ALL, units: 40 } }, oversell: { o: { ...ALL, units: 9 } } };
    expect(told({}, after, { ...MUG, transit: 25, oversold: 4 })).toEqual({
      'stock/shared': [100, 100],
      'presale/shared': [0, 25],
      'oversell/shared': [0, 5],
    });
  });
});
