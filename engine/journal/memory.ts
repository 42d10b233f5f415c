import { ShardStopped } from '../errors.ts';
import type { Appended, Journal, Stored } from './journal.ts';

/** Keeps records in an array. For tests: it survives nothing. */
export class MemoryJournal implements Journal {
  #records: Stored[] = [];
  #last = 0;
  /** Readers that have come to the end. */
  #waiting: (() => void)[] = [];

  append(bytes: Uint8Array, id: string, expected: number): Promise<Appended> {
    return Promise.resolve(this.#append(bytes, id, expected));
  }

  /** As JetStream does: a known id with a stale expectation is a conflict, not a duplicate. */
  #append(bytes: Uint8Array, id: string, expected: number): Appended {
    if (expected !== this.#last) return { kind: 'conflict', last: this.#last };
    const same = this.#records.find((r) => r.id === id);
    if (same !== undefined) return { kind: 'duplicate', seq: same.seq };
    this.#records.push({ seq: ++this.#last, bytes: bytes.slice(), id });
    for (const resume of this.#waiting.splice(0)) resume();
    return { kind: 'stored', seq: this.#last };
  }

  last(): Promise<Stored | undefined> {
    return Promise.resolve(this.#records.at(-1));
  }

  firstFrom(seq: number): Promise<Stored | undefined> {
    return Promise.resolve(this.#records.find((r) => r.seq >= seq));
  }

  async *read(from: number, to: number): AsyncIterable<Stored> {
    for (let seq = from; seq <= to; seq++) {
      while (seq > this.#last) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      const record = this.#records[seq - this.#last + this.#records.length - 1];
      if (record === undefined) throw new ShardStopped(`the journal has no record at ${seq}`);
      yield record;
    }
  }

  trim(seq: number): Promise<void> {
    const keep = Math.min(seq, this.#last);
    this.#records = this.#records.filter((r) => r.seq >= keep);
    return Promise.resolve();
  }
}
