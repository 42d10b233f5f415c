import { expect, test } from 'vitest';
import { readOrders } from '../../tafeng/orders.ts';
import { Chance } from './chance.ts';
import { planOf } from './plan.ts';

const HEADER =
  'TRANSACTION_DT,CUSTOMER_ID,AGE_GROUP,PIN_CODE,PRODUCT_SUBCLASS,PRODUCT_ID,AMOUNT,ASSET,SALES_PRICE';
const row = (customer: string, sku: string, qty: number): string =>
  `11/1/2000,${customer},45-49,115,1,${sku},${qty},1,1`;
/** A sells 6, B 5, C 4 and D 2. */
const ORDERS = readOrders(
  [
    HEADER,
    ...[row('1', 'A', 6), row('1', 'D', 1), row('2', 'B', 5), row('3', 'C', 4), row('4', 'D', 1)],
  ].join('\n'),
  1,
);
const WHERE = { regions: ['eu', 'us'], points: ['hub', 'eu', 'us'] };
const plan = (more: { count?: number; skus?: number; daily?: number }, seed = 1) =>
  planOf(ORDERS, { count: 100, skus: 3, daily: 0, ...WHERE, ...more }, new Chance(seed));

test('the best selling products are spread over the regions in turn, each in one warehouse', () => {
  const { orders } = plan({});
  expect(orders.map(({ lines }) => lines)).toEqual([
    [{ warehouse: 'eu-1', sku: 'A', qty: 6 }],
    [{ warehouse: 'us-1', sku: 'B', qty: 5 }],
    [{ warehouse: 'eu-1', sku: 'C', qty: 4 }],
  ]);
  expect(new Set(orders.map(({ id }) => id)).size).toBe(3);
});

test('orders of no such product are left out, and so are those beyond the count', () => {
  expect(plan({ skus: 1 }).orders).toHaveLength(1);
  expect(plan({ daily: 5 }).orders).toHaveLength(2);
  expect(plan({ count: 2 }).orders).toHaveLength(2);
});

test('what is received is from nine to twelve tenths of what is ordered, and the same for the same seed', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const { supply } = plan({}, seed);
    const units = supply.find(({ sku }) => sku === 'A')?.qty ?? 0;
    expect(units).toBeGreaterThanOrEqual(5);
    expect(units).toBeLessThanOrEqual(7);
  }
  expect(plan({}, 5)).toEqual(plan({}, 5));
  const points = Array.from({ length: 50 }, (_, seed) => plan({}, seed).orders[0]?.point);
  expect(new Set(points)).toEqual(new Set(WHERE.points));
});
