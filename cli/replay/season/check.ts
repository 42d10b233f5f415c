import type { PoolsView } from '../../../engine/rights/pool-feed.ts';
import type { Stock } from './stage.ts';

/** Units by pool or channel. */
export type Units = Readonly<Record<string, number>>;

/**
 * What is wrong with what was published of pools at one moment, in words: their sum has to be what is available, and no
 * channel may publish more than its pools.
 */
export function faultsOf(view: PoolsView): string[] {
  const found: string[] = [];
  const { pools, channels, available } = view;
  let stock = 0;
  let all = 0;
  for (const [pool, units] of Object.entries(pools)) {
    if (units < 0) found.push(`${pool} has ${units}`);
    if (pool.startsWith('stock/')) stock += units;
    all += units;
  }
  if (stock !== available) found.push(`pools have ${stock}, available are ${available}`);
  for (const [channel, units] of Object.entries(channels)) {
    if (units > all) found.push(`${channel} publishes ${units} of ${all}`);
  }
  return found;
}

/** What is wrong with pools against the stock that they are of, once every sale has come home. */
export function againstStock({ available }: PoolsView, stock: Stock): string[] {
  const has = stock.available + stock.granted;
  return available === has ? [] : [`pools have ${available}, the stock ${has}`];
}

/** Where pools are not as they should be. */
export const differences = (pools: Units, expected: Units): string[] =>
  Object.entries(expected)
    .filter(([pool, units]) => (pools[pool] ?? 0) !== units)
    .map(([pool, units]) => `${pool} has ${pools[pool] ?? 0}, not ${units}`);
