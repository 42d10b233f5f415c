import type { Shares } from '../../engine/scheduling/messages.ts';
import { SCHEDULING } from './policy.ts';

/** Units sold, by seller. */
export type Units = ReadonlyMap<string, number>;

/** An owner's shares over all its SKUs, close to equal parts where it sold little. They sum to 1. */
export const overallShares = (units: Units, sellers: readonly string[]): Shares =>
  blend(units, sellers, () => 1 / sellers.length, SCHEDULING.equalUnits);

/** Of one SKU, close to its owner's overall ones where it sold little. They sum to 1. */
export const sharesOf = (units: Units, overall: Shares): Shares =>
  blend(units, Object.keys(overall), (seller) => partOf(overall, seller), SCHEDULING.overallUnits);

const partOf = (shares: Shares, seller: string): number =>
  Object.hasOwn(shares, seller) ? (shares[seller] as number) : 0;

function blend(
  units: Units,
  sellers: readonly string[],
  prior: (seller: string) => number,
  weight: number,
): Shares {
  const all = sellers.reduce((sum, seller) => sum + (units.get(seller) ?? 0), weight);
  const share = (seller: string) => ((units.get(seller) ?? 0) + weight * prior(seller)) / all;
  return Object.fromEntries(sellers.map((seller) => [seller, share(seller)]));
}

/** Whether any share is off by enough to be worth a message. */
export function isOff(now: Shares, then: Shares): boolean {
  const sellers = new Set([...Object.keys(now), ...Object.keys(then)]);
  const by = (seller: string): number => Math.abs(partOf(now, seller) - partOf(then, seller));
  return [...sellers].some((seller) => by(seller) >= SCHEDULING.leastChange);
}

/** Each part of the whole; undefined of nothing. */
export function partsOf(units: Readonly<Record<string, number>>): Shares | undefined {
  const all = Object.values(units).reduce((sum, one) => sum + one, 0);
  if (all <= 0) return undefined;
  return Object.fromEntries(Object.entries(units).map(([name, one]) => [name, one / all]));
}
