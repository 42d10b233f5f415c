import type { Latencies } from '../latencies.ts';

/** Percentiles of one histogram, ms. */
export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export const percentilesOf = (all: Latencies): Percentiles => ({
  count: all.count,
  p50: all.us(50) / 1000,
  p99: all.us(99) / 1000,
  p999: all.us(99.9) / 1000,
  max: all.us(100) / 1000,
});
