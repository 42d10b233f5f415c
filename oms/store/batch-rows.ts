import type { EventDetail } from '../../actors/stock/detail.ts';
import type { ChangeReader, UnreadRecord } from '../../engine/record-reader.ts';
import { batchLines } from '../batch-lines.ts';
import type { Copying, CopyStream } from './copy-stream.ts';
import { BATCH_LINE_TARGET, BATCH_TARGET, writeBatch, writeBatchLine } from './copy-text.ts';

/** The batch ledger's rows of one transaction. Few records have any. */
export class BatchRows {
  readonly #lines: CopyStream;
  readonly #batches: CopyStream;
  /** Of the record at hand. */
  #line = 0;
  hasAny = false;

  constructor(copying: Copying) {
    this.#lines = copying.into(BATCH_LINE_TARGET);
    this.#batches = copying.into(BATCH_TARGET);
  }

  /** Goes before the first change of a record. */
  begin(): void {
    this.#line = 0;
  }

  async add(
    shard: number,
    record: UnreadRecord,
    actor: number,
    change: ChangeReader,
    detail: EventDetail,
  ): Promise<void> {
    this.hasAny = true;
    const place = () => ({ shard, number: record.number, line: this.#line++ });
    for (const line of batchLines(detail)) {
      writeBatchLine(this.#lines.rows, place(), record.timeMs, actor, change, line);
    }
    const { batch } = detail;
    if (batch !== undefined) writeBatch(this.#batches.rows, place(), actor, batch);
    if (this.#lines.isFull) await this.#lines.flush();
    if (this.#batches.isFull) await this.#batches.flush();
  }

  async flush(): Promise<void> {
    await this.#lines.flush();
    await this.#batches.flush();
  }
}

/** Moves staged rows on: the last that was said of each batch, lines with the balance after each, balances. */
export const INSERT_BATCHES = [
  `insert into batch
    select distinct on (actor, batch) actor, batch, start_ms, expires_at_ms, sell_until_ms, kept
    from batch_in order by actor, batch, number desc, line desc
    on conflict (actor, batch) do update set start_ms = excluded.start_ms,
      expires_at_ms = excluded.expires_at_ms, sell_until_ms = excluded.sell_until_ms,
      kept = excluded.kept`,
  `insert into batch_line (shard, number, line, actor, actor_seq, kind, qty, change, after, quality,
      quality_from, quality_to, batch, place_from, place_to, recorded_at_ms, occurred_at_ms, doc,
      doc_line, reason, client, document)
    select l.shard, l.number, l.line, l.actor, l.actor_seq, l.kind, l.qty, l.change,
      case when l.batch = '' then null else coalesce(b.on_hand, 0) + sum(l.change) over
        (partition by l.actor, l.batch, l.quality order by l.number, l.line) end,
      l.quality, l.quality_from, l.quality_to, l.batch, l.place_from, l.place_to, l.recorded_at_ms,
      l.occurred_at_ms, l.doc, l.doc_line, l.reason, l.client, l.document
    from batch_line_in l left join batch_balance b
      on b.actor = l.actor and b.batch = l.batch and b.quality = l.quality`,
  `insert into batch_balance
    select actor, batch, quality, sum(change) from batch_line_in where batch <> ''
    group by actor, batch, quality
    on conflict (actor, batch, quality)
      do update set on_hand = batch_balance.on_hand + excluded.on_hand`,
];
