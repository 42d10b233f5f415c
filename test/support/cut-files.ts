import { copyFileSync, existsSync, fstatSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { type NodeFiles, type OpenFile, SyncedFiles } from '../../oms/store/synced-files.ts';

/**
 * Keeps beside the database what a power cut would leave of it: each file as it
 * was when it was last synced, and nothing of what was never synced.
 */
export class CutFiles extends SyncedFiles {
  readonly #live: string;
  readonly #disk: string;

  constructor(live: string, disk: string) {
    super(live);
    this.#live = live;
    this.#disk = disk;
  }

  protected override adapt(files: NodeFiles): void {
    super.adapt(files);
    const { stream_ops, node_ops } = files;
    const { fsync } = stream_ops;
    const { rename, unlink } = node_ops;
    stream_ops.fsync = (file: OpenFile) => {
      fsync(file);
      if (fstatSync(file.nfd).isFile()) this.#keep(files.realPath(file.node));
      return 0;
    };
    node_ops.rename = (node, folder, name) => {
      const from = this.#onDisk(files.realPath(node));
      rename(node, folder, name);
      if (existsSync(from)) renameSync(from, this.#onDisk(join(files.realPath(folder), name)));
    };
    node_ops.unlink = (folder, name) => {
      unlink(folder, name);
      rmSync(this.#onDisk(join(files.realPath(folder), name)), { force: true });
    };
  }

  #keep(path: string): void {
    mkdirSync(dirname(this.#onDisk(path)), { recursive: true });
    copyFileSync(path, this.#onDisk(path));
  }

  #onDisk(path: string): string {
    return join(this.#disk, relative(this.#live, path));
  }
}
