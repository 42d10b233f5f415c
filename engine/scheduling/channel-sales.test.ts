import { describe, expect, test } from 'vitest';
import type { HoldId, OwnerId } from '../../actors/ids.ts';
import { FakeClock } from '../../test/support/engine.ts';
import { ChannelSales, reportSales } from './channel-sales.ts';
import type { SoldReport } from './messages.ts';

const OWNER = 'demo' as OwnerId;
const id = (name: string): HoldId => name as HoldId;

describe('sales by channel', () => {
  test('count an order once, however often it is told', () => {
    const sales = new ChannelSales();
    sales.sold(OWNER, id('A'), 'app', 3);
    sales.sold(OWNER, id('A'), 'app', 3);
    sales.sold(OWNER, id('B'), 'app', 2);
    sales.sold('other' as OwnerId, id('A'), 'pc', 1);
    expect(sales.report()).toEqual({ demo: { app: 5 }, other: { pc: 1 } });
  });

  test('count what was set aside when it is sold, once', () => {
    const sales = new ChannelSales();
    sales.setAside(OWNER, id('A'), 'app', 3);
    sales.setAside(OWNER, id('B'), 'app', 5);
    expect(sales.isEmpty).toBe(true);
    for (let i = 0; i < 2; i++) sales.hardened(OWNER, id('A'));
    sales.hardened(OWNER, id('UNKNOWN'));
    expect(sales.report()).toEqual({ demo: { app: 3 } });
  });

  test('are reported as they are in all, now and then, until that is ended', async () => {
    const clock = new FakeClock();
    const sales = new ChannelSales();
    const told: SoldReport['sold'][] = [];
    const stop = reportSales(sales, { report: (sold) => void told.push(sold) }, clock, 1_000);
    await clock.advance(5_000);
    expect(told).toEqual([]);
    sales.sold(OWNER, id('A'), 'app', 3);
    await clock.advance(1_000);
    sales.sold(OWNER, id('B'), 'app', 1);
    await clock.advance(1_000);
    expect(told).toEqual([{ demo: { app: 3 } }, { demo: { app: 4 } }]);
    stop();
    await clock.advance(5_000);
    expect(told).toHaveLength(2);
  });
});
