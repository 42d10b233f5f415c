/** A value over time, such as the memory of a process. */
export interface Sample {
  readonly atS: number;
  readonly value: number;
}

export interface Trend {
  /** Middle of the second tenth: the first is the start. */
  readonly begin: number;
  /** Middle of the last tenth. */
  readonly end: number;
  /** By least squares from the second tenth on, per hour. */
  readonly perHour: number;
}

const PARTS = 10;

/** Throws where there are too few to say anything. */
export function trendOf(samples: readonly Sample[]): Trend {
  const part = Math.floor(samples.length / PARTS);
  if (part < 1) throw new RangeError(`${samples.length} samples are too few for a trend`);
  const settled = samples.slice(part);
  return {
    begin: middle(settled.slice(0, part)),
    end: middle(settled.slice(-part)),
    perHour: slope(settled) * 3600,
  };
}

/** Whether it has not grown by more than a share of what it was, plus what such a figure varies by at rest. */
export const isFlat = ({ begin, end }: Trend, share: number, slack: number): boolean =>
  end <= begin * (1 + share) + slack;

function middle(samples: readonly Sample[]): number {
  const values = samples.map(({ value }) => value).sort((a, b) => a - b);
  return values[values.length >> 1] as number;
}

/** Per second. */
function slope(samples: readonly Sample[]): number {
  const meanAt = mean(samples.map(({ atS }) => atS));
  const meanValue = mean(samples.map(({ value }) => value));
  let above = 0;
  let below = 0;
  for (const { atS, value } of samples) {
    above += (atS - meanAt) * (value - meanValue);
    below += (atS - meanAt) ** 2;
  }
  return below === 0 ? 0 : above / below;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
