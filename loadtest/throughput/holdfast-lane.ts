import { type Address, greeted } from '../scan/greet.ts';
import { answered } from './holdfast-answers.ts';
import { HoldfastFrames } from './holdfast-frames.ts';
import type { Lane } from './lane.ts';

/** A session over WebSocket that reserves in frames. */
export async function openHoldfastLane(address: Address, index: number): Promise<Lane<Uint8Array>> {
  const { wire, nextN } = await greeted(address, `batch-${index}`);
  const frames = new HoldfastFrames(index, `${index}`, nextN);
  let sent: Uint8Array = new Uint8Array();
  const lane: Lane<Uint8Array> = {
    prepare: (count, load) => frames.make(count, load),
    send: (bytes) => {
      sent = bytes;
      wire.send(bytes);
    },
    onAnswered: () => {},
    onEnd: () => {},
    again: 0,
    close: () => wire.close(),
  };
  wire.onEnd = (why) => lane.onEnd(why);
  wire.onFrame = (reply) => answered(lane, frames, sent, reply);
  return lane;
}
