import { WIDTH } from '../../actors/stock/balances.ts';
import type { Part } from '../availability.ts';
import type { LedgerEvent } from '../ledger.ts';
import type { RowWriter } from './row-writer.ts';
import type { RecordRows } from './store.ts';

/**
 * Rows for COPY, which both databases read more than twice as fast as
 * parameters (docs/decisions/0004-centre-store.md).
 */

export const LINE_TARGET =
  'ledger_line (shard, epoch, number, line, hash, recorded_at_ms, actor, actor_seq, occurred_at_ms, ' +
  'kind, doc, doc_line, reason, client, quality, account, change, after)';
export const ACTOR_TARGET = 'actor_in (id, shard, owner, sku, warehouse)';
export const BALANCE_TARGET =
  'balance_in (actor, seq, shelf, receiving, picked, packed, allocated, blocked, waiting, others)';

/** Temporary tables, emptied at every commit; the rows are moved on from there. */
export const STAGING = `
  create temporary table if not exists actor_in (like actor) on commit delete rows;
  create temporary table if not exists balance_in (like balance) on commit delete rows;
`;

/** The lines of one event; `firstLine` is the number of the first within its record. */
export function writeLines(
  rows: RowWriter,
  { shard, epoch, number, hash, timeMs }: RecordRows,
  e: LedgerEvent,
  firstLine: number,
): void {
  let line = firstLine;
  for (const moved of e.lines) {
    rows.whole(shard).whole(epoch).whole(number).whole(line++).raw(hash).whole(timeMs);
    rows
      .whole(e.actor)
      .whole(e.actorSeq)
      .whole(e.occurredAtMs || timeMs);
    rows.whole(e.kind).text(e.doc).text(e.docLine).text(e.reason).text(e.client);
    rows.whole(moved.quality).whole(moved.account).whole(moved.change).whole(moved.after).end();
  }
}

export function writeActor(rows: RowWriter, { id, shard, owner, sku, warehouse }: Part): void {
  rows.whole(id).whole(shard).text(owner).text(sku).text(warehouse).end();
}

export function writeBalance(rows: RowWriter, { id, seq, balances }: Part): void {
  rows.whole(id).whole(seq);
  for (let i = 0; i < WIDTH; i++) rows.whole(balances[i] as number);
  rows.raw(balances.length > WIDTH ? `{${balances.slice(WIDTH).join(',')}}` : '\\N').end();
}
