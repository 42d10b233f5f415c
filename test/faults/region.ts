import { join } from 'node:path';
import { freePort } from '../../cli/ports.ts';
import { sleep, systemClock } from '../../engine/clock.ts';
import { WAREHOUSES } from './load.ts';
import { Program } from './program.ts';
import type { Target } from './rounds.ts';
import type { Bench } from './scenario.ts';
import { Servers } from './servers.ts';

interface NodeReady {
  readonly ws: string;
  readonly http: string;
  readonly node: string;
  readonly token: string;
  readonly pid: number;
}
export type NodeProgram = Program<NodeReady>;

export interface RegionOptions {
  readonly nodes: number;
  readonly servers: 1 | 3;
  /** Address of the NATS servers. */
  readonly host?: string;
  /** How one of the nodes is run, if not like the others. */
  readonly place?: (node: number) => Placed | undefined;
}

/** A node in another place: what runs it there, and the address of its door. */
export interface Placed {
  readonly before: readonly string[];
  readonly host: string;
}

const SETTLE_MS = 30_000;

/** A region of several: nats-servers, nodes and the centre, each a process of its own. */
export class Region {
  readonly servers: Servers;
  readonly nodes: readonly NodeProgram[];
  readonly centre: Program<{ readonly pid: number }>;

  private constructor(servers: Servers, nodes: readonly NodeProgram[], centre: Region['centre']) {
    this.servers = servers;
    this.nodes = nodes;
    this.centre = centre;
  }

  /** Taken down with the bench. */
  static async start(bench: Bench, options: RegionOptions): Promise<Region> {
    const { opened, dir, sync } = bench;
    const { host = '127.0.0.1', servers: count } = options;
    const servers = await Servers.start(opened, { count, sync, host, dir: join(dir, 'nats') });
    const common = ['--json', '--nats', servers.urls];
    const centre: Region['centre'] = new Program(['oms', '--data', join(dir, 'oms'), ...common]);
    opened.add(() => centre.stop());
    await centre.restart();
    const nodes: NodeProgram[] = [];
    for (let i = 0; i < options.nodes; i++) {
      const placed = options.place?.(i);
      const args = ['node', '--data', join(dir, `node-${i}`), ...common];
      args.push('--snapshots', join(dir, 'snapshots'), '--replicas', String(count));
      args.push('--port', String(await freePort()), '--host', placed?.host ?? '127.0.0.1');
      if (i > 0) args.push('--trust', join(dir, 'node-0', 'keys.json'));
      const node: NodeProgram = new Program(args, placed?.before);
      opened.add(() => node.stop());
      await node.restart();
      nodes.push(node);
    }
    const region = new Region(servers, nodes, centre);
    await region.settled();
    return region;
  }

  /** Every node's door, from the second on first: the first is the one that is killed most. */
  get target(): Target {
    const [first] = this.nodes as [NodeProgram];
    const ws = this.nodes.map((node) => node.ready.ws);
    return { ws, token: first.ready.token, nats: this.servers.urls };
  }

  /** The node that serves most shards, and the warehouses of these; asked of another one. */
  async busiest(): Promise<{ node: NodeProgram; warehouses: readonly string[] }> {
    const shares = await Promise.all(this.nodes.map((node) => serving(node)));
    const most = Math.max(...shares.map((s) => s.length));
    const at = shares.findIndex((s) => s.length === most);
    const warehouses = (shares[at] as number[]).map((shard) => WAREHOUSES[shard] as string);
    return { node: this.nodes[at] as NodeProgram, warehouses };
  }

  /** Every shard is served by one node, and none is on its way. */
  async settled(): Promise<void> {
    const until = systemClock.monoMs() + SETTLE_MS;
    for (;;) {
      const shares = await Promise.all(this.nodes.map((node) => serving(node).catch(() => [])));
      if (new Set(shares.flat()).size === WAREHOUSES.length) return;
      if (systemClock.monoMs() > until) throw new Error('not every shard is served');
      await sleep(systemClock, 50);
    }
  }
}

/** Shards that a node serves, as it says. */
export async function serving(node: NodeProgram): Promise<number[]> {
  const answer = await fetch(`${node.ready.http}/readyz`, { signal: AbortSignal.timeout(2_000) });
  const { shards } = (await answer.json()) as { shards: { shard: number; state: string }[] };
  return shards.filter((s) => s.state === 'serving').map((s) => s.shard);
}
