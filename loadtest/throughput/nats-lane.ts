import { headers } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { batchFrame, faultOf, isBatchReply } from '../scan/frames.ts';
import { skuOf } from '../scan/warehouse.ts';
import type { Lane } from './lane.ts';
import { CONNECTIONS, goodsOf } from './shape.ts';

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
  let n = 1;
  let depth = 1;
  const lane: Lane<Uint8Array> = {
    prepare: (frames, load) => {
      depth = load.depth;
      return Array.from({ length: frames }, () =>
        batchFrame(
          Array.from({ length: load.depth }, () => {
            const sku = skuOf(goodsOf(n * CONNECTIONS + index, load));
            return { n, sku, hold: `nats-${index}-${n++}` };
          }),
        ),
      );
    },
    send: (bytes) => {
      nats.request(`inv.cmd.${warehouse}`, bytes, { timeout: LIMIT_MS, headers: about }).then(
        ({ data }) => {
          const reply = Buffer.from(data.buffer, data.byteOffset, data.length);
          if (isBatchReply(reply, depth)) lane.onAnswered();
          else lane.onEnd(faultOf(reply));
        },
        (e: Error) => lane.onEnd(e),
      );
    },
    onAnswered: () => {},
    onEnd: () => {},
    close: () => nats.close(),
  };
  return lane;
}
