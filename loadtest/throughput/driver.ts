/** Drives a peer from a process of its own, so that driver and server do not share a loop. */
import { serveParent } from '../child.ts';
import { openRedisLane } from '../peers/redis-lane.ts';
import type { Address } from '../scan/greet.ts';
import { drive } from './drive.ts';
import { openHoldfastLane } from './holdfast-lane.ts';
import type { Lane } from './lane.ts';
import { CONNECTIONS, FRAME_COMMANDS } from './shape.ts';

export type Peer =
  | ({ readonly kind: 'holdfast' } & Address)
  | { readonly kind: 'redis'; readonly port: number; readonly sha: string };

export type Order =
  | { readonly kind: 'open'; readonly peer: Peer }
  | { readonly kind: 'prepare' | 'go'; readonly frames: number };

export interface Report {
  readonly commands: number;
  readonly ms: number;
  readonly p99Us: number;
}

let lanes: Lane[] = [];
let prepared: Uint8Array[][] = [];

serveParent('ready', async (order: Order): Promise<Report> => {
  switch (order.kind) {
    case 'open':
      lanes = await openLanes(order.peer);
      break;
    case 'prepare':
      prepared = lanes.map((lane) => lane.prepare(order.frames));
      break;
    case 'go': {
      const { ms, latencies } = await drive(lanes, prepared);
      prepared = [];
      return {
        commands: lanes.length * order.frames * FRAME_COMMANDS,
        ms,
        p99Us: latencies.us(99),
      };
    }
  }
  return { commands: 0, ms: 0, p99Us: 0 };
});

const openLanes = (peer: Peer): Promise<Lane[]> =>
  Promise.all(
    Array.from({ length: CONNECTIONS }, (_, i) =>
      peer.kind === 'holdfast' ? openHoldfastLane(peer, i) : openRedisLane(peer, i),
    ),
  );
