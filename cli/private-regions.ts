import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog } from './log.ts';
import { findBinary } from './nats-binary.ts';
import { RegionStack } from './region-stack.ts';
import { openRegions } from './regions-file.ts';
import { type Cut, Relay } from './relay.ts';

export interface PrivateRegionsOptions {
  readonly regions: readonly string[];
  /** Kept afterwards; undefined is a new folder that goes with it. */
  readonly data?: string;
  readonly sync?: string;
  readonly snapshotEvery?: number;
}

/**
 * A hub and regions on this machine whose links can be cut and healed one by
 * one: each region reaches the hub through a relay.
 */
export class PrivateRegions {
  readonly stack: RegionStack;
  readonly #relays: ReadonlyMap<string, Relay>;
  readonly #remove: () => Promise<void>;

  private constructor(
    stack: RegionStack,
    relays: ReadonlyMap<string, Relay>,
    remove: () => Promise<void>,
  ) {
    this.stack = stack;
    this.#relays = relays;
    this.#remove = remove;
  }

  static async start({ data, ...options }: PrivateRegionsOptions): Promise<PrivateRegions> {
    const regions = await openRegions(options);
    if (regions === undefined) throw new Error('name the regions');
    const dir = data ?? (await mkdtemp(join(tmpdir(), 'holdfast-regions-')));
    const remove = async (): Promise<void> => {
      if (data === undefined) await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    };
    const relays = new Map<string, Relay>();
    try {
      const stack = await RegionStack.start({
        ...{ dataDir: join(dir, 'data'), port: 0, host: '127.0.0.1', postgres: undefined },
        ...{ natsBinary: await findBinary(), sync: options.sync ?? 'always' },
        ...{ snapshotEvery: options.snapshotEvery, regions, places: undefined },
        log: openLog('error'),
        way: async (region, hub) => {
          const relay = await Relay.open(hub);
          relays.set(region, relay);
          return relay.address;
        },
      });
      return new PrivateRegions(stack, relays, remove);
    } catch (e) {
      for (const relay of relays.values()) relay.close();
      await remove();
      throw e;
    }
  }

  /** The link between the hub and a region. */
  cut(region: string, how: Cut): void {
    this.#relay(region).cut(how);
  }

  heal(region: string): void {
    this.#relay(region).heal();
  }

  /** Cut or not, everything is taken down. */
  async close(): Promise<void> {
    await this.stack.close();
    for (const relay of this.#relays.values()) relay.close();
    await this.#remove();
  }

  #relay(region: string): Relay {
    const relay = this.#relays.get(region);
    if (relay === undefined) throw new Error(`there is no region ${region} here`);
    return relay;
  }
}
