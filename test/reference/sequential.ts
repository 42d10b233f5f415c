/** The replay without an engine: baskets one after another on a plain map of units. */
import { type Orders, WAREHOUSES, type Warehouse } from '../../cli/tafeng/basket.ts';

export interface Figures {
  readonly days: number;
  readonly lines: number;
  readonly baskets: number;
  readonly skuWarehouses: number;
  readonly openingUnits: number;
  readonly accepted: number;
  readonly refused: number;
  readonly shippedUnits: number;
  readonly leftUnits: number;
  readonly perWarehouse: Readonly<Record<Warehouse, { accepted: number; refused: number }>>;
}

export function sequential(orders: Orders): Figures {
  const stock = new Map(orders.opening.map((p) => [`${p.sku}@${p.warehouse}`, p.qty]));
  const tally = () => ({ accepted: 0, refused: 0 });
  const perWarehouse = { W110: tally(), W114: tally(), W115: tally() };
  let shippedUnits = 0;
  for (const { warehouse, lines } of orders.baskets) {
    const left = lines.map(({ sku, qty }) => (stock.get(`${sku}@${warehouse}`) ?? 0) - qty);
    const fits = left.every((units) => units >= 0);
    perWarehouse[warehouse][fits ? 'accepted' : 'refused']++;
    if (!fits) continue;
    lines.forEach(({ sku, qty }, i) => {
      stock.set(`${sku}@${warehouse}`, left[i] ?? 0);
      shippedUnits += qty;
    });
  }
  const sum = (of: 'accepted' | 'refused') =>
    WAREHOUSES.reduce((n, w) => n + perWarehouse[w][of], 0);
  return {
    days: orders.days,
    lines: orders.lines,
    baskets: orders.baskets.length,
    skuWarehouses: orders.skuWarehouses,
    openingUnits: orders.openingUnits,
    accepted: sum('accepted'),
    refused: sum('refused'),
    shippedUnits,
    leftUnits: [...stock.values()].reduce((n, units) => n + units, 0),
    perWarehouse,
  };
}
