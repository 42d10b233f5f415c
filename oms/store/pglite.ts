import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { messageOfError, StartError } from '../../engine/errors.ts';
import type { Row } from './database.ts';
import { type LoneSession, SerialDatabase } from './serial-database.ts';
import { SqlStore } from './sql-store.ts';
import type { Books } from './store.ts';
import { SyncedFiles } from './synced-files.ts';

/** PGlite's own, but with syncing left on (it passes -F), plans that use the indexes, and less memory. */
const START = [
  ...['--single', '-O', '-j'],
  ...Object.entries({
    search_path: 'public',
    exit_on_error: 'false',
    log_checkpoints: 'false',
    max_worker_processes: '0',
    max_parallel_workers: '0',
    max_parallel_workers_per_gather: '0',
    max_parallel_maintenance_workers: '0',
    io_method: 'sync',
    fsync: 'on',
    wal_sync_method: 'fsync',
    synchronous_commit: 'on',
    // Nothing here gathers statistics, and no table should be read from end to end.
    enable_seqscan: 'off',
    shared_buffers: '64MB',
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
];

/** Copied since the last checkpoint: about a third of what the log has grown by. */
const CHECKPOINT_BYTES = 32 * 1024 * 1024;

type FilesOf = (dir: string) => SyncedFiles;
const synced: FilesOf = (dir) => new SyncedFiles(dir);

/**
 * PGlite in this thread, in a folder of its own, or in memory where `dir` is
 * left out. What {@link Books.write} has written is synced to disk.
 */
export async function openPglite(dir?: string, filesOf?: FilesOf): Promise<Books> {
  const session = await PgliteSession.open(dir, filesOf);
  try {
    return await SqlStore.open(new SerialDatabase(session));
  } catch (e) {
    await session.close();
    throw e;
  }
}

/** PGlite in this thread: every statement holds it. */
export class PgliteSession implements LoneSession {
  readonly #db: PGlite;
  #copiedBytes = 0;

  private constructor(db: PGlite) {
    this.#db = db;
  }

  /** In a folder of its own, made if it is not there, or in memory. `filesOf` is for tests that cut the power. */
  static async open(dir: string | undefined, filesOf = synced): Promise<PgliteSession> {
    if (dir !== undefined && !existsSync(join(dir, 'PG_VERSION'))) await make(dir);
    return new PgliteSession(await start(dir, filesOf));
  }

  async query(text: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
    return (await this.#db.query<Row>(text, [...parameters])).rows;
  }

  async copyIn(target: string, rows: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#copiedBytes += rows.length;
    await this.#db.exec(`copy ${target} from '/dev/blob'`, { blob: new Blob([rows]) });
  }

  async script(text: string): Promise<void> {
    await this.#db.exec(text);
    if (text === 'commit') await this.#checkpoint();
  }

  close(): Promise<void> {
    return this.#db.close();
  }

  /** A lone session has nobody who does this for it: the log would grow for ever. */
  async #checkpoint(): Promise<void> {
    if (this.#copiedBytes < CHECKPOINT_BYTES) return;
    this.#copiedBytes = 0;
    await this.#db.exec('checkpoint');
  }
}

/** Under another name first: what is cut off in the middle is not mistaken for a database. */
async function make(dir: string): Promise<void> {
  const unfinished = `${dir}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(dirname(dir), { recursive: true });
  await (await start(unfinished, synced)).close();
  await syncTree(unfinished);
  await rename(unfinished, dir).catch((e: unknown) => {
    throw new StartError(`${dir} holds other files (${messageOfError(e)}); move them away`);
  });
  await syncOne(dirname(dir));
}

async function start(dir: string | undefined, filesOf: FilesOf): Promise<PGlite> {
  const files = dir === undefined ? {} : { fs: filesOf(dir) };
  try {
    return await PGlite.create({ ...files, startParams: START });
  } catch (e) {
    throw new StartError(
      `the centre's store in ${dir ?? 'memory'} cannot be opened (${messageOfError(e)}); ` +
        'it is of another version or damaged: restore it, or move it away while the journals are whole',
    );
  }
}

async function syncTree(dir: string): Promise<void> {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) await syncTree(path);
    else if (entry.isFile()) await syncOne(path);
  }
  await syncOne(dir);
}

async function syncOne(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
