import { z } from 'zod';
import {
  isOwnerId,
  isSkuId,
  isWarehouseId,
  type OwnerId,
  type SkuId,
  type WarehouseId,
} from '../../actors/ids.ts';

/** A request that cannot be answered; its message says what to send. */
export class BadRequest extends Error {
  override readonly name = 'BadRequest';
}

export const MAX_LIMIT = 1_000;
const DEFAULT_LIMIT = 100;

export const owner = z.custom<OwnerId>(isOwnerId, {
  error: 'owner is 1–32 of A–Z a–z 0–9 _ -',
});
export const warehouse = z.custom<WarehouseId>(isWarehouseId, {
  error: 'warehouse is 1–32 of A–Z a–z 0–9 _ -',
});
export const sku = z.custom<SkuId>(isSkuId, {
  error: 'sku is a text of 1–64 printable characters without a blank at either end',
});
export const limit = z
  .int(`limit is a whole number from 1 to ${MAX_LIMIT}`)
  .min(1, `limit is a whole number from 1 to ${MAX_LIMIT}`)
  .max(MAX_LIMIT, `limit is a whole number from 1 to ${MAX_LIMIT}`)
  .default(DEFAULT_LIMIT);
export const cursor = z.string('after is the cursor that the page before ended with');
export const time = z.iso
  .datetime({
    offset: true,
    error: 'from and to are times in ISO form, such as 2025-01-31T00:00:00Z',
  })
  .transform((text) => Date.parse(text));

/** Reads a request; nothing at all is an empty one. Throws {@link BadRequest}. */
export function parse<T>(schema: z.ZodType<T>, bytes: Uint8Array): T {
  const result = schema.safeParse(bytes.length === 0 ? {} : json(bytes));
  if (result.success) return result.data;
  throw new BadRequest(result.error.issues.map(sentence).join('; '));
}

function json(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new BadRequest('send one JSON object');
  }
}

function sentence(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `there is no field ${issue.keys.join(', ')}`;
  if (issue.path.length === 0)
    return issue.code === 'custom' ? issue.message : 'send one JSON object';
  return issue.message;
}

/** Cursors are opaque to callers. */
export const writeCursor = (place: unknown): string =>
  Buffer.from(JSON.stringify(place)).toString('base64url');

/** Throws {@link BadRequest} for what is no cursor of this endpoint. */
export function readCursor<T>(text: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
  } catch {
    throw new BadRequest('after is not a cursor of this service; leave it out to begin');
  }
}
