/**
 * Divides a whole number in proportion to weights, by largest remainder; of equal remainders the first gets it.
 * The sum is the whole, unless all weights are 0: then nobody gets anything.
 */
export function apportion(whole: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  if (sum <= 0) return weights.map(() => 0);
  const exact = weights.map((weight) => (whole * weight) / sum);
  const shares = exact.map(Math.floor);
  let left = whole - shares.reduce((all, share) => all + share, 0);
  const remainder = (i: number): number => (exact[i] as number) - (shares[i] as number);
  const byRemainder = weights.map((_, i) => i).sort((a, b) => remainder(b) - remainder(a) || a - b);
  for (const i of byRemainder) {
    if (left <= 0) break;
    shares[i] = (shares[i] as number) + 1;
    left--;
  }
  return shares;
}
