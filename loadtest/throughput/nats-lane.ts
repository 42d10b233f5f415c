import { headers } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { answered } from './holdfast-answers.ts';
import { HoldfastFrames } from './holdfast-frames.ts';
import type { Lane } from './lane.ts';

export interface NatsAddress {
  readonly servers: string;
  readonly warehouse: string;
}

const LIMIT_MS = 60_000;

/** A session over NATS that reserves in requests, on a connection of its own. */
export async function openNatsLane(
  { servers, warehouse }: NatsAddress,
  index: number,
): Promise<Lane<Uint8Array>> {
  const nats = await connect({ servers });
  const about = headers();
  about.set('Content-Type', 'application/msgpack');
  about.set('Holdfast-Client', `batch-${index}`);
  about.set('Holdfast-Incarnation', `bench-${index}`);
  const frames = new HoldfastFrames(index, `nats-${index}`, 1);
  const lane: Lane<Uint8Array> = {
    prepare: (count, load) => frames.make(count, load),
    send: (bytes) => {
      nats.request(`inv.cmd.${warehouse}`, bytes, { timeout: LIMIT_MS, headers: about }).then(
        ({ data }) => {
          const reply = Buffer.from(data.buffer, data.byteOffset, data.length);
          answered(lane, frames, bytes, reply);
        },
        (e: Error) => lane.onEnd(e),
      );
    },
    onAnswered: () => {},
    onEnd: () => {},
    again: 0,
    close: () => nats.close(),
  };
  return lane;
}
