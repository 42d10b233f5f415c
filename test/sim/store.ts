import type { Part } from '../../oms/availability.ts';
import { NOWHERE, type Position } from '../../oms/position.ts';
import type {
  Chunk,
  LedgerEntry,
  LedgerPage,
  LedgerQuery,
  Store,
  Written,
} from '../../oms/store/store.ts';
import { keyOf, rowsOf, select, type Tables } from './tables.ts';

/** What a transaction is about to do, or has just done. */
export type Moment = 'read' | 'begin' | 'rows' | 'parts' | 'commit' | 'committed';

/** Takes the time that it takes; rejects where the database fails; never ends where the process dies. */
export type Step = (moment: Moment) => Promise<void>;

/** Of lines written between two steps. */
const SLICE = 50;

/** The centre's store over tables that outlive it. What a transaction does counts from its commit on, all of it or nothing. */
export class SimStore implements Store {
  readonly #tables: Tables;
  readonly #step: Step;
  /** Transactions are one at a time. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(tables: Tables, step: Step) {
    this.#tables = tables;
    this.#step = step;
  }

  async watermarks(): Promise<ReadonlyMap<number, Position>> {
    await this.#step('read');
    return new Map(this.#tables.watermarks);
  }

  async *parts(): AsyncIterable<readonly Part[]> {
    await this.#step('read');
    const parts = [...this.#tables.parts.values()].sort((a, b) => a.id - b.id);
    if (parts.length > 0) yield parts;
  }

  write(chunk: Chunk): Promise<Written> {
    const written = this.#last.then(() => this.#transaction(chunk));
    this.#last = written.catch(() => {});
    return written;
  }

  async ledger(query: LedgerQuery): Promise<LedgerPage> {
    await this.#step('read');
    const found = select(this.#tables.lines, query);
    const lines = found.slice(0, query.limit);
    if (lines.length < query.limit) return { lines, next: undefined };
    const shards = new Set([...lines, ...query.after].map(({ shard }) => shard));
    const next = [...shards].map((shard) => {
      const last =
        lines.findLast((l) => l.shard === shard) ?? query.after.find((m) => m.shard === shard);
      const { epoch, number, line } = last as LedgerEntry;
      return { shard, epoch, number, line };
    });
    return { lines, next };
  }

  close(): Promise<void> {
    return this.#last.then(() => {});
  }

  async #transaction(chunk: Chunk): Promise<Written> {
    const { shard, from, to } = chunk;
    await this.#step('begin');
    const at = this.#tables.watermarks.get(shard) ?? NOWHERE;
    if (at.number >= to.number) return { lines: 0 };
    if (from.number > at.number || (from.number === at.number && from.hash !== at.hash)) {
      throw new Error(
        `records after ${from.number} of shard ${shard} do not follow the watermark, ${at.number}`,
      );
    }
    const records = chunk.records.filter((r) => r.number > at.number);
    const { lines, parts } = rowsOf({ ...chunk, records });
    await this.#stage(lines);
    await this.#step('parts');
    await this.#step('commit');
    for (const line of lines) this.#tables.insert(line);
    for (const part of parts) this.#upsert(part);
    this.#tables.watermarks.set(shard, to);
    await this.#step('committed');
    return { lines: lines.length };
  }

  /** The primary key holds also within a transaction. */
  async #stage(lines: readonly LedgerEntry[]): Promise<void> {
    const staged = new Set<string>();
    for (const [i, line] of lines.entries()) {
      if (i % SLICE === 0) await this.#step('rows');
      const key = keyOf(line);
      if (staged.has(key) || this.#tables.has(line))
        throw new Error(`line ${key} is there already`);
      staged.add(key);
    }
  }

  /** The row of an actor keeps its name; its balances only go forward. */
  #upsert(part: Part): void {
    const { parts } = this.#tables;
    const known = parts.get(part.id);
    if (known === undefined) parts.set(part.id, part);
    else if (known.seq < part.seq) {
      parts.set(part.id, { ...known, seq: part.seq, balances: part.balances });
    }
  }
}
