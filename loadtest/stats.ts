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

/** The value below which a share of them lies, from 0 to 1; between two of them in proportion. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('a quantile of nothing');
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)] as number, sorted[Math.ceil(at)] as number];
  return below + (above - below) * (at - Math.floor(at));
}

/** The middle, and what lies between the lowest and the highest tenth. */
export const decilesOf = (values: readonly number[]): Spread => ({
  low: quantile(values, 0.1),
  middle: median(values),
  high: quantile(values, 0.9),
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
