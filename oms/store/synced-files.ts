import { fsyncSync } from 'node:fs';
import type { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

export type Init = Awaited<ReturnType<NodeFS['init']>>;
type Mod = Parameters<NonNullable<Init['emscriptenOpts']['preRun']>[number]>[0];

/** What PGlite's file system keeps of a file or folder, and of an open one. */
export interface FileNode {
  readonly name: string;
}
export interface OpenFile {
  readonly nfd: number;
  readonly node: FileNode;
}

/** The part of Emscripten's NODEFS that is reached into. */
export interface NodeFiles {
  readonly stream_ops: { fsync(file: OpenFile): number };
  readonly node_ops: {
    rename(node: FileNode, folder: FileNode, name: string): void;
    unlink(folder: FileNode, name: string): void;
  };
  realPath(node: FileNode): string;
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
    made.emscriptenOpts.preRun?.push((mod: Mod) => this.adapt(mod.NODEFS as unknown as NodeFiles));
    return made;
  }

  protected adapt(files: NodeFiles): void {
    files.stream_ops.fsync = ({ nfd }) => {
      fsyncSync(nfd);
      return 0;
    };
  }
}
