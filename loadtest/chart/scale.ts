/** Rates differ by thousands: a step on the chart is ten times as many. */
export interface Scale {
  readonly from: number;
  readonly to: number;
  /** Pixels from the left end of the scale; what lies below it is at 0. */
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** Whole powers of ten around all values. */
export function logScale(values: readonly number[], pixels: number): Scale {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  const at = (value: number): number =>
    (pixels * (Math.max(low, Math.log10(value)) - low)) / (high - low);
  const ticks = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
  return { from: 10 ** low, to: 10 ** high, at, ticks };
}

const UNITS = [
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** 1234567 as 1.23M: three digits, as many as a measurement is worth. */
export function short(value: number): string {
  const rounded = Number(value.toPrecision(3));
  const unit = UNITS.find(([size]) => rounded >= size);
  return unit === undefined ? String(rounded) : `${rounded / unit[0]}${unit[1]}`;
}
