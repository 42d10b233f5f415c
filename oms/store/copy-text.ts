import { type Balances, WIDTH } from '../../actors/stock/balances.ts';
import type { EventDetail } from '../../actors/stock/detail.ts';
import type { ChangeReader, UnreadRecord } from '../../engine/record-reader.ts';
import type { Part } from '../availability.ts';
import { type BatchLine, placeText } from '../batch-lines.ts';
import { documentNumber } from '../document-kinds.ts';
import { callerDoc, docIn, type Movement } from '../ledger.ts';
import type { RowWriter } from './row-writer.ts';

/**
 * Rows for COPY, which both databases read more than twice as fast as
 * parameters (docs/decisions/0004-centre-store.md).
 */

export const RECORD_TARGET = 'ledger_record (shard, number, epoch, lines, recorded_at_ms, hash)';
export const LINE_TARGET =
  'ledger_line (shard, number, line, actor, actor_seq, kind, quality, account, change, after, ' +
  'occurred_at_ms, doc, doc_line, reason, client, document)';
export const ACTOR_TARGET = 'actor_in (id, shard, owner, sku, warehouse)';
export const BALANCE_TARGET =
  'balance_in (actor, seq, shelf, receiving, picked, packed, allocated, blocked, waiting, ' +
  'in_transit, safety, granted, others)';

export const BATCH_LINE_TARGET =
  'batch_line_in (shard, number, line, actor, actor_seq, kind, qty, change, quality, quality_from, ' +
  'quality_to, batch, place_from, place_to, recorded_at_ms, occurred_at_ms, doc, doc_line, reason, ' +
  'client, document)';
export const BATCH_TARGET =
  'batch_in (shard, number, line, actor, batch, start_ms, expires_at_ms, sell_until_ms, kept)';

/** Temporary tables, emptied at every commit; the rows are moved on from there. */
export const STAGING = `
  create temporary table if not exists actor_in (like actor) on commit delete rows;
  create temporary table if not exists balance_in (like balance) on commit delete rows;
  create temporary table if not exists batch_line_in (like batch_line) on commit delete rows;
  create temporary table if not exists batch_in
    (shard smallint, number bigint, line integer, like batch) on commit delete rows;
`;

export function writeRecord(
  rows: RowWriter,
  shard: number,
  record: UnreadRecord,
  lines: number,
): void {
  const { number, epoch, timeMs, hash } = record;
  rows.whole(shard).whole(number).whole(epoch).whole(lines).whole(timeMs).raw(hash).end();
}

/** Where a line goes: the centre's number of its shard, its record, and its number within that. */
export interface LinePlace {
  readonly shard: number;
  readonly number: number;
  readonly line: number;
}

/** One line of the change at hand. */
export function writeLine(
  rows: RowWriter,
  { shard, number, line }: LinePlace,
  actor: number,
  change: ChangeReader,
  moved: Movement,
): void {
  rows.whole(shard).whole(number).whole(line).whole(actor).whole(change.seq).whole(change.kind);
  rows.whole(moved.quality).whole(moved.account).whole(moved.change).whole(moved.after);
  writeAbout(rows, change);
}

/** One line of the batch ledger. */
export function writeBatchLine(
  rows: RowWriter,
  { shard, number, line }: LinePlace,
  timeMs: number,
  actor: number,
  change: ChangeReader,
  { batch, quality, qty, change: units, from, to }: BatchLine,
): void {
  rows.whole(shard).whole(number).whole(line).whole(actor).whole(change.seq).whole(change.kind);
  rows.whole(qty).whole(units).whole(quality);
  writeMaybe(rows, from?.quality);
  writeMaybe(rows, to?.quality);
  rows.text(batch).text(placeText(from)).text(placeText(to)).whole(timeMs);
  writeAbout(rows, change);
}

/** What is known of a batch from that change on. */
export function writeBatch(
  rows: RowWriter,
  { shard, number, line }: LinePlace,
  actor: number,
  { name, startMs, expiresAtMs, sellUntilMs, kept }: NonNullable<EventDetail['batch']>,
): void {
  rows.whole(shard).whole(number).whole(line).whole(actor).text(name);
  rows.whole(startMs).whole(expiresAtMs).whole(sellUntilMs).text(kept).end();
}

function writeMaybe(rows: RowWriter, n: number | undefined): void {
  if (n === undefined) rows.none();
  else rows.whole(n);
}

/** When, whose, why, who: the last fields of a line. */
function writeAbout(rows: RowWriter, change: ChangeReader): void {
  if (change.occurredAtMs === 0) rows.none();
  else rows.whole(change.occurredAtMs);
  writeTexts(rows, change);
  writeMaybe(rows, change.document === undefined ? undefined : documentNumber(change.document));
  rows.end();
}

/** Document, its line, reason, client. None where it is what the column before says, or the kind. */
function writeTexts(rows: RowWriter, change: ChangeReader): void {
  const { bytes, docFrom, docTo, holdFrom, holdTo, reasonFrom, reasonTo } = change;
  switch (docIn(change)) {
    case 'doc':
      rows.utf8(bytes, docFrom, docTo).utf8(bytes, holdFrom, holdTo);
      break;
    case 'hold':
      rows.utf8(bytes, holdFrom, holdTo).none();
      break;
    case 'caller':
      rows.text(callerDoc(change)).text('');
  }
  if (reasonTo > reasonFrom) rows.utf8(bytes, reasonFrom, reasonTo);
  else rows.none();
  rows.utf8(bytes, change.clientFrom, change.clientTo);
}

export function writeActor(rows: RowWriter, part: Omit<Part, 'seq' | 'balances'>): void {
  const { id, shard, owner, sku, warehouse } = part;
  rows.whole(id).whole(shard).text(owner).text(sku).text(warehouse).end();
}

export function writeBalance(rows: RowWriter, id: number, seq: number, balances: Balances): void {
  rows.whole(id).whole(seq);
  for (let i = 0; i < WIDTH; i++) rows.whole(balances[i] as number);
  if (balances.length > WIDTH) rows.raw(`{${balances.slice(WIDTH).join(',')}}`);
  else rows.none();
  rows.end();
}
