import { expect, test } from 'vitest';
import type { SkuId } from '../../../actors/ids.ts';
import type { Basket, Orders } from '../../tafeng/basket.ts';
import { Chance } from '../partition/chance.ts';
import { planOf } from './plan.ts';

const basket = (area: string, qty: number): Basket => ({
  ...{ date: '2000-11-01', customer: 'c', warehouse: 'W110', area },
  lines: [{ sku: 'a' as SkuId, qty }],
});
const ORDERS: Orders = {
  ...{ days: 1, lines: 2, demand: [], opening: [], skuWarehouses: 0, openingUnits: 0 },
  baskets: [basket('105', 60), basket('somewhere', 40)],
};

test('there are 1.05 times what is asked for, spread over three warehouses, the same for the same seed', () => {
  const { orders, supply } = planOf(ORDERS, new Chance(3));
  expect(orders.map(({ area }) => area)).toEqual(['TW-105', 'TW-Unknown']);
  expect(supply.reduce((sum, { qty }) => sum + qty, 0)).toBe(105);
  expect(new Set(supply.map(({ warehouse }) => warehouse)).size).toBe(3);
  expect(planOf(ORDERS, new Chance(3)).supply).toEqual(supply);
  expect(planOf(ORDERS, new Chance(2)).supply).not.toEqual(supply);
});
