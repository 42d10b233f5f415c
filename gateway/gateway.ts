import { randomBytes } from 'node:crypto';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { Counter, Gauge, type Registry } from 'prom-client';
import { LIMITS } from '../engine/limits.ts';
import type { RegionNode } from '../engine/node.ts';
import type { RulesThread } from '../engine/rules/thread.ts';
import type { Identity, Verifier } from './auth.ts';
import { SUBPROTOCOLS } from './codec.ts';
import type { Door } from './door/door.ts';
import { openDoor } from './door/open.ts';
import { CONNECTION_LIMITS, type ConnectionLimits } from './limits.ts';
import { openNatsDoor } from './nats.ts';
import { page } from './pages.ts';
import { openRightsAdmin } from './rights-admin.ts';
import { openRulesDoor } from './rules.ts';
import { openSellDoor } from './sell.ts';
import { type GatewayCounters, ScanSession, type SessionContext } from './session.ts';

export const SCAN_PATH = '/v1/scan';
const IDLE_SECONDS = 120;

export interface GatewayOptions {
  readonly node: RegionNode;
  readonly nats: NatsConnection;
  readonly natsUrl: string;
  /** Rules of owners, which people edit; undefined: nobody can. */
  readonly rules?: RulesThread | undefined;
  readonly region: string;
  readonly verifier: Verifier;
  /** Stands for NATS requests without a token; undefined refuses them. */
  readonly trusted: Identity | undefined;
  readonly defaultOwner: string;
  readonly host: string;
  readonly port: number;
  /** Where scanners reach it, if not by `host` and `port`. */
  readonly url?: string;
  readonly version: string;
  readonly log: Logger;
  readonly moreMetrics?: () => Promise<string>;
  readonly limits?: Partial<ConnectionLimits>;
}

export interface Gateway {
  readonly door: Door;
  close(): Promise<void>;
}

/** ① Opens both doors of a node: WebSocket and HTTP on one port, and NATS. */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const { node, verifier, log, version } = options;
  const limits = { ...CONNECTION_LIMITS, ...options.limits };
  const counters: GatewayCounters = { frames: 0, refused: 0, slowReaders: 0 };
  const open = new Map<string, ScanSession>();
  const context: SessionContext = {
    node,
    verifier,
    log,
    version,
    url: () => options.url ?? `ws://${options.host}:${door.port}${SCAN_PATH}`,
    nats: options.natsUrl,
    nonce: () => randomBytes(8).toString('hex'),
    open,
    counters,
    limits,
  };
  gatewayMetrics(node.metrics, counters, open);
  const pages = {
    node,
    version,
    door: () => `${door.kind}, ${door.note}`,
    startedMs: Date.now(),
    moreMetrics: options.moreMetrics ?? (() => Promise.resolve('')),
  };
  const door: Door = await openDoor<ScanSession | undefined>({
    host: options.host,
    port: options.port,
    path: SCAN_PATH,
    subprotocols: SUBPROTOCOLS,
    maxFrameBytes: 2 * LIMITS.frameBytes, // what is over the limit, but not by much, is told so
    maxBufferedBytes: limits.socketBacklogBytes,
    idleTimeoutSeconds: IDLE_SECONDS,
    handlers: {
      http: (request) => page(pages, request),
      open: (socket) => {
        socket.data = new ScanSession(socket, context);
      },
      message: (socket, data) => socket.data?.frame(data),
      writable: () => {},
      closed: (socket) => socket.data?.closed(),
      failed: (error, request) => log.error({ err: error, path: request.path }, 'a page failed'),
    },
  });
  const commands = openNatsDoor({ ...options, counters });
  const { selling } = node;
  const orders = selling && openSellDoor({ ...options, counters, selling });
  const { rules } = options;
  const editing = rules && openRulesDoor({ ...options, counters, rules });
  const admin = selling ? openRightsAdmin({ ...options, counters, selling }) : [];
  return {
    door,
    close: async () => {
      commands.unsubscribe();
      orders?.unsubscribe();
      editing?.unsubscribe();
      for (const one of admin) one.unsubscribe();
      await door.close();
    },
  };
}

function gatewayMetrics(
  registry: Registry,
  counters: GatewayCounters,
  open: ReadonlyMap<string, ScanSession>,
): void {
  const registers = [registry];
  const counter = (name: string, help: string, read: () => number): void => {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  };
  counter('holdfast_frames_total', 'WebSocket frames received', () => counters.frames);
  counter('holdfast_refused_total', 'Commands refused', () => counters.refused);
  counter(
    'holdfast_slow_readers_total',
    'Connections closed for reading too slowly',
    () => counters.slowReaders,
  );
  new Gauge({
    name: 'holdfast_sessions',
    help: 'Sessions connected',
    registers,
    collect() {
      this.set(open.size);
    },
  });
}
