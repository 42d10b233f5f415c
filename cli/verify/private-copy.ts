import { existsSync } from 'node:fs';
import { constants, cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { FileSnapshots } from '../../engine/snapshots/file.ts';
import { journalStream } from '../../engine/subjects.ts';
import type { DataFolder } from '../data.ts';
import { NatsChild } from '../nats-child.ts';

/** Where nats-server keeps its streams, below `store_dir`. */
const STREAMS = ['jetstream', '$G', 'streams'] as const;
export const streamDir = (data: DataFolder, region: string, shard: number): string =>
  data.path('nats', 'store', ...STREAMS, journalStream(region, shard));
export const shardDir = (data: DataFolder, region: string, shard: number): string =>
  data.path('shards', `${region}.${shard}`);

/**
 * A data folder at rest, to be looked at without changing it: nats-server and
 * PostgreSQL both repair what they open, so they get copies. Taken away with
 * {@link close}.
 */
export class PrivateCopy {
  readonly #data: DataFolder;
  readonly #region: string;
  readonly #dir: string;
  #server: NatsChild | undefined;
  #nats: NatsConnection | undefined;

  private constructor(data: DataFolder, region: string, dir: string) {
    this.#data = data;
    this.#region = region;
    this.#dir = dir;
  }

  /** Beside what it copies, so that a file system that can share blocks does. */
  static async make(data: DataFolder, region: string): Promise<PrivateCopy> {
    return new PrivateCopy(data, region, await mkdtemp(data.path('verify-')));
  }

  hasStream(shard: number): boolean {
    return existsSync(streamDir(this.#data, this.#region, shard));
  }

  /** A nats-server of its own on copies of the journals. */
  async openJournals(
    shards: number,
    options: { readonly binary: string; readonly log: Logger },
  ): Promise<NatsConnection> {
    const dir = join(this.#dir, 'nats');
    await mkdir(join(dir, 'store', ...STREAMS), { recursive: true });
    for (let shard = 0; shard < shards; shard++) {
      if (!this.hasStream(shard)) continue;
      const to = join(dir, 'store', ...STREAMS, journalStream(this.#region, shard));
      await copyTree(streamDir(this.#data, this.#region, shard), to);
    }
    this.#server = await NatsChild.start({ dir, sync: '2m', ...options });
    this.#nats = await this.#server.connect('holdfast verify');
    return this.#nats;
  }

  /** The snapshots themselves, by links: opening a store clears leftovers away. */
  async openSnapshots(shard: number): Promise<FileSnapshots> {
    const from = join(shardDir(this.#data, this.#region, shard), 'snapshots');
    const dir = join(this.#dir, `snapshots-${shard}`);
    await mkdir(dir);
    for (const file of existsSync(from) ? await readdir(from) : []) {
      if (!file.endsWith('.tmp')) await symlink(join(from, file), join(dir, file));
    }
    return FileSnapshots.open(dir);
  }

  /** A copy of the centre's embedded store; undefined where there is none. */
  async centreStore(): Promise<string | undefined> {
    const from = this.#data.path('centre');
    if (!existsSync(from)) return undefined;
    const dir = join(this.#dir, 'centre');
    await copyTree(from, dir);
    return dir;
  }

  async close(): Promise<void> {
    await this.#nats?.close();
    await this.#server?.stop();
    await rm(this.#dir, { recursive: true, force: true });
  }
}

const copyTree = (from: string, to: string): Promise<void> =>
  cp(from, to, { recursive: true, mode: constants.COPYFILE_FICLONE });
