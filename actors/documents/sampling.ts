/**
 * How many units of a lot to look at: ISO 2859-1, general inspection level II, single sampling,
 * normal inspection (the code letter of Table 1, the sample size of Table 2-A). Each pair is the
 * largest lot and its sample.
 */
const PLAN: readonly (readonly [number, number])[] = [
  [8, 2],
  [15, 3],
  [25, 5],
  [50, 8],
  [90, 13],
  [150, 20],
  [280, 32],
  [500, 50],
  [1_200, 80],
  [3_200, 125],
  [10_000, 200],
  [35_000, 315],
  [150_000, 500],
  [500_000, 800],
];
const LARGEST = 1_250;

/** `percent` of the lot, rounded up, or where that is 0 what the plan says; never more than the lot. */
export function sampleSize(lot: number, percent = 0): number {
  if (percent > 0) return Math.min(lot, Math.ceil((lot * percent) / 100));
  const row = PLAN.find(([largest]) => lot <= largest);
  return Math.min(lot, row?.[1] ?? LARGEST);
}
