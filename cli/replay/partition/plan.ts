import type { Basket, Orders } from '../../tafeng/basket.ts';
import type { Chance } from './chance.ts';

/** Some units of a product, which lies in one warehouse. */
export interface Line {
  readonly warehouse: string;
  readonly sku: string;
  readonly qty: number;
}

/** An order of a customer, and the selling point where it is placed. */
export interface Order {
  readonly id: string;
  readonly point: string;
  readonly lines: readonly Line[];
}

export interface Plan {
  readonly orders: readonly Order[];
  /** What is received before the first order. */
  readonly supply: readonly Line[];
}

export interface PlanOptions {
  /** Orders, at most. */
  readonly count: number;
  /** Only so many products, those that sell best. */
  readonly skus: number;
  /** Only products of which so many are sold a day. */
  readonly daily: number;
  /** Where goods lie. */
  readonly regions: readonly string[];
  /** Where orders are placed. */
  readonly points: readonly string[];
}

/** Of each product so much of the demand is there, by chance: enough in all, and too little of some. */
const SUPPLY = [0.9, 1.2] as const;

/** The goods of a region are in this warehouse of it. */
export const warehouseIn = (region: string): string => `${region}-1`;
export const regionOf = (warehouse: string): string =>
  warehouse.slice(0, warehouse.lastIndexOf('-'));

/** The best selling products, spread over the regions in turn; baskets in their order, spread over the points by chance. */
export function planOf(orders: Orders, options: PlanOptions, chance: Chance): Plan {
  const homes = homesOf(orders, options);
  const placed: Order[] = [];
  for (const basket of orders.baskets) {
    if (placed.length >= options.count) break;
    const lines = linesOf(basket, homes);
    if (lines.length === 0) continue;
    placed.push({ id: `TF-${placed.length + 1}`, point: chance.of(options.points), lines });
  }
  return { orders: placed, supply: supplyOf(placed, chance) };
}

/** Which warehouse has a product. */
function homesOf(orders: Orders, options: PlanOptions): ReadonlyMap<string, string> {
  const demand = new Map<string, number>();
  for (const { sku, qty } of orders.demand) demand.set(sku, (demand.get(sku) ?? 0) + qty);
  const best = [...demand].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const chosen = best
    .slice(0, options.skus)
    .filter(([, units]) => units / orders.days >= options.daily);
  const { regions } = options;
  return new Map(
    chosen.map(([sku], i) => [sku, warehouseIn(regions[i % regions.length] as string)]),
  );
}

function linesOf(basket: Basket, homes: ReadonlyMap<string, string>): Line[] {
  const lines: Line[] = [];
  for (const { sku, qty } of basket.lines) {
    const warehouse = homes.get(sku);
    if (warehouse !== undefined) lines.push({ warehouse, sku, qty });
  }
  return lines;
}

function supplyOf(orders: readonly Order[], chance: Chance): Line[] {
  const demand = new Map<string, Line>();
  for (const { lines } of orders) {
    for (const line of lines) {
      const qty = (demand.get(line.sku)?.qty ?? 0) + line.qty;
      demand.set(line.sku, { ...line, qty });
    }
  }
  return [...demand.values()]
    .map((line) => ({ ...line, qty: Math.round(line.qty * chance.between(...SUPPLY)) }))
    .filter(({ qty }) => qty > 0);
}
