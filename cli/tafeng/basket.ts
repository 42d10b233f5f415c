/** What the Ta-Feng order lines become: baskets to reserve and receipts to open with. */
import type { SkuId } from '../../actors/ids.ts';

export const WAREHOUSES = ['W110', 'W114', 'W115'] as const;
export type Warehouse = (typeof WAREHOUSES)[number];

/** The postal areas of two warehouses; the third has all else, `Others` and `Unknown` too. */
export function warehouseOf(area: string): Warehouse {
  if (area === '115' || area === '221') return 'W115';
  return area === '105' || area === '106' || area === '110' ? 'W110' : 'W114';
}

/** Some units of one product. */
export interface Line {
  readonly sku: SkuId;
  readonly qty: number;
}

/** What one customer wants of one warehouse on one date: each product once. */
export interface Basket {
  /** `2000-11-01`. */
  readonly date: string;
  readonly customer: string;
  readonly warehouse: Warehouse;
  /** Of the first line, as the file has it: a postal code, `Others` or `Unknown`. */
  readonly area: string;
  /** Products in the order of their first lines. */
  readonly lines: readonly Line[];
}

/** Units of one product in one warehouse. */
export interface Place extends Line {
  readonly warehouse: Warehouse;
}

export interface Orders {
  /** Dates in the window: N, or fewer if the file has fewer. */
  readonly days: number;
  /** Order lines in the window. */
  readonly lines: number;
  /** In the order in which their first lines stand. */
  readonly baskets: readonly Basket[];
  /** Sum of AMOUNT, warehouse by warehouse, products in the order of first lines. */
  readonly demand: readonly Place[];
  /** What to receive before the first basket: nine tenths of the demand, never 0. */
  readonly opening: readonly Place[];
  /** Pairs of product and warehouse with a demand; some of them open with nothing. */
  readonly skuWarehouses: number;
  readonly openingUnits: number;
}
