import { expect, test } from 'vitest';
import { demandOf } from './demand.ts';

const weights = new Map([
  ['hub', 40],
  ['eu', 30],
  ['us', 20],
  ['ap', 10],
]);

function counts(orders: readonly { readonly point: string }[]): Record<string, number> {
  const seen: Record<string, number> = {};
  for (const { point } of orders) seen[point] = (seen[point] ?? 0) + 1;
  return seen;
}

test('orders come at a steady rate, by weight, and points change places', () => {
  const orders = demandOf({ orders: 1_000, perSecond: 500, weights, swingAfter: 500 });
  expect(new Set(orders.map(({ id }) => id)).size).toBe(1_000);
  expect(orders.at(-1)?.atMs).toBe(1_998);
  expect(counts(orders.slice(0, 500))).toEqual({ hub: 200, eu: 150, us: 100, ap: 50 });
  expect(counts(orders.slice(500))).toEqual({ hub: 50, eu: 100, us: 150, ap: 200 });
  expect(counts(orders.slice(0, 20))).toEqual({ hub: 8, eu: 6, us: 4, ap: 2 });
});
