import { expect, test } from 'vitest';
import type { ActorKey } from '../../actors/ids.ts';
import type { OrderLine } from '../../actors/rights/acts.ts';
import { FakeClock } from '../../test/support/engine.ts';
import { OwnSales } from './own-sales.ts';

const MUG = 'demo/MUG@eu-1' as ActorKey;
const lines = (qty: number): OrderLine[] => [{ home: 'eu.0', sku: MUG, qty, pools: [] }];

test('sales count from a time on, and are forgotten when the centre must know of them', async () => {
  const clock = new FakeClock();
  const own = new OwnSales(clock);
  own.sold(lines(2));
  await clock.advance(100);
  const betweenMs = clock.monoMs();
  await clock.advance(100);
  own.sold(lines(3));
  expect([own.since(MUG, 0), own.since(MUG, betweenMs)]).toEqual([5, 3]);
  await clock.advance(31_000);
  own.sold(lines(1));
  expect(own.since(MUG, 0)).toBe(1);
});

test('claims add up until they end', () => {
  const own = new OwnSales(new FakeClock());
  const [one, two] = [own.claim(lines(2)), own.claim(lines(3))];
  expect(own.claimed(MUG)).toBe(5);
  one();
  expect([own.claimed(MUG), own.hasClaims]).toEqual([3, true]);
  two();
  expect([own.claimed(MUG), own.hasClaims]).toEqual([0, false]);
});
