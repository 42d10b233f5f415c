import type { SnapshotStore, SnapshotWriter } from '../../engine/snapshots/store.ts';

/** How a piece of work reaches its place and how long that takes: a disk, or a network. */
export type Reach = <T>(what: () => T) => Promise<T>;

/** Finished snapshots of one shard, by name. They outlive every process. */
export class SnapshotFiles {
  readonly files = new Map<string, Uint8Array>();

  /** One bit of one file changes. Returns its name. */
  flip(place: number, bit: number): string | undefined {
    const names = [...this.files.keys()].sort();
    const name = names[Math.floor(place * names.length)];
    const bytes = name === undefined ? undefined : this.files.get(name)?.slice();
    if (name === undefined || bytes === undefined) return undefined;
    const at = Math.floor(((bit * 2_654_435_761) % 2 ** 32) % bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << (bit % 8));
    this.files.set(name, bytes);
    return name;
  }
}

/** What one process sees of them. A file counts when it is finished; a crash before leaves nothing. */
export class SimSnapshots implements SnapshotStore {
  readonly #files: Map<string, Uint8Array>;
  readonly #reach: Reach;

  constructor({ files }: SnapshotFiles, reach: Reach) {
    this.#files = files;
    this.#reach = reach;
  }

  list(): Promise<string[]> {
    return this.#reach(() => [...this.#files.keys()].sort());
  }

  async create(name: string): Promise<SnapshotWriter> {
    const pieces: Uint8Array[] = [];
    let written = 0;
    await this.#reach(() => undefined);
    return {
      write: (bytes) => {
        const piece = bytes.slice();
        const at = written++; // a message that comes twice is one piece
        return this.#reach(() => {
          pieces[at] = piece;
        });
      },
      finish: () =>
        this.#reach(() => {
          this.#files.set(name, new Uint8Array(Buffer.concat(pieces)));
        }),
      abort: () => this.#reach(() => undefined),
    };
  }

  async *read(name: string): AsyncIterable<Uint8Array> {
    const bytes = await this.#reach(() => this.#files.get(name));
    if (bytes === undefined) throw new Error(`there is no snapshot ${name}`);
    for (let at = 0; at < bytes.length; at += 1_000) yield bytes.subarray(at, at + 1_000);
  }

  remove(name: string): Promise<void> {
    return this.#reach(() => {
      this.#files.delete(name);
    });
  }
}
