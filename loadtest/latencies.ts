import { build } from 'hdr-histogram-js';

/** The longest that can be told; anything longer counts as this. */
const MOST_NS = 60_000_000_000;

/** Latencies in an HDR histogram: three significant digits, 1 ns to a minute. */
export class Latencies {
  readonly #ns = build({ highestTrackableValue: MOST_NS, numberOfSignificantValueDigits: 3 });

  /** Milliseconds, as `performance.now()` differences are. */
  add(ms: number): void {
    this.#ns.recordValue(Math.min(MOST_NS, Math.max(1, Math.round(ms * 1e6))));
  }

  addAll(other: Latencies): void {
    this.#ns.add(other.#ns);
  }

  get count(): number {
    return this.#ns.totalCount;
  }

  get meanUs(): number {
    return this.#ns.mean / 1000;
  }

  /** Microseconds at a percentile from 0 to 100. */
  us(percentile: number): number {
    return this.#ns.getValueAtPercentile(percentile) / 1000;
  }
}

export function together(all: readonly Latencies[]): Latencies {
  const sum = new Latencies();
  for (const one of all) sum.addAll(one);
  return sum;
}
