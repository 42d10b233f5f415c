import type { Database, Row } from './database.ts';
import type { BatchEntry, BatchPage, BatchQuery } from './store.ts';

/** One page of the batch ledger of a SKU, or of a document: along their indexes, in commit order. */
export async function readBatchLedger(db: Database, q: BatchQuery): Promise<BatchPage> {
  const values: unknown[] = [q.owner];
  const value = (v: unknown): string => `$${values.push(v)}`;
  const where = ['owner = $1'];
  if (q.sku !== undefined) where.push(`sku = ${value(q.sku)}`);
  if (q.warehouse !== undefined) where.push(`warehouse = ${value(q.warehouse)}`);
  if (q.batch !== undefined) where.push(`batch = ${value(q.batch)}`);
  if (q.doc !== undefined) where.push(`doc = ${value(q.doc)}`);
  if (q.after !== undefined) {
    const [ms, shard, number, line] = q.after.map(value);
    where.push(`(recorded_at_ms, shard, number, line) > (${ms}, ${shard}, ${number}, ${line})`);
  }
  const rows = await db.query(
    `select * from batch_ledger where ${where.join(' and ')}
      order by recorded_at_ms, shard, number, line limit ${q.limit}`,
    values,
  );
  const lines = rows.map(entryOf);
  const last = lines.at(-1);
  const isEnd = last === undefined || lines.length < q.limit;
  const next = isEnd
    ? undefined
    : ([last.recordedAtMs, last.shard, last.number, last.line] as const);
  return { lines, next };
}

const entryOf = (row: Row): BatchEntry => ({
  shard: Number(row.shard),
  number: Number(row.number),
  line: Number(row.line),
  owner: String(row.owner),
  sku: String(row.sku),
  warehouse: String(row.warehouse),
  actorSeq: Number(row.actor_seq),
  batch: String(row.batch),
  startMs: Number(row.start_ms ?? 0),
  expiresAtMs: Number(row.expires_at_ms ?? 0),
  kept: String(row.kept),
  occurredAtMs: Number(row.occurred_at_ms),
  recordedAtMs: Number(row.recorded_at_ms),
  docType: String(row.doc_type),
  doc: String(row.doc),
  docLine: String(row.doc_line),
  reason: String(row.reason),
  actor: String(row.actor),
  quality: String(row.quality),
  qualityFrom: textOrNull(row.quality_from),
  qualityTo: textOrNull(row.quality_to),
  placeFrom: String(row.place_from),
  placeTo: String(row.place_to),
  qty: Number(row.qty),
  change: Number(row.change),
  after: row.after === null ? null : Number(row.after),
});

const textOrNull = (v: unknown): string | null => (v === null ? null : String(v));
