import { join } from 'node:path';
import type { Logger } from 'pino';
import { StartError } from '../engine/errors.ts';
import { HUB, type Regions } from '../engine/regions.ts';
import { openData } from './data.ts';
import { NatsChild, type Placed } from './nats-child.ts';
import { NodeChild, type NodeReady } from './node-child.ts';
import { Stack, type StackOptions } from './stack.ts';

export interface RegionStackOptions extends Omit<StackOptions, 'nodes' | 'regions'> {
  readonly regions: Regions;
  /** The file that {@link Regions} were read with. */
  readonly places: string | undefined;
  /**
   * By what address a region reaches the hub, given the hub's own, `host:port`:
   * for a way between them that can be cut. Undefined: straight.
   */
  readonly way?: (region: string, hub: string) => Promise<string>;
  /** The network in which a region is; undefined: the one that this process is in. */
  readonly placeOf?: (region: string) => Placed;
}

/** Where one region is reached. */
export type Doors = NodeReady;

/** Below the data folder: one region's server, journals and snapshots. */
export const regionDir = (dataDir: string, region: string): string =>
  join(dataDir, 'regions', region);

/**
 * A hub and its regions on one machine: the hub's nats-server, centre and node,
 * and for each region a nats-server and a node that need none of that.
 */
export class RegionStack {
  readonly hub: Stack;
  readonly #regions: ReadonlyMap<string, RegionChild>;

  private constructor(hub: Stack, regions: ReadonlyMap<string, RegionChild>) {
    this.hub = hub;
    this.#regions = regions;
  }

  /** Starts it all, or takes down again what it started. */
  static async start(options: RegionStackOptions): Promise<RegionStack> {
    const hub = await Stack.start({ ...options, nodes: 1 });
    const regions = new Map<string, RegionChild>();
    const stack = new RegionStack(hub, regions);
    try {
      const names = options.regions.linked;
      const started = names.map(async (name, i) =>
        regions.set(name, await RegionChild.start(options, name, i + 1, hub)),
      );
      for (const one of await Promise.allSettled(started)) {
        if (one.status === 'rejected') throw one.reason;
      }
    } catch (e) {
      await stack.close().catch(() => {});
      throw e;
    }
    return stack;
  }

  /** By region, the hub first. */
  get doors(): Readonly<Record<string, Doors>> {
    const { ws, http, nats } = this.hub;
    const regions = [...this.#regions].sort().map(([name, { doors }]) => [name, doors]);
    return { [HUB]: { ws, http, nats, pid: process.pid }, ...Object.fromEntries(regions) };
  }

  region(name: string): RegionChild {
    const found = this.#regions.get(name);
    if (found === undefined) throw new StartError(`there is no region ${name} here`);
    return found;
  }

  /** Regions first: what they say last still reaches the centre. */
  async close(): Promise<void> {
    await Promise.all([...this.#regions.values()].map((region) => region.stop()));
    await this.hub.close();
  }
}

/** One region: a nats-server that is linked to the hub's, and a node with doors. */
export class RegionChild {
  readonly #options: RegionChildOptions;
  #server: NatsChild;
  #node: NodeChild;

  private constructor(options: RegionChildOptions, server: NatsChild, node: NodeChild) {
    this.#options = options;
    this.#server = server;
    this.#node = node;
  }

  static async start(
    options: RegionStackOptions,
    name: string,
    number: number,
    hub: Stack,
  ): Promise<RegionChild> {
    const { dataDir, natsBinary, sync, log, port, way } = options;
    const placed = options.placeOf?.(name);
    const host = placed?.host ?? options.host;
    const dir = regionDir(dataDir, name);
    await (await openData(dir)).release(); // a data folder from now on; the node will hold it
    const address = (await way?.(name, hub.leafs)) ?? hub.leafs;
    const args = ['--region', name, '--host', host, '--port', String(port && port + number)];
    args.push('--regions', options.regions.linked.join(','));
    if (options.places !== undefined) args.push('--places', options.places);
    if (options.routing !== undefined) args.push('--routing', options.routing);
    args.push('--data', dir, '--snapshots', join(dir, 'shards'));
    args.push('--trust', hub.data.path('keys.json'), '--trust-nats', '--log-level', log.level);
    if (options.snapshotEvery !== undefined) {
      args.push('--snapshot-every', String(options.snapshotEvery));
    }
    const binary = natsBinary;
    const its = { name, address, dir: join(dir, 'nats'), binary, sync, args, log, placed };
    const server = await startServer(its);
    try {
      return new RegionChild(its, server, await startNode(its, server));
    } catch (e) {
      await server.stop();
      throw e;
    }
  }

  get doors(): Doors {
    return this.#node.ready;
  }

  async stop(): Promise<void> {
    await this.#node.stop();
    await this.#server.stop();
  }

  /** Starts it again, on what it has. */
  async restart(): Promise<void> {
    await this.stop();
    this.#server = await startServer(this.#options);
    this.#node = await startNode(this.#options, this.#server);
  }
}

interface RegionChildOptions {
  readonly name: string;
  /** Of the hub, as this region reaches it. */
  readonly address: string;
  /** Of its nats-server. */
  readonly dir: string;
  readonly binary: string;
  readonly sync: string;
  /** Of its node, without its server. */
  readonly args: readonly string[];
  readonly log: Logger;
  readonly placed: Placed | undefined;
}

const startServer = ({ name, address, ...options }: RegionChildOptions): Promise<NatsChild> =>
  NatsChild.start({ ...options, place: { kind: 'region', domain: name, hub: address } });

const startNode = (
  { args, log, placed }: RegionChildOptions,
  server: NatsChild,
): Promise<NodeChild> =>
  NodeChild.start({ args: [...args, '--nats', server.url], log, before: placed?.before });
