/** Drives a peer from a process of its own, so that driver and server do not share a loop. */
import { serveParent } from '../child.ts';
import { openPostgresLane, type PostgresAddress } from '../peers/postgres-lane.ts';
import { openRedisLane, type RedisAddress } from '../peers/redis-lane.ts';
import type { Address } from '../scan/greet.ts';
import { drive } from './drive.ts';
import { openHoldfastLane } from './holdfast-lane.ts';
import type { Lane, Load } from './lane.ts';
import { type NatsAddress, openNatsLane } from './nats-lane.ts';
import { CONNECTIONS, connectionsOf } from './shape.ts';

export type Peer =
  | ({ readonly kind: 'holdfast' } & Address)
  | ({ readonly kind: 'nats' } & NatsAddress)
  | ({ readonly kind: 'redis' } & RedisAddress)
  | ({ readonly kind: 'postgres' } & PostgresAddress);

export type Order =
  | { readonly kind: 'open'; readonly peer: Peer }
  | { readonly kind: 'prepare'; readonly frames: number; readonly load: Load }
  | { readonly kind: 'go' };

export interface Report {
  readonly ms: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Frames that had to be sent again. */
  readonly again: number;
}

const NOTHING: Report = { ms: 0, p50Us: 0, p99Us: 0, again: 0 };

let lanes: Lane[] = [];
let prepared: unknown[][] = [];

serveParent(process.pid, async (order: Order): Promise<Report> => {
  switch (order.kind) {
    case 'open':
      lanes = await Promise.all(Array.from({ length: CONNECTIONS }, (_, i) => open(order.peer, i)));
      return NOTHING;
    case 'prepare':
      prepared = lanes
        .slice(0, connectionsOf(order.load))
        .map((lane) => lane.prepare(order.frames, order.load));
      return NOTHING;
    case 'go': {
      const { ms, latencies } = await drive(lanes, prepared);
      prepared = [];
      const again = lanes.reduce((sum, lane) => sum + lane.again, 0);
      for (const lane of lanes) lane.again = 0;
      return { ms, p50Us: latencies.us(50), p99Us: latencies.us(99), again };
    }
  }
});

function open(peer: Peer, index: number): Promise<Lane> {
  switch (peer.kind) {
    case 'holdfast':
      return openHoldfastLane(peer, index);
    case 'nats':
      return openNatsLane(peer, index);
    case 'redis':
      return openRedisLane(peer, index);
    case 'postgres':
      return openPostgresLane(peer, index);
  }
}
