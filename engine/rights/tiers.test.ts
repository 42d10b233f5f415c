import { describe, expect, it } from 'vitest';
import type { HoldId, OwnerId } from '../../actors/ids.ts';
import type { PoolId } from '../../actors/rights/pools.ts';
import { keyOf } from '../../test/support/engine.ts';
import { type Sell, tiersOf } from './tiers.ts';

const orderOf = (...lines: (readonly PoolId[])[]): Sell => ({
  ...{ act: 'sell', owner: 'demo' as OwnerId, order: 'A' as HoldId, ttlMs: 0 },
  lines: lines.map((pools, i) => ({ home: 'eu.0', sku: keyOf(`sku-${i}`), qty: 1, pools })),
});
const poolsIn = (act: Sell): (readonly PoolId[])[][] =>
  tiersOf(act).map(({ lines }) => lines.map(({ pools }) => pools));

describe('the tiers of an order', () => {
  it('are goods on hand, then those in transit, then none', () => {
    expect(
      poolsIn(orderOf(['stock/app', 'stock/shared', 'presale/shared', 'oversell/shared'])),
    ).toEqual([
      [['stock/app', 'stock/shared']],
      [['stock/app', 'stock/shared', 'presale/shared']],
      [['stock/app', 'stock/shared', 'presale/shared', 'oversell/shared']],
    ]);
    expect(poolsIn(orderOf(['stock/shared']))).toEqual([[['stock/shared']]]);
  });

  it('begin with the first in which every line has a pool', () => {
    expect(poolsIn(orderOf(['stock/shared'], ['presale/shared']))).toEqual([
      [['stock/shared'], ['presale/shared']],
    ]);
    expect(poolsIn(orderOf(['stock/shared', 'presale/shared'], ['oversell/shared']))).toEqual([
      [['stock/shared', 'presale/shared'], ['oversell/shared']],
    ]);
  });
});
