import type { StockMessage } from '../../client/messages.ts';
import type { Line } from './basket.ts';

/** Pieces in a box, by the product's number. */
const BOXES = [4, 6, 12] as const;
const DAY_MS = 86_400_000;

export const boxOf = (sku: string): number => BOXES[numberOf(sku) % BOXES.length] as number;

/**
 * What an opening stock is made of, derived from the product's number and its quantity: two
 * batches of which the second to be received is the first to expire, half of it in closed boxes
 * as far as that fills any, in two places. All units are there, and none runs out on the way.
 */
export function lotsOf({ sku, qty }: Line, nowMs: number): StockMessage[] {
  const number = numberOf(sku);
  const box = boxOf(sku);
  const boxed = Math.floor(qty / 2 / box) * box;
  const early = Math.floor((qty - boxed) / 2);
  const days = 30 + (number % 300);
  const receipt = (batch: string, units: number, inDays: number, pieces: number): StockMessage => ({
    ...{ op: 'receive', sku, qty: units, doc: 'tafeng-opening', batch, box: pieces },
    location: `${pieces > 0 ? 'BULK' : 'PICK'}-${number % 40}`,
    expiresAt: nowMs + inDays * DAY_MS,
  });
  return [
    receipt('LATE', qty - boxed - early, days + 60, 0),
    receipt('SOON', early, days, 0),
    receipt('SOON', boxed, days, box),
  ].filter((message) => message.qty !== 0);
}

/** Its last digits. */
const numberOf = (sku: string): number => Number(sku.slice(-4).replace(/\D/g, '')) || 0;
