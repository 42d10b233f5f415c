/** The middle one; the mean of the two middle ones of an even count. Throws on none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('the median of nothing');
  const sorted = [...values].sort((a, b) => a - b);
  const at = sorted.length >> 1;
  const upper = sorted[at] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[at - 1] as number) + upper) / 2;
}

export interface Spread {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/** Rounds on a shared machine differ; one figure without its spread would hide that. */
export const spreadOf = (values: readonly number[]): Spread => ({
  low: Math.min(...values),
  middle: median(values),
  high: Math.max(...values),
});

/** The p50s of one round, µs. */
export interface Trips {
  readonly committed: number;
  readonly echo: number;
  readonly puback: number;
}

/** What a committed answer costs in units of the two trips that it cannot avoid, round by round. */
export const ratiosOf = (rounds: readonly Trips[]): number[] =>
  rounds.map(({ committed, echo, puback }) => committed / (echo + puback));

export const perSecond = (count: number, ms: number): number => (count * 1000) / ms;
