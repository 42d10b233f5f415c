import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { StartError } from '../engine/errors.ts';
import { RegionNode, type SharedRegion } from '../engine/node.ts';
import { plansOf } from '../engine/rules/plans.ts';
import { routingOf } from '../engine/rules/routing.ts';
import { RulesThread } from '../engine/rules/thread.ts';
import { type Identity, type KeyPair, signToken, verifierOf } from '../gateway/auth.ts';
import { openGateway, SCAN_PATH } from '../gateway/gateway.ts';
import { channelScheduler } from './channel-scheduler.ts';
import { type DataFolder, openData } from './data.ts';
import { openLog } from './log.ts';
import { linkTo } from './nats-link.ts';
import { freePort } from './ports.ts';
import { openRegions } from './regions-file.ts';
import { openRouting } from './routing-file.ts';
import { ADMIN, DEFAULT_OWNER, TOKEN_LIFE_MS } from './stack.ts';
import { stopOnSignal } from './stopping.ts';
import { VERSION } from './version.ts';

export interface NodeOptions {
  readonly nats: string;
  readonly region: string;
  readonly regions?: readonly string[];
  readonly places?: string;
  readonly routing?: string;
  readonly port: number;
  readonly host: string;
  readonly advertise?: string;
  readonly data: string;
  readonly trust?: string;
  readonly trustNats: boolean;
  readonly snapshots?: string;
  readonly replicas: number;
  readonly snapshotEvery?: number;
  readonly json: boolean;
  readonly logLevel: string;
}

/** One node of a region of several, on a NATS server that runs elsewhere. */
export async function node(options: NodeOptions): Promise<void> {
  const log = openLog(options.logLevel);
  const data = await openData(options.data);
  const undo: (() => Promise<void>)[] = [() => data.release()];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const ready = await start(options, data, log, undo);
    stopOnSignal(close, log, options.json);
    // Started by `holdfast up`, which is gone: as if it had been told to stop.
    process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
    process.stdout.write(options.json ? `${JSON.stringify(ready)}\n` : welcome(ready));
  } catch (e) {
    await close().catch(() => {});
    throw e;
  }
}

interface Ready {
  readonly ws: string;
  readonly http: string;
  readonly nats: string;
  readonly node: string;
  readonly data: string;
  readonly token: string;
  readonly pid: number;
}

async function start(
  options: NodeOptions,
  data: DataFolder,
  log: Logger,
  undo: (() => Promise<void>)[],
): Promise<Ready> {
  const { host, region, nats: natsUrl } = options;
  const regions = await openRegions(options);
  if (regions !== undefined && !regions.names.includes(region)) {
    throw new StartError(`region ${region} is none of ${regions.names.join(', ')}; see --regions`);
  }
  const routing = await openRouting(options.routing);
  const keys = options.trust === undefined ? data.keys : await trusted(options.trust);
  const link = await linkTo(natsUrl, 'holdfast node');
  undo.push(() => link.close());
  const rules = await RulesThread.start({
    ...{ servers: natsUrl, dir: data.path('rules'), node: data.node, log },
  });
  undo.push(() => rules.close());
  // Others are told the address before the door can say which port it got.
  const port = options.port === 0 ? await freePort() : options.port;
  const ws = options.advertise ?? `ws://${host}:${port}${SCAN_PATH}`;
  const regionNode = await RegionNode.start({
    ...{ nats: link, region, name: data.node, url: ws, log },
    dataDir: data.path('shards'),
    shared: sharedOf(options),
    ...(options.snapshotEvery === undefined ? {} : { snapshotEveryRecords: options.snapshotEvery }),
    ...(regions === undefined ? {} : { regions }),
    plans: plansOf(rules),
    routing: routingOf(rules, routing),
  });
  undo.push(() => regionNode.close());
  await regionNode.settled();
  const who: Identity = { client: 'nats', ...ADMIN, expiresAtMs: Number.POSITIVE_INFINITY };
  const gateway = await openGateway({
    ...{ node: regionNode, nats: link, natsUrl, rules, region, host, port, version: VERSION, log },
    verifier: await verifierOf(keys.publicKey),
    trusted: options.trustNats ? who : undefined,
    defaultOwner: DEFAULT_OWNER,
    url: ws,
  });
  undo.push(() => gateway.close());
  const scheduler = channelScheduler({ node: regionNode, nats: link, rules, log });
  if (scheduler !== undefined) undo.push(() => scheduler.close());
  const token = await signToken(keys, { client: 'admin', ...ADMIN }, TOKEN_LIFE_MS);
  return {
    ws,
    http: `http://${host}:${gateway.door.port}`,
    nats: natsUrl,
    node: data.node,
    data: data.dir,
    token,
    pid: process.pid,
  };
}

const sharedOf = ({ snapshots, replicas }: NodeOptions): SharedRegion => ({
  ...(snapshots === undefined ? {} : { snapshotDir: snapshots }),
  replicas,
});

/** The keys of the installation: the keys.json of its first node. */
async function trusted(path: string): Promise<KeyPair> {
  try {
    const keys = JSON.parse(await readFile(path, 'utf8')) as KeyPair;
    if (keys.publicKey?.kty !== 'OKP') throw new Error('it holds no Ed25519 key');
    return keys;
  } catch (e) {
    throw new StartError(`--trust ${path}: ${(e as Error).message}; name the keys.json of a node`);
  }
}

const welcome = ({ ws, http, nats, node: name, data, token }: Ready): string => `
Holdfast ${VERSION}, node ${name}, is ready.

  Scanners   ${ws}
  Health     ${http}/readyz   metrics ${http}/metrics
  NATS       ${nats}
  Data       ${data}

  Token, for owner ${DEFAULT_OWNER} and every warehouse, 30 days:
  ${token}

Ctrl-C hands its shards to the other nodes.
`;
