import { Latencies } from '../latencies.ts';
import type { Lane } from './lane.ts';

export const ROUND_LIMIT_MS = 120_000;

export interface Driven {
  readonly ms: number;
  readonly latencies: Latencies;
}

/** Every lane sends frame after frame, each when the one before is answered. */
export async function drive(
  lanes: readonly Lane[],
  frames: readonly (readonly Uint8Array[])[],
): Promise<Driven> {
  const latencies = new Latencies();
  const begun = performance.now();
  let limit: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    limit = setTimeout(() => reject(new Error('the round does not end')), ROUND_LIMIT_MS);
  });
  const all = lanes.map((lane, i) => driveOne(lane, frames[i] as readonly Uint8Array[], latencies));
  await Promise.race([Promise.all(all), tooLong]).finally(() => clearTimeout(limit));
  return { ms: performance.now() - begun, latencies };
}

function driveOne(lane: Lane, frames: readonly Uint8Array[], into: Latencies): Promise<void> {
  return new Promise((resolve, reject) => {
    let at = 0;
    let sentMs = 0;
    const next = (): void => {
      const frame = frames[at++];
      if (frame === undefined) return resolve();
      sentMs = performance.now();
      lane.send(frame);
    };
    lane.onEnd = reject;
    lane.onAnswered = () => {
      into.add(performance.now() - sentMs);
      next();
    };
    next();
  });
}
