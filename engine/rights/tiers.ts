import type { SaleAct } from '../../actors/rights/acts.ts';
import { type Kind, kindOf } from '../../actors/rights/pools.ts';

export type Sell = Extract<SaleAct, { act: 'sell' }>;

/**
 * An order is filled from goods on hand where it can be, also if they have to come from home; else also from goods in
 * transit; else also with nothing behind it. Home is not asked for a tier that leaves a line no pool.
 */
export function tiersOf(act: Sell): readonly Sell[] {
  const has = (kind: Kind): boolean =>
    act.lines.some(({ pools }) => pools.some((pool) => kindOf(pool) === kind));
  if (!has('presale') && !has('oversell')) return [act];
  const upTo = (kinds: readonly Kind[]): Sell => ({
    ...act,
    lines: act.lines.map((line) => ({
      ...line,
      pools: line.pools.filter((pool) => kinds.includes(kindOf(pool))),
    })),
  });
  const tiers = [upTo(['stock'])];
  if (has('presale')) tiers.push(upTo(['stock', 'presale']));
  if (has('oversell')) tiers.push(act);
  return tiers.filter(({ lines }) => lines.every(({ pools }) => pools.length > 0));
}
