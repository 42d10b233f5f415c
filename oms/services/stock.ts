import { z } from 'zod';
import { type StockView, stockView } from '../../actors/stock/balances.ts';
import type { Part } from '../availability.ts';
import type { ServiceContext } from './context.ts';
import { type Freshness, freshness } from './freshness.ts';
import { cursor, limit, owner, parse, readCursor, sku, warehouse, writeCursor } from './request.ts';
import type { Endpoint } from './service.ts';

const request = z.strictObject({
  owner: owner.optional(),
  warehouse: warehouse.optional(),
  sku: sku.optional(),
  after: cursor.optional(),
  limit,
});
type Request = z.infer<typeof request>;

/** One SKU in one warehouse, base units. */
export interface StockPart extends StockView {
  readonly sku: string;
  readonly warehouse: string;
  readonly seq: number;
}

export interface StockAnswer extends Freshness {
  readonly owner: string;
  /** In the order in which the centre first met them. */
  readonly parts: readonly StockPart[];
  /** Send it as `after` for the next page; null at the end. */
  readonly after: string | null;
}

/** `inv.oms.stock`: pages of what lies where, from memory. */
export const stock = (context: ServiceContext): Endpoint => ({
  name: 'stock',
  subject: 'inv.oms.stock',
  answer(bytes): StockAnswer {
    const asked = parse(request, bytes);
    const owner = asked.owner ?? context.defaultOwner;
    const begin = asked.after === undefined ? 0 : readCursor(asked.after, z.int().min(0)) + 1;
    const found: Part[] = [];
    let after: string | null = null;
    for (const part of parts(context, { ...asked, owner }, begin)) {
      if (found.length === asked.limit) {
        after = writeCursor((found.at(-1) as Part).id);
        break;
      }
      found.push(part);
    }
    return { owner, parts: found.map(partOf), after, ...freshness(context, asked.warehouse) };
  },
});

function* parts({ availability }: ServiceContext, asked: Request, begin: number): Generator<Part> {
  for (const id of idsOf(availability, asked, begin)) {
    const part = availability.part(id);
    if (part === undefined || part.seq === 0 || part.owner !== asked.owner) continue;
    if (asked.warehouse !== undefined && part.warehouse !== asked.warehouse) continue;
    yield part;
  }
}

function* idsOf(
  { actors }: ServiceContext['availability'],
  { owner, sku }: Request,
  begin: number,
): Generator<number> {
  if (owner !== undefined && sku !== undefined) {
    yield* [...actors.parts(owner, sku)].filter((id) => id >= begin).sort((a, b) => a - b);
  } else {
    for (let id = begin; id < actors.size; id++) yield id;
  }
}

const partOf = ({ sku, warehouse, seq, balances }: Part): StockPart => ({
  sku,
  warehouse,
  seq,
  ...stockView(balances),
});
