import { describe, expect, it } from 'vitest';
import { actorKey } from '../actors/ids.ts';
import type { HomeName } from '../actors/rights/acts.ts';
import type { PoolId } from '../actors/rights/pools.ts';
import type { Identity } from './auth.ts';
import { parseSale } from './sell.ts';

const SHOP: Identity = {
  ...{ client: 'shop', owners: ['demo'], warehouses: ['eu-1', 'us-1'] },
  ...{ roles: ['shop'], expiresAtMs: Number.POSITIVE_INFINITY },
};
const homeOf = (warehouse: string): HomeName | undefined =>
  warehouse.startsWith('eu') ? 'eu.0' : warehouse.startsWith('us') ? 'us.2' : undefined;
const parsed = (v: unknown, who = SHOP) =>
  parseSale(v, who, 'demo', {
    channelsOf: () => ['app', 'pc'],
    lineOf(owner, channel, { sku, warehouse, qty }) {
      const home = homeOf(warehouse);
      const pools: PoolId[] = channel === 'app' ? ['stock/app'] : [];
      const its: PoolId[] = channel === undefined ? ['stock/shared'] : pools;
      return home && { home, sku: actorKey(owner, sku, warehouse), qty, pools: its };
    },
  });

const LINE = { sku: 'MUG', qty: 2, warehouse: 'eu-1' };
const SELL = { op: 'sell', order: 'SO-1', lines: [LINE] };

describe('an order for a selling point', () => {
  it('finds the home of each line', () => {
    const lines = [LINE, { sku: 'MUG', qty: 1, warehouse: 'us-1' }];
    expect(parsed({ ...SELL, lines })).toEqual({
      ...{ act: 'sell', owner: 'demo', order: 'SO-1', ttlMs: 0 },
      lines: [
        { home: 'eu.0', sku: 'demo/MUG@eu-1', qty: 2, pools: ['stock/shared'] },
        { home: 'us.2', sku: 'demo/MUG@us-1', qty: 1, pools: ['stock/shared'] },
      ],
    });
  });

  it('takes the warehouse of the order where a line names none', () => {
    const order = { op: 'reserve', order: 'SO-1', warehouse: 'us-1', ttlMs: 5 };
    expect(parsed({ ...order, lines: [{ sku: 'MUG', qty: 2 }] })).toMatchObject({
      ...{ ttlMs: 5, lines: [{ home: 'us.2' }] },
    });
  });

  it('draws from the pools of its channel, where the rules leave it any', () => {
    expect(parsed({ ...SELL, channel: 'app' })).toMatchObject({
      lines: [{ pools: ['stock/app'] }],
    });
    expect(parsed({ ...SELL, channel: 'pc' })).toMatchObject({ code: 'insufficient', line: 0 });
    expect(parsed({ ...SELL, channel: 'web' })).toMatchObject({ code: 'bad_field' });
  });

  it('is changed by its id alone, by a token of some warehouses only if it is of those', () => {
    const cancel = { act: 'cancel', owner: 'demo', order: 'SO-1' };
    expect(parsed({ op: 'cancel', order: 'SO-1' })).toEqual({
      ...cancel,
      within: ['eu-1', 'us-1'],
    });
    const everywhere = { ...SHOP, warehouses: ['*'] };
    expect(parsed({ op: 'cancel', order: 'SO-1' }, everywhere)).toEqual(cancel);
  });

  it.each([
    ['malformed', 7, ''],
    [
      'unknown_op',
      { ...SELL, op: 'steal' },
      'one of sell, reserve, harden, release, cancel, route',
    ],
    ['bad_field', { ...SELL, order: '' }, 'order'],
    ['bad_field', { ...SELL, order: '~rights' }, 'not ~rights'],
    ['bad_field', { ...SELL, order: '~presale' }, 'not ~rights or ~presale'],
    ['bad_field', { op: 'sell', order: 'SO-1' }, 'lines'],
    ['bad_field', { ...SELL, lines: [] }, 'lines'],
    ['bad_field', { ...SELL, lines: [LINE, { ...LINE, qty: 0 }] }, 'qty'],
    ['bad_field', { ...SELL, lines: [{ sku: 'MUG', qty: 2 }] }, 'warehouse'],
    ['bad_field', { ...SELL, lines: [LINE, LINE] }, 'once in an order'],
    ['bad_field', { ...SELL, op: 'reserve' }, 'ttlMs'],
    ['bad_field', { ...SELL, ack: 'decided' }, 'ack'],
    ['forbidden', { ...SELL, owner: 'other' }, 'owner other'],
    ['forbidden', { ...SELL, lines: [{ ...LINE, warehouse: 'mars-1' }] }, 'warehouse mars-1'],
  ])('is refused as %s: %j', (code, v, detail) => {
    const refused = parsed(v);
    expect(refused).toMatchObject({ ok: false, code });
    expect((refused as { detail: string }).detail).toContain(detail);
  });

  it('is refused where no region has the warehouse, and who may not sell', () => {
    const anywhere = { ...SHOP, warehouses: ['*'] };
    const lines = [{ ...LINE, warehouse: 'mars-1' }];
    expect(parsed({ ...SELL, lines }, anywhere)).toMatchObject({ code: 'other_region', line: 0 });
    const viewer: Identity = { ...SHOP, roles: ['viewer'] };
    expect(parsed(SELL, viewer)).toMatchObject({ code: 'forbidden' });
    expect(parsed({ op: 'cancel', order: 'SO-1' }, viewer)).toMatchObject({ code: 'forbidden' });
  });
});
