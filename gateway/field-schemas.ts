import { z } from 'zod';
import { type HoldId, isRights, PRESALE, RIGHTS } from '../actors/ids.ts';
import { BLOCK_REASONS, PICK_POLICIES, QUALITIES } from '../actors/stock/commands.ts';
import { LIMITS } from '../engine/limits.ts';

/** The fields that messages have in common, one schema each. */

const TEXT = '1 to 64 printable characters, no blank at either end';
export const Text = z
  .string()
  .max(64, TEXT)
  .regex(/^[^\s\p{C}](?:[^\p{C}]{0,62}[^\s\p{C}])?$/u, TEXT);
/** Two holds are not for callers. */
export const HoldName = Text.refine(
  (v) => !isRights(v as HoldId),
  `not ${RIGHTS} or ${PRESALE}`,
).meta({
  not: { enum: [RIGHTS, PRESALE] },
});
/** As a scanner sends it; FNC1 as ASCII 29. */
export const Code = z.string().min(1).max(LIMITS.codeLength);
export const Name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/);
export const Qty = z.int().min(1);
export const Delta = z.union([z.int().min(1), z.int().max(-1)]);
export const Quality = z.enum(QUALITIES);
export const TtlMs = z.int().min(1).max(LIMITS.softTtlMs);
/** Base units of safety stock. */
export const Level = z.int().min(0);

/** A place, a batch, a label; blank where there is none. */
export const TextOrNone = z.union([Text, z.literal('')]);
/** Pieces in the closed box that units lie in; 0 where they are loose. */
export const Box = z.int().min(0).max(LIMITS.boxPieces);
export const Serials = z
  .array(Text)
  .min(1)
  .max(LIMITS.serials)
  .refine((all) => new Set(all).size === all.length, 'each of them once')
  .meta({ uniqueItems: true });

/** Every field of a step on stock; what an op does not use is checked all the same. */
export const Step = z.object({
  sku: Text,
  owner: Name.optional(),
  warehouse: Name.optional(),
  qty: Qty.optional(),
  delta: Delta.optional(),
  hold: HoldName.optional(),
  doc: Text.optional(),
  reason: Text.optional(),
  quality: Quality.optional(),
  ttlMs: TtlMs.optional(),
  partial: z.boolean().optional(),
  occurredAt: Qty.optional(),
  toQuality: Quality.optional(),
  why: z.enum(BLOCK_REASONS).optional(),
  /** `receive`: how many of the units had been announced; no more than `qty`. */
  arrived: Qty.optional(),
  /** `receive`: for sale only after `putback`. */
  untilPutaway: z.boolean().optional(),
  /** `reserve`: safety stock may be used. */
  useSafety: z.boolean().optional(),
  level: Level.optional(),
  /** Which units; of a receipt or a gain, what they are. Left out: any. */
  location: TextOrNone.optional(),
  container: TextOrNone.optional(),
  batch: TextOrNone.optional(),
  box: Box.optional(),
  fnsku: TextOrNone.optional(),
  /** `move`, `putback`: what is different afterwards. */
  toLocation: TextOrNone.optional(),
  toContainer: TextOrNone.optional(),
  toBox: Box.optional(),
  toFnsku: TextOrNone.optional(),
  /** As many as units. */
  serials: Serials.optional(),
  /** What is printed on the batch; sold until it expires, or before. */
  startAt: Qty.optional(),
  expiresAt: Qty.optional(),
  sellUntil: Qty.optional(),
  /** Which units are taken first. */
  policy: z.enum(PICK_POLICIES).optional(),
  /** `reserve`: what there is not waits for stock. */
  backorder: z.boolean().optional(),
});
