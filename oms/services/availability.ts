import { z } from 'zod';
import type { OwnerId, SkuId, WarehouseId } from '../../actors/ids.ts';
import { noBalances, type StockView, stockView } from '../../actors/stock/balances.ts';
import { availabilitySubject } from '../../engine/subjects.ts';
import type { ServiceContext } from './context.ts';
import { type Freshness, freshness } from './freshness.ts';
import { MAX_LIMIT, owner, parse, sku, warehouse } from './request.ts';
import type { Endpoint } from './service.ts';

const request = z
  .strictObject({
    owner: owner.optional(),
    sku: sku.optional(),
    skus: z
      .array(sku, 'skus is a list of SKUs')
      .max(MAX_LIMIT, `skus are at most ${MAX_LIMIT}`)
      .optional(),
    warehouse: warehouse.optional(),
  })
  .refine((r) => (r.sku === undefined) !== (r.skus === undefined), {
    error: 'send either "sku", one SKU, or "skus", a list of them',
  });

/** One SKU over its warehouses. All figures base units; 0 everywhere for one that was never received. */
export interface AvailabilityItem extends StockView {
  readonly sku: string;
  /** False if no warehouse that was asked about has ever received it. */
  readonly known: boolean;
  /** Its part in each warehouse; `seq` counts that actor's events. */
  readonly warehouses: Readonly<Record<string, StockView & { readonly seq: number }>>;
}

export type AvailabilityAnswer = { readonly owner: string } & Freshness &
  (AvailabilityItem | { readonly items: readonly AvailabilityItem[] });

/** `inv.oms.availability`: what can be sold, from memory. */
export const availability = (context: ServiceContext): Endpoint => ({
  name: 'availability',
  subject: availabilitySubject,
  answer(bytes): AvailabilityAnswer {
    const asked = parse(request, bytes);
    const owner = asked.owner ?? context.defaultOwner;
    const fresh = freshness(context, asked.warehouse);
    const item = (sku: SkuId): AvailabilityItem => itemOf(context, owner, sku, asked.warehouse);
    if (asked.sku !== undefined) return { owner, ...item(asked.sku), ...fresh };
    return { owner, items: (asked.skus ?? []).map(item), ...fresh };
  },
});

function itemOf(
  { availability }: ServiceContext,
  owner: OwnerId,
  sku: SkuId,
  warehouse: WarehouseId | undefined,
): AvailabilityItem {
  const sum = stockView(noBalances());
  const warehouses: Record<string, StockView & { seq: number }> = {};
  for (const part of availability.parts(owner, sku)) {
    if (warehouse !== undefined && part.warehouse !== warehouse) continue;
    const view = stockView(part.balances);
    addTo(sum, view);
    warehouses[part.warehouse] = { ...view, seq: part.seq };
  }
  return { sku, known: Object.keys(warehouses).length > 0, ...sum, warehouses };
}

/** Sums every figure, those of the other qualities too. */
function addTo(sum: StockView, view: StockView): void {
  const { qualities, ...figures } = view;
  addFigures(sum as unknown as Record<string, number>, figures);
  for (const [name, more] of Object.entries(qualities ?? {})) {
    sum.qualities ??= {};
    const quality = name as keyof typeof sum.qualities;
    const known = sum.qualities[quality];
    if (known === undefined) sum.qualities[quality] = { ...more };
    else addFigures(known as unknown as Record<string, number>, more);
  }
}

function addFigures(sum: Record<string, number>, more: object): void {
  for (const [name, value] of Object.entries(more as Record<string, number>)) {
    sum[name] = (sum[name] ?? 0) + value;
  }
}
