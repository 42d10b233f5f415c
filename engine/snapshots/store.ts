/**
 * Where one shard's snapshots lie, as a port. One contract suite runs on every
 * implementation (test/contract/snapshots.test.ts).
 */
export interface SnapshotStore {
  /** Names of finished snapshots, newest last (names sort by position). */
  list(): Promise<string[]>;
  create(name: string): Promise<SnapshotWriter>;
  /** The bytes, in pieces of any size. Throws if there is no such snapshot. */
  read(name: string): AsyncIterable<Uint8Array>;
  /** No error if there is none. */
  remove(name: string): Promise<void>;
}

export interface SnapshotWriter {
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when the snapshot is safely stored and listed; until then it is not listed. */
  finish(): Promise<void>;
  /** Leaves nothing behind. */
  abort(): Promise<void>;
}
