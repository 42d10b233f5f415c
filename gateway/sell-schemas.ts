import { z } from 'zod';
import { LIMITS } from '../engine/limits.ts';
import { HoldName, Name, Qty, Text, TtlMs } from './field-schemas.ts';

/** A line of an order at a selling point. A SKU stands once in an order for each warehouse. */
export const OrderLine = z.object({
  sku: Text,
  qty: Qty,
  /** Where the goods lie; the order's where left out. */
  warehouse: Name.optional(),
});

/** What a shop asks of a selling point. */
export const SellCommand = z.object({
  op: z.enum(['sell', 'reserve', 'harden', 'release', 'cancel']),
  /** Chosen by the shop, once for each owner: it makes the order safe to ask again. */
  order: HoldName,
  owner: Name.optional(),
  warehouse: Name.optional(),
  /** `sell`, `reserve`: through which channel it came, where the rules have any; its pools are drawn from in turn. */
  channel: Name.optional(),
  /** `sell`, `reserve`. */
  lines: z.array(OrderLine).min(1).max(LIMITS.documentLines).optional(),
  /** `reserve`: how long the units are set aside. */
  ttlMs: TtlMs.optional(),
  /** Sales are answered when they are committed. */
  ack: z.literal('committed').optional(),
});

/** What became of an order. */
export const SaleDone = z.object({
  ok: z.literal(true),
  order: Text,
  did: z.enum(['sell', 'reserve', 'harden', 'release', 'cancel']),
  /** What the point can sell of each SKU from now on; empty where it was told another. */
  lines: z.array(
    z.object({
      ...{ sku: Text, warehouse: Name, qty: Qty, left: z.int().min(0) },
      /** Of the units: promised of goods in transit, and with nothing behind them. */
      ...{ presale: Qty.optional(), oversell: Qty.optional() },
    }),
  ),
  /** `reserve`: milliseconds since 1970. */
  expiresAt: z.int().optional(),
});
