import { type FilesOf, PgliteSession } from './pglite-session.ts';
import { SerialDatabase } from './serial-database.ts';
import { SqlStore } from './sql-store.ts';
import type { Store } from './store.ts';

/**
 * PGlite in this thread, in a folder of its own, or in memory where `dir` is
 * left out. What {@link Store.write} has written is synced to disk.
 */
export async function openPglite(dir?: string, filesOf?: FilesOf): Promise<Store> {
  const session = await PgliteSession.open(dir, filesOf);
  try {
    return await SqlStore.open(new SerialDatabase(session));
  } catch (e) {
    await session.close();
    throw e;
  }
}
