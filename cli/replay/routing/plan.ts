import type { Orders } from '../../tafeng/basket.ts';
import type { Chance } from '../partition/chance.ts';
import type { Line } from '../partition/plan.ts';
import { AREAS, WAREHOUSES } from './map.ts';

/** A basket, and where it goes. */
export interface Wanted {
  readonly id: string;
  readonly area: string;
  readonly lines: readonly { readonly sku: string; readonly qty: number }[];
}

export interface Plan {
  readonly orders: readonly Wanted[];
  /** What is received before the first order. */
  readonly supply: readonly Line[];
}

/** Of each product so much of the demand is there. */
const SUPPLY = 1.05;

/** Every basket is an order; what is there of a product lies in the three warehouses in parts by chance. */
export function planOf({ baskets }: Orders, chance: Chance): Plan {
  const demand = new Map<string, number>();
  const orders = baskets.map(({ area, lines }, i): Wanted => {
    for (const { sku, qty } of lines) demand.set(sku, (demand.get(sku) ?? 0) + qty);
    const known = `TW-${area}`;
    return { id: `TR-${i + 1}`, area: known in AREAS ? known : 'TW-Unknown', lines };
  });
  const supply = [...demand].flatMap(([sku, units]) =>
    spread(sku, Math.round(units * SUPPLY), chance),
  );
  return { orders, supply };
}

function spread(sku: string, units: number, chance: Chance): Line[] {
  const weights = Object.keys(WAREHOUSES).map((warehouse) => [warehouse, chance.next()] as const);
  let weight = weights.reduce((sum, [, its]) => sum + its, 0);
  let left = units;
  const lines: Line[] = [];
  for (const [warehouse, its] of weights) {
    const qty = Math.round((left * its) / weight);
    weight -= its;
    left -= qty;
    if (qty > 0) lines.push({ warehouse, sku, qty });
  }
  return lines;
}
