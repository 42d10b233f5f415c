/** Gathers order lines of the window into baskets and demand, one date after another. */
import { isSkuId, type SkuId } from '../../actors/ids.ts';
import type { Basket, Line, Orders, Place, Warehouse } from './basket.ts';
import { WAREHOUSES, warehouseOf } from './basket.ts';
import type { Columns } from './columns.ts';
import type { Key, Row } from './rows.ts';

/** A basket of the open date, to which lines may still come. */
interface OpenBasket {
  readonly lines: { -readonly [K in keyof Line]: Line[K] }[];
  /** The product of each line by number, since numbers are found faster than texts. */
  readonly products: number[];
}

export class Window {
  private readonly baskets: Basket[] = [];
  /** Units by number of product. */
  private readonly demand = perWarehouse(() => new Map<number, number>());
  /** One text for each product, however many lines name it. */
  private readonly skus: SkuId[] = [];
  private readonly products = new Map<Key, number>();
  private readonly areas = new Map<Key, Warehouse>();
  private customers = perWarehouse(() => new Map<Key, OpenBasket>());
  private date = '';
  private lines = 0;

  /** From here on lines are of `date`, and no earlier basket gets another. */
  open(date: string): void {
    this.date = date;
    this.customers = perWarehouse(() => new Map());
  }

  /** Takes one order line. Throws StartError if its product, amount or customer is none. */
  add(row: Row, columns: Columns): void {
    const qty = row.whole(columns.AMOUNT);
    if (qty < 1) throw row.error(`AMOUNT is no whole number from 1: ${row.text(columns.AMOUNT)}`);
    const warehouse = this.warehouse(row, columns.PIN_CODE);
    const product = this.product(row, columns.PRODUCT_ID);
    const basket = this.basket(row, columns, warehouse);

    this.lines++;
    const demand = this.demand[warehouse];
    demand.set(product, (demand.get(product) ?? 0) + qty);
    const same = basket.lines[basket.products.indexOf(product)];
    if (same) same.qty += qty;
    else {
      basket.lines.push({ sku: this.sku(product), qty });
      basket.products.push(product);
    }
  }

  close(days: number): Orders {
    const demand = WAREHOUSES.flatMap((warehouse) =>
      Array.from(this.demand[warehouse], ([product, qty]): Place => {
        return { warehouse, sku: this.sku(product), qty };
      }),
    );
    const opening = demand
      .map((place) => ({ ...place, qty: nineTenths(place.qty) }))
      .filter((place) => place.qty > 0);
    return {
      days,
      lines: this.lines,
      baskets: this.baskets,
      demand,
      opening,
      skuWarehouses: demand.length,
      openingUnits: opening.reduce((sum, place) => sum + place.qty, 0),
    };
  }

  private basket(row: Row, columns: Columns, warehouse: Warehouse): OpenBasket {
    const field = columns.CUSTOMER_ID;
    const key = row.key(field);
    const known = this.customers[warehouse].get(key);
    if (known) return known;
    const customer = row.text(field);
    if (customer === '') throw row.error('no CUSTOMER_ID');
    const basket: OpenBasket = { lines: [], products: [] };
    this.customers[warehouse].set(key, basket);
    const area = row.text(columns.PIN_CODE);
    this.baskets.push({ date: this.date, customer, warehouse, area, lines: basket.lines });
    return basket;
  }

  private product(row: Row, field: number): number {
    const key = row.key(field);
    const known = this.products.get(key);
    if (known !== undefined) return known;
    const text = row.text(field);
    if (!isSkuId(text)) throw row.error(`PRODUCT_ID is no SKU: ${JSON.stringify(text)}`);
    this.products.set(key, this.skus.length);
    return this.skus.push(text) - 1;
  }

  private sku(product: number): SkuId {
    const sku = this.skus[product];
    if (sku === undefined) throw new Error(`no product ${product}`);
    return sku;
  }

  private warehouse(row: Row, field: number): Warehouse {
    const key = row.key(field);
    const known = this.areas.get(key);
    if (known) return known;
    const warehouse = warehouseOf(row.text(field));
    this.areas.set(key, warehouse);
    return warehouse;
  }
}

/** `floor(0.9 × demand)` in whole numbers only, since 0.9 has no exact double. */
function nineTenths(demand: number): number {
  const tenths = demand * 9;
  return (tenths - (tenths % 10)) / 10;
}

function perWarehouse<T>(make: () => T): Record<Warehouse, T> {
  return { W110: make(), W114: make(), W115: make() };
}
