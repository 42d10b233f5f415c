export interface Entry {
  readonly operation: 'PUT' | 'DEL';
  readonly value: string;
  readonly revision: number;
  readonly atMs: number;
}

const WRONG_LAST_SEQUENCE = 10071;
/** Entries are freed up to so much later than their time. */
const LATE = 1.3;

/** A KV bucket whose entries end by themselves, as JetStream keeps it. One sequence for all keys. */
export class Bucket {
  readonly #ttlMs: number;
  #entries = new Map<string, Entry>();
  #last = 0;
  /** What a power cut leaves. */
  #synced: { readonly entries: Map<string, Entry>; readonly last: number };

  constructor(ttlMs: number) {
    this.#ttlMs = ttlMs;
    this.#synced = { entries: new Map(), last: 0 };
  }

  get(key: string, nowMs: number): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    // Later than its time by a share that differs from entry to entry.
    const late = 1 + ((entry.revision * 7919) % 100) * ((LATE - 1) / 100);
    if (entry.atMs + this.#ttlMs * late > nowMs) return entry;
    this.#entries.delete(key);
    return undefined;
  }

  create(key: string, value: string, nowMs: number, checks: boolean): number {
    if (checks && this.get(key, nowMs)?.operation === 'PUT') throw wrongLast();
    return this.#put(key, 'PUT', value, nowMs);
  }

  update(key: string, value: string, revision: number, nowMs: number, checks: boolean): number {
    if (checks) this.#expect(key, revision, nowMs);
    return this.#put(key, 'PUT', value, nowMs);
  }

  remove(key: string, revision: number, nowMs: number): void {
    this.#expect(key, revision, nowMs);
    this.#put(key, 'DEL', '', nowMs);
  }

  sync(): void {
    this.#synced = { entries: new Map(this.#entries), last: this.#last };
  }

  cutTail(): void {
    this.#entries = new Map(this.#synced.entries);
    this.#last = this.#synced.last;
  }

  #expect(key: string, revision: number, nowMs: number): void {
    if ((this.get(key, nowMs)?.revision ?? 0) !== revision) throw wrongLast();
  }

  #put(key: string, operation: 'PUT' | 'DEL', value: string, nowMs: number): number {
    const revision = ++this.#last;
    this.#entries.set(key, { operation, value, revision, atMs: nowMs });
    return revision;
  }
}

const wrongLast = (): Error =>
  Object.assign(new Error('wrong last sequence'), { code: WRONG_LAST_SEQUENCE });
