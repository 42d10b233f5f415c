import { batchFrame, faultOf, isBatchReply, isOk, reserveFrame } from '../scan/frames.ts';
import { type Address, greeted } from '../scan/greet.ts';
import { skuOf } from '../scan/warehouse.ts';
import type { Lane, Load } from './lane.ts';
import { CONNECTIONS, goodsOf } from './shape.ts';

/** A session over WebSocket that reserves in frames. */
export async function openHoldfastLane(address: Address, index: number): Promise<Lane<Uint8Array>> {
  const { wire, nextN } = await greeted(address, `batch-${index}`);
  let n = nextN;
  let depth = 1;
  const lane: Lane<Uint8Array> = {
    prepare: (frames, load) => {
      depth = load.depth;
      return Array.from({ length: frames }, () => frame(load));
    },
    send: (bytes) => wire.send(bytes),
    onAnswered: () => {},
    onEnd: () => {},
    close: () => wire.close(),
  };
  const frame = (load: Load): Uint8Array => {
    const all = Array.from({ length: load.depth }, (_, i) => {
      const isRelease = load.ends === true && i % 2 === 1;
      const about = isRelease ? n - 1 : n;
      const sku = skuOf(goodsOf(about * CONNECTIONS + index, load));
      const hold = `${index}-${about}`;
      return { n: n++, sku, hold, ...(isRelease ? { op: 'release' as const } : {}) };
    });
    const [first] = all;
    return first !== undefined && load.depth === 1 ? reserveFrame(first) : batchFrame(all);
  };
  wire.onEnd = (why) => lane.onEnd(why);
  wire.onFrame = (reply) => {
    if (depth === 1 ? isOk(reply) : isBatchReply(reply, depth)) lane.onAnswered();
    else lane.onEnd(faultOf(reply));
  };
  return lane;
}
