import { describe, expect, it } from 'vitest';
import type { PoolsView } from '../../../engine/rights/pool-feed.ts';
import { againstStock, differences, faultsOf } from './check.ts';

const VIEW: PoolsView = {
  ...{ owner: 'demo', sku: 'MUG', warehouse: 'eu-1', seq: 1, atMs: 0 },
  ...{ available: 50, pools: { 'stock/app': 30, 'stock/shared': 20, 'presale/shared': 5 } },
  channels: { app: 55 },
};
const STOCK = { onHand: 60, available: 40, granted: 10, allocated: 10, waiting: 0, inTransit: 5 };

describe('figures of pools', () => {
  it('are right where their sum is what is available', () => {
    expect(faultsOf(VIEW)).toEqual([]);
    expect(againstStock(VIEW, STOCK)).toEqual([]);
    expect(differences(VIEW.pools, { 'stock/app': 30, 'stock/pc': 0 })).toEqual([]);
  });

  it('are wrong where they sum to something else, or a channel publishes more than there is', () => {
    expect(faultsOf({ ...VIEW, available: 49 })).toHaveLength(1);
    expect(faultsOf({ ...VIEW, channels: { app: 56 } })).toHaveLength(1);
    expect(
      faultsOf({ ...VIEW, pools: { ...VIEW.pools, 'presale/shared': -1 }, channels: {} }),
    ).toHaveLength(1);
    expect(againstStock(VIEW, { ...STOCK, granted: 9 })).toHaveLength(1);
    expect(differences(VIEW.pools, { 'stock/app': 29 })).toHaveLength(1);
  });
});
