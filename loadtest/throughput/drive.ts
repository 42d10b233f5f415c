import { Latencies } from '../latencies.ts';
import type { Lane } from './lane.ts';

export const ROUND_LIMIT_MS = 120_000;

export interface Driven {
  readonly ms: number;
  /** Of whole frames. */
  readonly latencies: Latencies;
}

/** Every lane sends frame after frame, each when the one before is answered. */
export async function drive(
  lanes: readonly Lane[],
  frames: readonly (readonly unknown[])[],
): Promise<Driven> {
  const latencies = new Latencies();
  const begun = performance.now();
  let limit: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    limit = setTimeout(() => reject(new Error('the round does not end')), ROUND_LIMIT_MS);
  });
  const all = lanes.map((lane, i) => driveOne(lane, frames[i] ?? [], latencies));
  await Promise.race([Promise.all(all), tooLong]).finally(() => clearTimeout(limit));
  return { ms: performance.now() - begun, latencies };
}

function driveOne(lane: Lane, frames: readonly unknown[], into: Latencies): Promise<void> {
  return new Promise((resolve, reject) => {
    let at = 0;
    let sentMs = 0;
    const next = (): void => {
      if (at === frames.length) return resolve();
      sentMs = performance.now();
      lane.send(frames[at++]);
    };
    lane.onEnd = reject;
    lane.onAnswered = () => {
      into.add(performance.now() - sentMs);
      next();
    };
    next();
  });
}
