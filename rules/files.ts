import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Chunk, StorageAdapterInterface, StorageKey } from '@automerge/automerge-repo';

/** A chunk on disk: this, 16 bytes of the SHA-256 of what follows, and what follows. */
const MAGIC = Buffer.from('HFR1');
const HASH_BYTES = 16;
const HEAD_BYTES = MAGIC.length + HASH_BYTES;
/** Between tries where the disk takes nothing, ms. */
const RETRY_MS = 1_000;

export interface FilesOptions {
  readonly dir: string;
  /** A chunk that cannot be read was set aside. What it had comes back from other nodes, where these have it. */
  readonly onDamaged: (path: string, why: string) => void;
  /** The disk takes nothing; it is tried again. */
  readonly onTrouble: (why: string) => void;
}

/**
 * Chunks of documents as files: synced, then renamed, with a checksum. A save ends when it is on disk, and is tried until then.
 * A damaged chunk is set aside by itself; nothing else is lost by it.
 */
export class RuleFiles implements StorageAdapterInterface {
  readonly #options: FilesOptions;
  #isClosed = false;
  #written = 0;
  /** When the last save was begun. */
  #savedMs = 0;

  private constructor(options: FilesOptions) {
    this.#options = options;
  }

  /** Makes the folder if needed, and clears away what a crash left half written. */
  static async open(options: FilesOptions): Promise<RuleFiles> {
    await mkdir(options.dir, { recursive: true });
    for (const path of await filesIn(options.dir)) {
      if (path.endsWith(TMP)) await rm(path, { force: true });
    }
    return new RuleFiles(options);
  }

  /** What comes after that is not written, and its save never ends: nobody may go by it. */
  close(): void {
    this.#isClosed = true;
  }

  /** The first names of all keys. */
  async names(): Promise<string[]> {
    const entries = await readdir(this.#options.dir, { withFileTypes: true });
    return entries.filter((one) => one.isDirectory()).map(({ name }) => decodeURIComponent(name));
  }

  load(key: StorageKey): Promise<Uint8Array | undefined> {
    return this.#read(this.#fileOf(key));
  }

  async save(key: StorageKey, data: Uint8Array): Promise<void> {
    const path = this.#fileOf(key);
    this.#savedMs = Math.max(Date.now(), this.#savedMs + 1);
    const at = new Date(this.#savedMs);
    while (!this.#isClosed) {
      try {
        return await this.#write(path, data, at);
      } catch (e) {
        this.#options.onTrouble((e as Error).message);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
    }
    return new Promise(() => {});
  }

  remove(key: StorageKey): Promise<void> {
    return rm(this.#fileOf(key), { force: true });
  }

  /** In the order in which they were written: changes after those that they rest on. */
  async loadRange(prefix: StorageKey): Promise<Chunk[]> {
    const chunks: Chunk[] = [];
    for (const path of await byAge(await filesIn(this.#folderOf(prefix)))) {
      const data = await this.#read(path);
      if (data !== undefined) chunks.push({ key: this.#keyOf(path), data });
    }
    return chunks;
  }

  async removeRange(prefix: StorageKey): Promise<void> {
    await rm(this.#folderOf(prefix), { recursive: true, force: true });
  }

  async #read(path: string): Promise<Uint8Array | undefined> {
    let bytes: Buffer;
    try {
      bytes = await readFile(path);
    } catch (e) {
      if ((e as { code?: unknown }).code === 'ENOENT') return undefined;
      throw e;
    }
    const data = new Uint8Array(bytes.subarray(HEAD_BYTES));
    if (bytes.subarray(0, HEAD_BYTES).equals(headOf(data))) return data;
    await rename(path, path + DAMAGED);
    this.#options.onDamaged(
      path + DAMAGED,
      `${bytes.length} bytes of rules that do not have their checksum`,
    );
    return undefined;
  }

  /** The time of a file tells the order of saves: one of its own each, which a clock's ticks would not give. */
  async #write(path: string, data: Uint8Array, at: Date): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    const made = `${path}.${++this.#written}${TMP}`;
    const file = await open(made, 'w');
    try {
      await file.writeFile(Buffer.concat([headOf(data), data]));
      await file.utimes(at, at);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(made, path);
    await syncUpTo(dirname(path), this.#options.dir);
  }

  #folderOf(key: StorageKey): string {
    return join(this.#options.dir, ...key.map(nameOf));
  }

  #fileOf(key: StorageKey): string {
    return this.#folderOf(key) + SUFFIX;
  }

  #keyOf(path: string): StorageKey {
    const inner = path.slice(this.#options.dir.length + 1, -SUFFIX.length);
    return inner.split(/[\\/]/).map(decodeURIComponent);
  }
}

const SUFFIX = '.chunk';
const TMP = '.tmp';
const DAMAGED = '.damaged';

/** Without dots, so that it is neither another folder nor what another suffix makes of it. */
const nameOf = (part: string): string => encodeURIComponent(part).replaceAll('.', '%2E');

const headOf = (data: Uint8Array): Buffer =>
  Buffer.concat([MAGIC, createHash('sha256').update(data).digest().subarray(0, HASH_BYTES)]);

async function filesIn(dir: string): Promise<string[]> {
  try {
    const found = await readdir(dir, { recursive: true, withFileTypes: true });
    return found.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  } catch (e) {
    if ((e as { code?: unknown }).code === 'ENOENT') return [];
    throw e;
  }
}

/** Chunks, the oldest first. */
async function byAge(paths: readonly string[]): Promise<string[]> {
  const chunks = paths.filter((path) => path.endsWith(SUFFIX)).sort();
  const aged = chunks.map(async (path) => {
    const { mtimeMs } = await stat(path);
    return { path, mtimeMs };
  });
  const all = await Promise.all(aged);
  return all.sort((a, b) => a.mtimeMs - b.mtimeMs).map(({ path }) => path);
}

/** A rename is on disk only when its folder is, and new folders only when theirs are. Windows has no such call and needs none. */
async function syncUpTo(from: string, top: string): Promise<void> {
  if (process.platform === 'win32') return;
  for (let dir = from; ; dir = dirname(dir)) {
    const folder = await open(dir, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
    if (dir === top || dir === dirname(dir)) return;
  }
}
