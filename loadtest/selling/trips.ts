import { Latencies } from '../latencies.ts';

/** So many each round: one that crosses the link takes two delays. */
export const TRIPS = 40;
export const WARM_UP_TRIPS = 20;
/** What bytes take from one end of the link to the other, ms. */
export const LINK_MS = 50;

/** One sale at a time, the next when the one before is answered. */
export async function trips(count: number, sell: () => Promise<void>): Promise<Latencies> {
  const latencies = new Latencies();
  for (let i = 0; i < count; i++) {
    const sentMs = performance.now();
    await sell();
    latencies.add(performance.now() - sentMs);
  }
  return latencies;
}
