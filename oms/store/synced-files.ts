import { fsyncSync } from 'node:fs';
import type { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

type Init = Awaited<ReturnType<NodeFS['init']>>;
type Mod = Parameters<NonNullable<Init['emscriptenOpts']['preRun']>[number]>[0];

/** What PGlite's file system keeps of an open file or folder. */
interface OpenFile {
  readonly nfd: number;
}

/**
 * PGlite on real files that are really synced. As it comes, its files have no
 * fsync at all, so a commit survives a crash of the process but no power cut.
 * PostgreSQL inside asks for a sync at every commit and checkpoint; this passes
 * it on. Needs `fsync=on` and `wal_sync_method=fsync`.
 */
export class SyncedFiles extends NodeFS {
  override async init(pg: PGlite, options: Parameters<NodeFS['init']>[1]): Promise<Init> {
    const made = await super.init(pg, options);
    made.emscriptenOpts.preRun?.push((mod: Mod) => {
      const files = mod.NODEFS as unknown as { stream_ops: { fsync(file: OpenFile): number } };
      files.stream_ops.fsync = ({ nfd }) => {
        fsyncSync(nfd);
        return 0;
      };
    });
    return made;
  }
}
