import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PGlite, type Transaction } from '@electric-sql/pglite';
import { messageOfError, StartError } from '../../engine/errors.ts';
import type { Database, Row, Sql } from './database.ts';
import { SqlStore } from './sql-store.ts';
import type { Store } from './store.ts';
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
    max_wal_size: '1GB',
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
];

type FilesOf = (dir: string) => SyncedFiles;
const synced: FilesOf = (dir) => new SyncedFiles(dir);

/**
 * PGlite in this thread. A folder of its own, or memory where `dir` is left
 * out. What {@link Store.write} has written is synced to disk. `filesOf` is for
 * tests that cut the power.
 */
export async function openPglite(dir?: string, filesOf = synced): Promise<Store> {
  if (dir !== undefined && !existsSync(dir)) await make(dir);
  const db = await start(dir, filesOf);
  try {
    return await SqlStore.open(new PgliteDatabase(db));
  } catch (e) {
    await db.close();
    throw e;
  }
}

/** Under another name first: what is cut off in the middle is not mistaken for a database. */
async function make(dir: string): Promise<void> {
  const unfinished = `${dir}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(dirname(dir), { recursive: true });
  await (await start(unfinished, synced)).close();
  await syncTree(unfinished);
  await rename(unfinished, dir);
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

class PgliteDatabase implements Database {
  readonly #db: PGlite;

  constructor(db: PGlite) {
    this.#db = db;
  }

  async query(text: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
    return (await this.#db.query<Row>(text, [...parameters])).rows;
  }

  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#db.transaction((tx) => work(sqlOf(tx)));
  }

  close(): Promise<void> {
    return this.#db.close();
  }
}

const sqlOf = (tx: Transaction): Sql => ({
  async query(text, parameters = []) {
    return (await tx.query<Row>(text, [...parameters])).rows;
  },
  async copyIn(target, rows) {
    await tx.exec(`copy ${target} from '/dev/blob'`, { blob: new Blob([rows]) });
  },
  async script(text) {
    await tx.exec(text);
  },
});
