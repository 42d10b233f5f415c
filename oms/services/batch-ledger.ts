import { z } from 'zod';
import { isText } from '../../actors/ids.ts';
import { type AsOf, asOf } from '../as-of.ts';
import type { BatchEntry } from '../store/store.ts';
import { placeOf, type ServiceContext } from './context.ts';
import { cursor, limit, owner, parse, readCursor, sku, warehouse, writeCursor } from './request.ts';
import type { Endpoint } from './service.ts';

const text = (name: string) =>
  z
    .custom<string>((v) => typeof v === 'string' && isText(v), {
      error: `${name} is a text of 1–64 printable characters`,
    })
    .optional();

const request = z
  .strictObject({
    owner: owner.optional(),
    sku: sku.optional(),
    warehouse: warehouse.optional(),
    batch: text('batch'),
    doc: text('doc'),
    after: cursor.optional(),
    limit,
  })
  .refine(({ sku, doc }) => sku !== undefined || doc !== undefined, 'say which sku, or which doc');

const place = z.tuple([z.int(), z.int(), z.int(), z.int()]);

/** Units of a known lot that came, went or were moved. Base units; times ISO, null where there is none. */
export interface BatchRow
  extends Omit<
    BatchEntry,
    'actorSeq' | 'occurredAtMs' | 'recordedAtMs' | 'startMs' | 'expiresAtMs'
  > {
  readonly region: string;
  /** Of the stock actor: the event's number. */
  readonly seq: number;
  readonly occurredAt: string;
  readonly recordedAt: string;
  readonly startAt: string | null;
  readonly expiresAt: string | null;
}

export interface BatchLedgerAnswer {
  readonly owner: string;
  /** By record time, and within a shard in commit order. */
  readonly lines: readonly BatchRow[];
  /** Send it as `after` for the next page; null at the end. */
  readonly after: string | null;
  readonly asOf: readonly AsOf[];
}

/** `inv.oms.batchLedger`: what happened to batches, and in which places. */
export const batchLedger = (context: ServiceContext): Endpoint => ({
  name: 'batchLedger',
  subject: 'inv.oms.batchLedger',
  async answer(bytes): Promise<BatchLedgerAnswer> {
    const { after, ...asked } = parse(request, bytes);
    const owner = asked.owner ?? context.defaultOwner;
    const { lines, next } = await context.store.batchLedger({
      ...asked,
      owner,
      after: after === undefined ? undefined : readCursor(after, place),
    });
    return {
      owner,
      lines: lines.map((line) => ({ ...rowOf(line), ...placeOf(context, line.shard) })),
      after: next === undefined ? null : writeCursor(next),
      asOf: context.aggregators.map((a) => asOf(a, a.history.durable)),
    };
  },
});

function rowOf({
  actorSeq,
  occurredAtMs,
  recordedAtMs,
  startMs,
  expiresAtMs,
  ...entry
}: BatchEntry) {
  return {
    ...entry,
    seq: actorSeq,
    occurredAt: iso(occurredAtMs) as string,
    recordedAt: iso(recordedAtMs) as string,
    startAt: iso(startMs),
    expiresAt: iso(expiresAtMs),
  };
}

const iso = (ms: number): string | null => (ms === 0 ? null : new Date(ms).toISOString());
