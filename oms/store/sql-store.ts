import type { ActorName } from '../../actors/ids.ts';
import { ChangeReader, type UnreadRecord } from '../../engine/record-reader.ts';
import type { Part } from '../availability.ts';
import { Movements } from '../ledger.ts';
import type { NumberedRegion } from '../places.ts';
import { NOWHERE, type Position } from '../position.ts';
import { readBatchLedger } from './batch-pages.ts';
import { BatchRows, INSERT_BATCHES } from './batch-rows.ts';
import { Copying } from './copy-stream.ts';
import {
  ACTOR_TARGET,
  BALANCE_TARGET,
  LINE_TARGET,
  RECORD_TARGET,
  STAGING,
  writeActor,
  writeBalance,
  writeLine,
  writeRecord,
} from './copy-text.ts';
import type { Database, Row, Sql } from './database.ts';
import { readLedger } from './ledger-pages.ts';
import { Left } from './left.ts';
import { migrate } from './migrations.ts';
import { COUNTERS, readParts } from './part-pages.ts';
import { numberRegions, readRegions } from './region-numbers.ts';
import { readSold, type Sold, type SoldQuery } from './sold.ts';
import type {
  BatchPage,
  BatchQuery,
  Books,
  Chunk,
  LedgerPage,
  LedgerQuery,
  Written,
} from './store.ts';

/** New ledger lines that may lie outside the filter of documents. */
const SUMMARISE_LINES = 20_000;

/** The centre's tables in either database: the same SQL, the same rows. */
export class SqlStore implements Books {
  readonly #db: Database;
  /** By number: whether the actor is known to have a row. */
  readonly #known: boolean[] = [];
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

  regions(names: readonly string[]): Promise<readonly NumberedRegion[]> {
    return numberRegions(this.#db, names);
  }

  keptRegions(): Promise<readonly NumberedRegion[]> {
    return readRegions(this.#db);
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
    const { lines, fresh } = await this.#db.transaction(async (sql) => {
      const at = await watermarkOf(sql, chunk.shard);
      if (at.number >= chunk.to.number) return NOTHING;
      requireFollows(chunk, at);
      await sql.script(STAGING);
      const left = new Left();
      const records = chunk.records.filter((r) => r.number > at.number);
      const copying = new Copying(sql);
      const batches = new BatchRows(copying);
      const lines = await copyLines(copying, chunk, records, left, batches);
      const fresh = await this.#copyParts(copying, chunk, left);
      if (fresh.length > 0) await sql.query(INSERT_ACTORS);
      await sql.query(UPSERT_BALANCES);
      if (batches.hasAny) for (const text of INSERT_BATCHES) await sql.query(text);
      const { seq, epoch, number, hash, timeMs } = chunk.to;
      await sql.query(UPSERT_WATERMARK, [chunk.shard, seq, epoch, number, hash, timeMs]);
      return { lines, fresh };
    });
    for (const id of fresh) this.#known[id] = true;
    await this.#summarise(lines);
    return { lines };
  }

  /** Returns the actors that may be new. */
  async #copyParts(copying: Copying, chunk: Chunk, left: Left): Promise<number[]> {
    const { shard, actors } = chunk;
    const balances = copying.into(BALANCE_TARGET);
    const names = copying.into(ACTOR_TARGET);
    const fresh: number[] = [];
    for (const { id, seq, balances: after } of left.byNumber()) {
      writeBalance(balances.rows, id, seq, after);
      if (balances.isFull) await balances.flush();
      if (this.#known[id] === true) continue;
      fresh.push(id);
      writeActor(names.rows, { id, shard, ...(actors.name(id) as ActorName) });
      if (names.isFull) await names.flush();
    }
    await balances.flush();
    await names.flush();
    await copying.end();
    return fresh;
  }

  batchLedger(query: BatchQuery): Promise<BatchPage> {
    return readBatchLedger(this.#db, query);
  }

  sold(query: SoldQuery): Promise<Sold> {
    return readSold(this.#db, query);
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
    for (const index of ['ledger_line_number', 'ledger_line_doc']) {
      await this.#db.query(`select brin_summarize_new_values('${index}')`);
    }
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

/** Every change's lines, and a row for each record that has some. Notes what they leave. Returns how many lines. */
async function copyLines(
  copying: Copying,
  { shard, actors }: Chunk,
  records: readonly UnreadRecord[],
  left: Left,
  batches: BatchRows,
): Promise<number> {
  const lines = copying.into(LINE_TARGET);
  const heads = copying.into(RECORD_TARGET);
  const change = new ChangeReader();
  const movements = new Movements();
  let count = 0;
  for (const record of records) {
    let line = 0;
    change.begin(record);
    batches.begin();
    while (change.next()) {
      const id = actors.find(change.bytes, change.keyFrom(), change.keyTo()) as number;
      left.note(id, change);
      for (const moved of movements.of(change)) {
        writeLine(lines.rows, { shard, number: record.number, line: line++ }, id, change, moved);
      }
      if (change.detail !== undefined) await batches.add(shard, record, id, change, change.detail);
      if (lines.isFull) await lines.flush();
    }
    if (line > 0) writeRecord(heads.rows, shard, record, line);
    if (heads.isFull) await heads.flush();
    count += line;
  }
  await lines.flush();
  await heads.flush();
  await batches.flush();
  return count;
}

const NOTHING = { lines: 0, fresh: [] as number[] };

/** An actor whose row is there already keeps it. */
const INSERT_ACTORS = 'insert into actor select * from actor_in on conflict (id) do nothing';

const UPSERT_BALANCES = `insert into balance select * from balance_in
  on conflict (actor) do update set seq = excluded.seq, ${COUNTERS.map((c) => `${c} = excluded.${c}`).join(', ')},
    others = excluded.others
  where balance.seq < excluded.seq`;

const UPSERT_WATERMARK = `insert into watermark (shard, seq, epoch, number, hash, time_ms)
  values ($1, $2, $3, $4, $5, $6) on conflict (shard) do update set seq = excluded.seq,
    epoch = excluded.epoch, number = excluded.number, hash = excluded.hash, time_ms = excluded.time_ms`;
