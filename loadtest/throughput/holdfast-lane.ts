import { batchFrame, isBatchReply } from '../scan/frames.ts';
import { type Address, greeted } from '../scan/greet.ts';
import { skuOf } from '../scan/warehouse.ts';
import type { Lane } from './lane.ts';
import { CONNECTIONS, FRAME_COMMANDS, goodsOf } from './shape.ts';

/** A session that reserves in batches. */
export async function openHoldfastLane(address: Address, index: number): Promise<Lane> {
  const { wire, nextN } = await greeted(address, `batch-${index}`);
  let n = nextN;
  const lane: Lane = {
    prepare: (frames) => Array.from({ length: frames }, frame),
    send: (bytes) => wire.send(bytes),
    onAnswered: () => {},
    onEnd: () => {},
    close: () => wire.close(),
  };
  const frame = (): Uint8Array =>
    batchFrame(
      Array.from({ length: FRAME_COMMANDS }, () => {
        const sku = skuOf(goodsOf(n * CONNECTIONS + index));
        return { n, sku, hold: `${index}-${n++}` };
      }),
    );
  wire.onEnd = (why) => lane.onEnd(why);
  wire.onFrame = (reply) => {
    if (isBatchReply(reply, FRAME_COMMANDS)) lane.onAnswered();
    else lane.onEnd(new Error('a batch was not answered as it should be'));
  };
  return lane;
}
