import { LIMITS } from '../engine/limits.ts';

/** What one nats-server is told. Addresses are `host:port`. */
export interface NatsConfig {
  /** Of the server, in its logs and to its neighbours. */
  readonly name: string;
  readonly listen: string;
  /** Where it answers about its health; undefined: nowhere. */
  readonly monitor?: string;
  readonly storeDir: string;
  readonly logFile?: string;
  /** `always` syncs every record to disk before its PubAck; else an interval such as `2m`. */
  readonly sync: string;
  /** Undefined where it has no neighbours. */
  readonly place?: LeafPlace;
}

/** A server's place among linked ones. Its JetStream domain keeps its streams its own. */
export type LeafPlace =
  /** Regions connect to `leafs`. */
  | { readonly domain: string; readonly leafs: string; readonly secret?: string }
  /** It connects to `hub`, again and again for as long as it lives. */
  | { readonly domain: string; readonly hub: string; readonly secret?: string };

/** Who regions are to the hub, with the secret that they share with it. */
const LEAF_USER = 'region';

/** The text of its configuration file. */
export function natsConfig(config: NatsConfig): string {
  const { name, listen, monitor, storeDir, logFile, sync, place } = config;
  return `${[
    `listen: ${listen}`,
    ...(monitor === undefined ? [] : [`http: ${monitor}`]),
    `server_name: ${name}`,
    `max_payload: ${LIMITS.natsPayloadBytes}`,
    ...(logFile === undefined ? [] : [`log_file: ${JSON.stringify(logFile)}`, ...LOG_SIZES]),
    'jetstream {',
    ...(place === undefined ? [] : [`  domain: ${place.domain}`]),
    `  store_dir: ${JSON.stringify(storeDir)}`,
    `  sync_interval: ${sync}`,
    '}',
    ...(place === undefined ? [] : leafLines(place)),
  ].join('\n')}\n`;
}

const LOG_SIZES = ['logfile_size_limit: 64MB', 'logfile_max_num: 3'];

/**
 * `no_advertise`: a server that learns other addresses of its neighbour goes
 * round a link that is cut. A silent link counts as cut after three pings.
 */
function leafLines(place: LeafPlace): string[] {
  const { secret } = place;
  const who = secret === undefined ? '' : `${LEAF_USER}:${secret}@`;
  const own =
    'leafs' in place
      ? [`  listen: ${place.leafs}`, ...(secret === undefined ? [] : [admits(secret)])]
      : ['  reconnect: "1s"', `  remotes: [{ url: "nats-leaf://${who}${place.hub}" }]`];
  return ['ping_interval: "3s"', 'ping_max: 2', 'leafnodes {', ...own, '  no_advertise: true', '}'];
}

const admits = (secret: string): string =>
  `  authorization { user: ${LEAF_USER}, password: "${secret}" }`;
