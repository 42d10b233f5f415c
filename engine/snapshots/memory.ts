import type { SnapshotStore, SnapshotWriter } from './store.ts';

/** Snapshots in memory. For tests: they survive nothing. */
export class MemorySnapshots implements SnapshotStore {
  readonly #files = new Map<string, Uint8Array[]>();

  list(): Promise<string[]> {
    return Promise.resolve([...this.#files.keys()].sort());
  }

  create(name: string): Promise<SnapshotWriter> {
    const pieces: Uint8Array[] = [];
    return Promise.resolve({
      write: async (bytes) => {
        pieces.push(bytes.slice());
      },
      finish: async () => {
        this.#files.set(name, pieces);
      },
      abort: async () => {},
    });
  }

  async *read(name: string): AsyncIterable<Uint8Array> {
    const pieces = this.#files.get(name);
    if (pieces === undefined) throw new Error(`there is no snapshot ${name}`);
    yield* pieces;
  }

  remove(name: string): Promise<void> {
    this.#files.delete(name);
    return Promise.resolve();
  }
}
