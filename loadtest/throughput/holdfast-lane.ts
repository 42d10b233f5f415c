import { faultOf } from '../scan/frames.ts';
import { type Address, greeted } from '../scan/greet.ts';
import { HoldfastFrames } from './holdfast-frames.ts';
import type { Lane } from './lane.ts';

/** A session over WebSocket that reserves in frames. */
export async function openHoldfastLane(address: Address, index: number): Promise<Lane<Uint8Array>> {
  const { wire, nextN } = await greeted(address, `batch-${index}`);
  const frames = new HoldfastFrames(index, `${index}`, nextN);
  const lane: Lane<Uint8Array> = {
    prepare: (count, load) => frames.make(count, load),
    send: (bytes) => wire.send(bytes),
    onAnswered: () => {},
    onEnd: () => {},
    close: () => wire.close(),
  };
  wire.onEnd = (why) => lane.onEnd(why);
  wire.onFrame = (reply) => {
    if (frames.isGood(reply)) lane.onAnswered();
    else lane.onEnd(faultOf(reply));
  };
  return lane;
}
