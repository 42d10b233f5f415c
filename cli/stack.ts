import type { NatsConnection } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { StartError } from '../engine/errors.ts';
import { LIMITS, slotsOf } from '../engine/limits.ts';
import { RegionNode } from '../engine/node.ts';
import { HUB, type Regions } from '../engine/regions.ts';
import { plansOf } from '../engine/rules/plans.ts';
import { routingOf } from '../engine/rules/routing.ts';
import { RulesThread } from '../engine/rules/thread.ts';
import { type Identity, signToken, verifierOf } from '../gateway/auth.ts';
import { type Gateway, openGateway, SCAN_PATH } from '../gateway/gateway.ts';
import type { ChannelScheduler } from '../oms/scheduling/channel-scheduler.ts';
import { type CentreThread, type StoreOptions, startCentreThread } from '../oms/thread.ts';
import { channelScheduler } from './channel-scheduler.ts';
import { type DataFolder, openData } from './data.ts';
import { NatsChild } from './nats-child.ts';
import { NodeChild } from './node-child.ts';
import { keepRegions } from './regions-file.ts';
import { openRouting } from './routing-file.ts';
import { VERSION } from './version.ts';

export interface StackOptions {
  readonly dataDir: string;
  /** 0 takes any free one. */
  readonly port: number;
  readonly host: string;
  readonly natsBinary: string;
  /** nats-server's sync_interval: `always`, or a time. */
  readonly sync: string;
  /** PostgreSQL for the centre; undefined is the embedded store. */
  readonly postgres: string | undefined;
  /** Journal records of a shard between two snapshots; undefined is the limits' own. */
  readonly snapshotEvery?: number | undefined;
  /** How many nodes share the region's shards; all but the first are processes of their own. */
  readonly nodes: number;
  /** The hub and the regions that are linked to it; undefined: one region, and no links. */
  readonly regions?: Regions | undefined;
  /** The address on which regions connect to this hub; undefined: the loopback. */
  readonly leafHost?: string | undefined;
  /** A file of warehouses and routing policy. */
  readonly routing?: string | undefined;
  /** How often plan and sales are turned into shares; undefined is the scheduler's own, 10 minutes. ms */
  readonly scheduleEveryMs?: number | undefined;
  readonly log: Logger;
}

export const REGION = 'local';
export const DEFAULT_OWNER = 'demo';
export const TOKEN_LIFE_MS = 30 * 24 * 3_600_000;

/** What the embedded default may do. */
export const ADMIN = { owners: [DEFAULT_OWNER], warehouses: ['*'], roles: ['admin'] } as const;

/**
 * Everything on one machine: a nats-server child, a region node with its doors,
 * and the centre in a thread of its own so that SQL never holds up a scan.
 */
export class Stack {
  readonly ws: string;
  readonly http: string;
  readonly nats: string;
  readonly token: string;
  readonly data: DataFolder;
  readonly door: string;
  readonly #parts: Parts;

  private constructor(parts: Parts, options: StackOptions, token: string) {
    const { door } = parts.gateway;
    this.#parts = parts;
    this.data = parts.data;
    this.http = `http://${options.host}:${door.port}`;
    this.ws = `ws://${options.host}:${door.port}${SCAN_PATH}`;
    this.nats = parts.server.url;
    this.token = token;
    this.door = door.kind;
  }

  /** Starts it all, or takes down again what it started. */
  static async start(options: StackOptions): Promise<Stack> {
    const undo: (() => Promise<void>)[] = [];
    try {
      const data = await openData(options.dataDir);
      undo.push(() => data.release());
      await keepRegions(data, options.regions);
      const parts = await startParts(options, data, undo);
      const token = await signToken(data.keys, { client: 'admin', ...ADMIN }, TOKEN_LIFE_MS);
      return new Stack(parts, options, token);
    } catch (e) {
      for (const step of undo.reverse()) await step().catch(() => {});
      throw e;
    }
  }

  /** Where regions connect to the hub, `host:port`. */
  get leafs(): string {
    return this.#parts.server.leafs;
  }

  /** Stops in the order of a scan: no more doors, then shards, the centre, and nats-server last. */
  async close(): Promise<void> {
    const { gateway, others, node, rules, scheduler, centre, link, server, data } = this.#parts;
    await gateway.close();
    await scheduler?.close();
    await Promise.all(others.map((other) => other.stop()));
    await node.close();
    await rules.close();
    await centre.close();
    await link.close();
    await server.stop();
    await data.release();
  }
}

interface Parts {
  readonly data: DataFolder;
  readonly server: NatsChild;
  readonly link: NatsConnection;
  readonly centre: CentreThread;
  readonly node: RegionNode;
  readonly others: readonly NodeChild[];
  readonly rules: RulesThread;
  readonly scheduler: ChannelScheduler | undefined;
  readonly gateway: Gateway;
}

async function startParts(
  options: StackOptions,
  data: DataFolder,
  undo: (() => Promise<void>)[],
): Promise<Parts> {
  const { log, natsBinary: binary, sync, nodes } = options;
  if (nodes < 1 || nodes > LIMITS.shards) {
    throw new StartError(
      `--nodes ${nodes}: from 1 to ${LIMITS.shards}, as many as there are shards`,
    );
  }
  const region = regionOf(options);
  const server = await NatsChild.start({
    ...{ dir: data.path('nats'), binary, sync, log },
    ...(options.regions === undefined
      ? {}
      : { place: { kind: 'hub', domain: HUB }, leafHost: options.leafHost }),
  });
  undo.push(() => server.stop());
  const link = await server.connect('holdfast node');
  undo.push(() => link.close());
  const rules = await RulesThread.start({
    ...{ servers: server.url, dir: data.path('rules'), node: data.node, log },
  });
  undo.push(() => rules.close());
  const store: StoreOptions =
    options.postgres === undefined
      ? { kind: 'pglite', dir: data.path('centre') }
      : { kind: 'postgres', url: options.postgres };
  const centre = await startCentreThread({
    servers: server.url,
    ...readBy(options),
    shards: LIMITS.shards,
    slots: slotsOf(options.regions !== undefined),
    store,
    defaultOwner: DEFAULT_OWNER,
    scheduleEveryMs: options.scheduleEveryMs,
    log,
  });
  undo.push(() => centre.close());
  const routing = await openRouting(options.routing);
  const node = await RegionNode.start({
    nats: link,
    region,
    routing: routingOf(rules, routing),
    ...(options.regions === undefined ? {} : { regions: options.regions }),
    name: data.node,
    url: `ws://${options.host}:${options.port}${SCAN_PATH}`,
    dataDir: data.path('shards'),
    log,
    plans: plansOf(rules),
    ...(nodes === 1 ? {} : { shared: { snapshotDir: data.path('shards'), replicas: 1 } }),
    ...(options.snapshotEvery === undefined ? {} : { snapshotEveryRecords: options.snapshotEvery }),
  });
  undo.push(() => node.close());
  await node.settled();
  const others: NodeChild[] = [];
  undo.push(async () => void (await Promise.all(others.map((other) => other.stop()))));
  for (let i = 1; i < nodes; i++) others.push(await otherNode(options, data, server, i));
  const gateway = await openDoors(options, data, server, link, node, centre, rules);
  const { scheduleEveryMs: everyMs } = options;
  const scheduler = channelScheduler({ node, nats: link, rules, log, everyMs });
  return { data, server, link, centre, node, others, rules, scheduler, gateway };
}

/** What the centre reads. */
function readBy({ regions }: StackOptions) {
  if (regions === undefined) return { region: REGION };
  return { region: HUB, linked: regions.linked, places: regions.places };
}

const regionOf = ({ regions }: StackOptions): string => (regions === undefined ? REGION : HUB);

/** Its own folder within ours; the snapshots are where all nodes find them. */
function otherNode(
  { host, log }: StackOptions,
  data: DataFolder,
  server: NatsChild,
  number: number,
): Promise<NodeChild> {
  const args = ['--nats', server.url, '--region', REGION, '--host', host, '--port', '0'];
  args.push('--data', data.path('nodes', String(number)), '--snapshots', data.path('shards'));
  args.push('--trust', data.path('keys.json'), '--trust-nats', '--log-level', log.level);
  return NodeChild.start({ args, log });
}

async function openDoors(
  options: StackOptions,
  data: DataFolder,
  server: NatsChild,
  nats: NatsConnection,
  node: RegionNode,
  centre: CentreThread,
  rules: RulesThread,
): Promise<Gateway> {
  const { host, port, log } = options;
  const trusted: Identity = { client: 'nats', ...ADMIN, expiresAtMs: Number.POSITIVE_INFINITY };
  try {
    return await openGateway({
      node,
      nats,
      natsUrl: server.url,
      rules,
      region: regionOf(options),
      verifier: await verifierOf(data.keys.publicKey),
      trusted,
      defaultOwner: DEFAULT_OWNER,
      host,
      port,
      version: VERSION,
      log,
      moreMetrics: () => centre.metrics(),
    });
  } catch (e) {
    if ((e as { code?: unknown }).code !== 'EADDRINUSE') throw e;
    throw new StartError(`port ${port} is taken; name another with --port, or 0 for any free one`);
  }
}
