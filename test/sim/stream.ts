import type { Appended, Stored } from '../../engine/journal/journal.ts';

/** The server remembers message ids this long, ms. */
const IDS_KEPT_MS = 120_000;

interface Known {
  readonly seq: number;
  readonly atMs: number;
}

/** One journal stream as JetStream keeps it, quirks included. */
export class Stream {
  records: Stored[] = [];
  /** Sequence of the last record, kept when all before it are trimmed. */
  last = 0;
  /** What a power cut leaves: up to here. */
  synced = 0;
  readonly #ids = new Map<string, Known>();

  /** A stale expectation is a conflict also for an id that it knows; that is what real ones do. */
  refusal(id: string, expected: number | undefined, nowMs: number): Appended | undefined {
    if (expected !== undefined && expected !== this.last) {
      return { kind: 'conflict', last: this.last };
    }
    const known = this.#ids.get(id);
    if (known === undefined || known.atMs + IDS_KEPT_MS < nowMs) return undefined;
    return { kind: 'duplicate', seq: known.seq };
  }

  store(bytes: Uint8Array, id: string, nowMs: number): Stored {
    const stored: Stored = { seq: ++this.last, bytes: bytes.slice(), id };
    this.records.push(stored);
    this.#ids.set(id, { seq: stored.seq, atMs: nowMs });
    return stored;
  }

  /** An id that is remembered while its message was lost on the way to the disk. */
  remember(id: string, nowMs: number): void {
    this.#ids.set(id, { seq: this.last + 1, atMs: nowMs });
  }

  firstFrom(seq: number): Stored | undefined {
    return this.records.find((r) => r.seq >= seq);
  }

  page(from: number, most: number): Stored[] {
    const at = this.records.findIndex((r) => r.seq >= from);
    return at === -1 ? [] : this.records.slice(at, at + most);
  }

  trim(seq: number): void {
    const below = Math.min(seq, this.last);
    this.records = this.records.filter((r) => r.seq >= below);
  }

  /** What was not synced is gone, and its sequences will be given again. Returns how many records. */
  cutTail(): number {
    const gone = this.last - this.synced;
    this.records = this.records.filter((r) => r.seq <= this.synced);
    this.last = this.synced;
    return gone;
  }

  /** A restarted server knows the ids of what it still has, or none. */
  restarted(forgets: boolean, nowMs: number): void {
    this.#ids.clear();
    if (forgets) return;
    for (const r of this.records) this.#ids.set(r.id, { seq: r.seq, atMs: nowMs });
  }

  /** Records in the middle are gone and nothing says so. Returns the first. */
  lose(place: number, many: number): number | undefined {
    const at = Math.floor(place * (this.records.length - many));
    if (at < 0 || at + many >= this.records.length) return undefined;
    return this.records.splice(at, many)[0]?.seq;
  }

  /** One bit of one record changes, on disk. Returns its sequence. */
  flip(place: number, bit: number): number | undefined {
    const at = Math.floor(place * this.records.length);
    const record = this.records[at];
    if (record === undefined) return undefined;
    const bytes = record.bytes.slice();
    const i = Math.floor((bit / 8) % bytes.length);
    bytes[i] = (bytes[i] as number) ^ (1 << (bit % 8));
    this.records[at] = { ...record, bytes };
    return record.seq;
  }
}
