import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog } from './log.ts';
import { findBinary } from './nats-binary.ts';
import { RegionStack } from './region-stack.ts';
import { openRegions } from './regions-file.ts';
import type { Cut } from './relay.ts';
import { relays, type Ways } from './ways.ts';

export interface PrivateRegionsOptions {
  readonly regions: readonly string[];
  /** Kept afterwards; undefined is a new folder that goes with it. */
  readonly data?: string;
  readonly sync?: string;
  readonly snapshotEvery?: number;
  readonly scheduleEveryMs?: number;
  /** A file of warehouses and routing policy. */
  readonly routing?: string;
  /** Between the hub and the regions, closed with it; undefined: relays. */
  readonly ways?: Ways;
}

/** A hub and regions on this machine whose links can be cut and healed one by one. */
export class PrivateRegions {
  readonly stack: RegionStack;
  readonly #ways: Ways;
  readonly #remove: () => Promise<void>;

  private constructor(stack: RegionStack, ways: Ways, remove: () => Promise<void>) {
    this.stack = stack;
    this.#ways = ways;
    this.#remove = remove;
  }

  static async start(options: PrivateRegionsOptions): Promise<PrivateRegions> {
    const { data, ways = relays() } = options;
    const dir = data ?? (await mkdtemp(join(tmpdir(), 'holdfast-regions-')));
    const remove = async (): Promise<void> => {
      if (data === undefined) await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    };
    try {
      const regions = await openRegions(options);
      if (regions === undefined) throw new Error('name the regions');
      const stack = await RegionStack.start({
        ...{ dataDir: join(dir, 'data'), port: 0, host: '127.0.0.1', postgres: undefined },
        ...{ natsBinary: await findBinary(), sync: options.sync ?? 'always' },
        ...{ snapshotEvery: options.snapshotEvery, regions, places: undefined },
        ...{ scheduleEveryMs: options.scheduleEveryMs },
        routing: options.routing,
        ...{ log: openLog('error'), ...ways.options },
      });
      return new PrivateRegions(stack, ways, remove);
    } catch (e) {
      await ways.close();
      await remove();
      throw e;
    }
  }

  /** The link between the hub and a region. */
  cut(region: string, how: Cut): Promise<void> {
    return this.#ways.cut(region, how);
  }

  heal(region: string): Promise<void> {
    return this.#ways.heal(region);
  }

  /** Cut or not, everything is taken down. */
  async close(): Promise<void> {
    try {
      await this.stack.close();
    } finally {
      await this.#ways.close();
      await this.#remove();
    }
  }
}
