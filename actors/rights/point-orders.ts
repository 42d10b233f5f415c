import type { ActorKey, HoldId } from '../ids.ts';
import type { Entry } from './lane.ts';
import type { Point } from './point.ts';

/** Of each order in the log that is kept, its newest entry: a sale, or its cancel. */
export type OrdersOfSku = Map<HoldId, Entry>;

/** The orders of a SKU; a new table where there was none. */
export function ordersOf(point: Point, sku: ActorKey): OrdersOfSku {
  let orders = point.orders.get(sku);
  if (orders === undefined) {
    orders = new Map();
    point.orders.set(sku, orders);
  }
  return orders;
}

/** Drops the table of a SKU that needs none any more. */
export function dropOrders(point: Point, sku: ActorKey): void {
  if (point.orders.get(sku)?.size === 0 && !point.current.has(sku)) point.orders.delete(sku);
}
