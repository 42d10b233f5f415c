/**
 * The journal of one shard, as a port: an append-only log of records, each
 * under a sequence the store gives it. One contract suite runs on every
 * implementation (test/contract/journal.test.ts).
 *
 * What an append that says `stored` guarantees is the implementation's to say:
 * the memory one keeps nothing; the JetStream one has what docs/OPERATIONS.md
 * says of its sync setting and replicas.
 */
export interface Stored {
  readonly seq: number;
  readonly bytes: Uint8Array;
  /** The id it was appended under: the hash of its content, 32 hex digits. */
  readonly id: string;
}

export type Appended =
  /** It is in the log, at `seq`. */
  | { readonly kind: 'stored'; readonly seq: number }
  /** The store says that it had this id already. To be believed only after reading it back. */
  | { readonly kind: 'duplicate'; readonly seq: number }
  /** The log ends at `last`, not where we thought. Says nothing about this record's fate. */
  | { readonly kind: 'conflict'; readonly last: number }
  /** Timeout, disconnect, overload, anything else: it may or may not be there (C4). */
  | { readonly kind: 'unknown'; readonly why: string };

export interface Journal {
  /** One try, at most `LIMITS.publishMs`. Never throws. `expected` is the log's last sequence, 0 when empty. */
  append(bytes: Uint8Array, id: string, expected: number): Promise<Appended>;
  /** The last record, as its leader has it. */
  last(): Promise<Stored | undefined>;
  /** The first record at or after `seq`, as its leader has it. */
  firstFrom(seq: number): Promise<Stored | undefined>;
  /**
   * Every record from `from` to exactly `to`, in order. Waits for what lags.
   * Throws `ShardStopped` on a gap; anything else that it throws may be
   * tried again.
   */
  read(from: number, to: number): AsyncIterable<Stored>;
  /** Drops records below `seq`. Never the last one. */
  trim(seq: number): Promise<void>;
}
