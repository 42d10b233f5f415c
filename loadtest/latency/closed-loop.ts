import { Latencies } from '../latencies.ts';
import type { Wire } from '../scan/wire.ts';

const LIMIT_MS = 60_000;

/**
 * One frame at a time, the next when the reply is there, or `pauseMs` later. What
 * is checked is checked after the clock was read.
 */
export function closedLoop(
  wire: Wire,
  frames: readonly Uint8Array[],
  isGood: (reply: Buffer) => boolean,
  pauseMs = 0,
): Promise<Latencies> {
  const latencies = new Latencies();
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(limit);
      reject(new Error(why));
    };
    const limit = setTimeout(() => fail(`no end after ${LIMIT_MS} ms`), LIMIT_MS);
    let at = 0;
    let sentMs = 0;
    const next = (): void => {
      const frame = frames[at++];
      if (frame === undefined) {
        clearTimeout(limit);
        resolve(latencies);
        return;
      }
      sentMs = performance.now();
      wire.send(frame);
    };
    wire.onEnd = (why) => fail(why.message);
    wire.onFrame = (reply) => {
      latencies.add(performance.now() - sentMs);
      if (!isGood(reply)) fail(`reply ${at} is not what it should be`);
      else if (pauseMs > 0) setTimeout(next, pauseMs);
      else next();
    };
    next();
  });
}
