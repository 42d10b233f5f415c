import { z } from 'zod';
import { LIMITS } from '../engine/limits.ts';
import { Name, Text } from './field-schemas.ts';

/** What is known of a SKU, as it crosses the edge. */

const Codes = z.array(Text).max(LIMITS.itemCodes);
const Days = z.int().min(0).max(36_500);

const ItemHead = z.object({
  sku: Text,
  owner: Name.optional(),
  warehouse: Name.optional(),
});

/** All of it: what is left out is not so from now on. */
export const ItemCommand = ItemHead.extend({
  op: z.literal('item.set'),
  /** What the base unit is called. */
  unit: Text.optional(),
  /** Closed boxes: the code on them, and how many base units are in one. */
  boxes: z
    .array(z.object({ code: Text, pieces: z.int().min(2).max(LIMITS.boxPieces) }))
    .max(LIMITS.itemCodes)
    .optional(),
  /** Labels of marketplaces on single units. */
  fnskus: Codes.optional(),
  /** GTINs and other codes of a single unit. */
  barcodes: Codes.optional(),
  /** A receipt names its batch. */
  batchManaged: z.boolean().optional(),
  /** A receipt and a pick name each unit. */
  serialManaged: z.boolean().optional(),
  /** From the start of a batch to its expiry. */
  shelfLifeDays: Days.optional(),
  /** Before its expiry, at which a batch leaves sale. */
  marginDays: Days.optional(),
  /** Where single units are picked; with fewer than `pickMin` there it is filled up to `pickMax`. */
  pickLocation: Text.optional(),
  pickMin: z.int().min(0).optional(),
  pickMax: z.int().min(0).optional(),
  step: Text.optional(),
  reason: Text.optional(),
  occurredAt: z.int().min(1).optional(),
})
  .refine(({ shelfLifeDays, marginDays }) => !shelfLifeDays || (marginDays ?? 0) < shelfLifeDays, {
    path: ['marginDays'],
    message: 'less than shelfLifeDays',
  })
  .refine(({ pickMin = 0, pickMax = 0 }) => pickMin <= pickMax, {
    path: ['pickMin'],
    message: 'no more than pickMax',
  });

export const ReadItem = ItemHead.extend({
  op: z.literal('item.read'),
  read: z.enum(['strict', 'lease']).optional(),
});
