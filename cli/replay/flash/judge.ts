import { Latencies } from '../../../loadtest/latencies.ts';

/** One order, as the shop that placed it saw it. Times of one monotonic clock, ms. */
export interface Told {
  readonly point: string;
  /** First asked. */
  readonly askedMs: number;
  readonly toldMs: number;
  /** `failed`: refused for another reason than that there is too little, or not answered at all. */
  readonly came: 'sold' | 'refused' | 'failed';
  /** In words, where it was not sold. */
  readonly why: string;
}

export interface Verdict {
  readonly accepted: number;
  readonly refused: number;
  readonly failed: number;
  readonly unsold: number;
  readonly oversold: number;
  readonly refusedWhileUnsold: number;
  /** In words, what those were told, the first few. */
  readonly wrongly: readonly string[];
  readonly refusedBeforeLastSale: number;
  readonly longestWaitMs: number;
  readonly acceptedMs: Trip;
  readonly refusedMs: Trip;
  readonly salesPerSecond: number;
  readonly soldAt: Readonly<Record<string, number>>;
}

export interface Trip {
  readonly p50: number;
  readonly p99: number;
}

/**
 * A refusal was wrong for sure if an order that was asked only after it was told is sold: that unit was there all the
 * time (`refusedWhileUnsold`). It may have been wrong if any sale is told after it, though that one may have been decided before
 * (`refusedBeforeLastSale`): no refusal outside of these can have been wrong, where everything is sold.
 */
export function judge(units: number, orders: readonly Told[]): Verdict {
  const sold = orders.filter(({ came }) => came === 'sold');
  const refused = orders.filter(({ came }) => came === 'refused');
  const lastAskedMs = latest(sold.map(({ askedMs }) => askedMs));
  const wrongly = refused.filter(({ toldMs }) => toldMs < lastAskedMs);
  const lastToldMs = latest(sold.map(({ toldMs }) => toldMs));
  const firstMs = orders.reduce((first, one) => Math.min(first, one.askedMs), lastToldMs);
  const soldAt: Record<string, number> = {};
  for (const { point } of sold) soldAt[point] = (soldAt[point] ?? 0) + 1;
  return {
    accepted: sold.length,
    refused: refused.length,
    failed: orders.length - sold.length - refused.length,
    unsold: Math.max(0, units - sold.length),
    oversold: Math.max(0, sold.length - units),
    refusedWhileUnsold: wrongly.length,
    wrongly: wrongly.slice(0, MOST_TOLD).map(inWords),
    refusedBeforeLastSale: refused.filter(({ toldMs }) => toldMs < lastToldMs).length,
    longestWaitMs: round(latest(orders.map(waitOf))),
    acceptedMs: tripOf(sold),
    refusedMs: tripOf(refused),
    salesPerSecond: sold.length === 0 ? 0 : round((sold.length * 1_000) / (lastToldMs - firstMs)),
    soldAt,
  };
}

/** Of refusals that were wrong. */
const MOST_TOLD = 5;

const inWords = (one: Told): string => `${one.point}, ${round(waitOf(one))} ms: ${one.why}`;

const waitOf = ({ askedMs, toldMs }: Told): number => toldMs - askedMs;

const latest = (times: readonly number[]): number =>
  times.reduce((last, one) => Math.max(last, one), 0);

function tripOf(orders: readonly Told[]): Trip {
  const latencies = new Latencies();
  for (const one of orders) latencies.add(waitOf(one));
  const ms = (percentile: number): number =>
    orders.length === 0 ? 0 : round(latencies.us(percentile) / 1_000);
  return { p50: ms(50), p99: ms(99) };
}

const round = (figure: number): number => Math.round(figure * 10) / 10;
