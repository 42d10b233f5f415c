import { nextTurn, systemClock } from '../../engine/clock.ts';
import type { Part } from '../availability.ts';
import { NOWHERE, type Position } from '../position.ts';
import {
  ACTOR_TARGET,
  BALANCE_TARGET,
  LINE_TARGET,
  STAGING,
  writeActor,
  writeBalance,
  writeLines,
} from './copy-text.ts';
import type { Database, Row, Sql } from './database.ts';
import { readLedger } from './ledger-pages.ts';
import { migrate } from './migrations.ts';
import { COUNTERS, readParts } from './part-pages.ts';
import { RowWriter } from './row-writer.ts';
import type { Chunk, LedgerPage, LedgerQuery, RecordRows, Store, Written } from './store.ts';

/** Rows copied in one go: an embedded database holds the thread for this long, some 20 ms. */
const SLICE_ROWS = 2_000;
/** New ledger lines that may lie outside the filter of documents. */
const SUMMARISE_LINES = 20_000;

/** The centre's tables in either database: the same SQL, the same rows. */
export class SqlStore implements Store {
  readonly #db: Database;
  /** By number: whether the actor is known to have a row. */
  readonly #known: boolean[] = [];
  /** Used inside transactions, so by one at a time. */
  readonly #rows = new RowWriter();
  #linesSinceSummary = 0;

  private constructor(db: Database) {
    this.#db = db;
  }

  static async open(db: Database): Promise<SqlStore> {
    await migrate(db);
    return new SqlStore(db);
  }

  async watermarks(): Promise<ReadonlyMap<number, Position>> {
    const rows = await this.#db.query('select * from watermark');
    return new Map(rows.map((row) => [Number(row.shard), positionOf(row)]));
  }

  async *parts(): AsyncIterable<readonly Part[]> {
    for (let from = -1; ; ) {
      const page = await readParts(this.#db, from);
      const last = page.at(-1);
      if (last === undefined) return;
      for (const { id } of page) this.#known[id] = true;
      yield page;
      from = last.id;
    }
  }

  async write(chunk: Chunk): Promise<Written> {
    const fresh = chunk.parts.filter((p) => this.#known[p.id] !== true);
    const lines = await this.#db.transaction(async (sql) => {
      const at = await watermarkOf(sql, chunk.shard);
      if (at.number >= chunk.to.number) return 0;
      requireFollows(chunk, at);
      await sql.script(STAGING);
      const records = chunk.records.filter((r) => r.number > at.number);
      const count = await copy(this.#rows, sql, LINE_TARGET, writingLines(records));
      if (fresh.length > 0) {
        await copy(this.#rows, sql, ACTOR_TARGET, writingEach(fresh, writeActor));
        await sql.query('insert into actor select * from actor_in on conflict (id) do nothing');
      }
      await copy(this.#rows, sql, BALANCE_TARGET, writingEach(byId(chunk.parts), writeBalance));
      await sql.query(UPSERT_BALANCES);
      const { seq, epoch, number, hash, timeMs } = chunk.to;
      await sql.query(UPSERT_WATERMARK, [chunk.shard, seq, epoch, number, hash, timeMs]);
      return count;
    });
    for (const { id } of fresh) this.#known[id] = true;
    await this.#summarise(lines);
    return { lines };
  }

  ledger(query: LedgerQuery): Promise<LedgerPage> {
    return readLedger(this.#db, query);
  }

  close(): Promise<void> {
    return this.#db.close();
  }

  /** Without it a search for a document reads every line written since. */
  async #summarise(lines: number): Promise<void> {
    this.#linesSinceSummary += lines;
    if (this.#linesSinceSummary < SUMMARISE_LINES) return;
    this.#linesSinceSummary = 0;
    await this.#db.query(`select brin_summarize_new_values('ledger_line_doc')`);
  }
}

async function watermarkOf(sql: Sql, shard: number): Promise<Position> {
  const [row] = await sql.query('select * from watermark where shard = $1 for update', [shard]);
  return row === undefined ? NOWHERE : positionOf(row);
}

const positionOf = (row: Row): Position => ({
  seq: Number(row.seq),
  epoch: Number(row.epoch),
  number: Number(row.number),
  hash: String(row.hash),
  timeMs: Number(row.time_ms),
});

/** A chunk may begin before the watermark, where it repeats what was written; never after it. */
function requireFollows({ shard, from }: Chunk, at: Position): void {
  if (from.number > at.number || (from.number === at.number && from.hash !== at.hash)) {
    throw new Error(
      `records after ${from.number} of shard ${shard} do not follow the watermark, ${at.number}`,
    );
  }
}

/** Writes rows bit by bit, stopping after every few. */
type Writing = (rows: RowWriter) => Generator<void>;

function writingLines(records: readonly RecordRows[]): Writing {
  return function* (rows) {
    for (const record of records) {
      let line = 0;
      for (const event of record.events) {
        writeLines(rows, record, event, line);
        line += event.lines.length;
        yield;
      }
    }
  };
}

function writingEach<T>(items: readonly T[], write: (rows: RowWriter, item: T) => void): Writing {
  return function* (rows) {
    for (const item of items) {
      write(rows, item);
      yield;
    }
  };
}

/** Copies in slices, and lets others have their turn in between. Returns how many rows. */
async function copy(rows: RowWriter, sql: Sql, target: string, writing: Writing): Promise<number> {
  rows.take(); // of a transaction that failed
  let count = 0;
  for (const _ of writing(rows)) {
    if (rows.rows < SLICE_ROWS) continue;
    count += rows.rows;
    await sql.copyIn(target, rows.take());
    await nextTurn(systemClock);
  }
  count += rows.rows;
  if (rows.rows > 0) await sql.copyIn(target, rows.take());
  return count;
}

/** Neighbours on disk are written together. */
const byId = (parts: readonly Part[]): Part[] => parts.toSorted((a, b) => a.id - b.id);

const UPSERT_BALANCES = `insert into balance select * from balance_in
  on conflict (actor) do update set seq = excluded.seq, ${COUNTERS.map((c) => `${c} = excluded.${c}`).join(', ')},
    others = excluded.others
  where balance.seq < excluded.seq`;

const UPSERT_WATERMARK = `insert into watermark (shard, seq, epoch, number, hash, time_ms)
  values ($1, $2, $3, $4, $5, $6) on conflict (shard) do update set seq = excluded.seq,
    epoch = excluded.epoch, number = excluded.number, hash = excluded.hash, time_ms = excluded.time_ms`;
