import { describe, expect, it } from 'vitest';
import type { PoolId } from '../../actors/rights/pools.ts';
import { keyOf } from '../../test/support/engine.ts';
import { type Asked, askedOf } from './asked.ts';

const MUG = keyOf('mug');

describe('demand at a point', () => {
  it('is one for all who draw from a pool first, in whatever order they came', () => {
    const all = new Map<string, Asked>();
    const of = (...pools: PoolId[]): Asked => askedOf(all, { sku: MUG, pools });
    of('stock/shared', 'presale/shared').demand.now = { units: 5, atMs: 1 };
    expect(of('stock/shared').demand.now.units).toBe(5);
    of('stock/shared').demand.now = { units: 7, atMs: 2 };
    expect(of('stock/shared', 'oversell/shared').demand.now.units).toBe(7);
    expect(of('stock/app', 'stock/shared').demand.now.units).toBe(0);
  });
});
