import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SnapshotStore, SnapshotWriter } from './store.ts';

const SUFFIX = '.snap';

/** Local files, synced and renamed: the default on a single server. */
export class FileSnapshots implements SnapshotStore {
  readonly #dir: string;

  private constructor(dir: string) {
    this.#dir = dir;
  }

  /** Opens the folder, makes it if needed, and clears away what an earlier crash left half written. */
  static async open(dir: string): Promise<FileSnapshots> {
    await mkdir(dir, { recursive: true });
    for (const file of await readdir(dir)) {
      if (file.endsWith('.tmp')) await rm(join(dir, file), { force: true });
    }
    return new FileSnapshots(dir);
  }

  async list(): Promise<string[]> {
    const files = await readdir(this.#dir);
    return files
      .filter((f) => f.endsWith(SUFFIX))
      .map((f) => f.slice(0, -SUFFIX.length))
      .sort();
  }

  async create(name: string): Promise<SnapshotWriter> {
    const path = join(this.#dir, name + SUFFIX);
    const file = await open(`${path}.tmp`, 'w');
    return {
      write: async (bytes) => {
        await file.writeFile(bytes);
      },
      finish: async () => {
        await file.sync();
        await file.close();
        await rename(`${path}.tmp`, path);
        await syncFolder(this.#dir);
      },
      abort: async () => {
        await file.close();
        await rm(`${path}.tmp`, { force: true });
      },
    };
  }

  async *read(name: string): AsyncIterable<Uint8Array> {
    yield* createReadStream(join(this.#dir, name + SUFFIX), { highWaterMark: 1 << 20 });
  }

  remove(name: string): Promise<void> {
    return rm(join(this.#dir, name + SUFFIX), { force: true });
  }
}

/** A rename is on disk only when its folder is. Windows has no such call and needs none. */
async function syncFolder(dir: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
