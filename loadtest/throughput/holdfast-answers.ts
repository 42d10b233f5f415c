import { faultOf, isToRetry } from '../scan/frames.ts';
import type { HoldfastFrames } from './holdfast-frames.ts';
import type { Lane } from './lane.ts';

/** As a client waits that is told to send again. */
const AGAIN_MS = 50;

/** What a lane does with a reply: goes on, sends the same frame again, or ends. */
export function answered(
  lane: Lane<Uint8Array>,
  frames: HoldfastFrames,
  sent: Uint8Array,
  reply: Buffer,
): void {
  if (frames.isGood(reply)) {
    lane.onAnswered();
  } else if (isToRetry(reply)) {
    lane.again++;
    setTimeout(() => lane.send(sent), AGAIN_MS);
  } else {
    lane.onEnd(faultOf(reply));
  }
}
