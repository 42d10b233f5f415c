import { slotOf } from '../../engine/subjects.ts';
import type { Aggregator } from '../aggregator.ts';
import { type AsOf, asOf } from '../as-of.ts';
import type { ServiceContext } from './context.ts';

export interface Freshness {
  /** One entry a shard that the answer depends on. */
  readonly asOf: readonly (AsOf & { readonly state: string })[];
  /**
   * The answer has everything that was committed up to so long ago, ms: near 0
   * while the centre keeps up, growing while a region is cut off or a shard is
   * broken. Null if the centre has never caught up since it started.
   */
  readonly ageMs: number | null;
}

/** How fresh figures are: of one warehouse's shard, or of all. */
export function freshness(context: ServiceContext, warehouse?: string): Freshness {
  const { aggregators, clock } = context;
  const concerned =
    warehouse === undefined
      ? aggregators
      : aggregators.filter((a) => hasWarehouse(context, a, warehouse));
  const nowMs = clock.monoMs();
  const ages = concerned.map(({ caughtUpMs }) =>
    caughtUpMs === undefined ? null : nowMs - caughtUpMs,
  );
  return {
    asOf: concerned.map((a) => ({ ...asOf(a, a.memory), state: a.state.kind })),
    ageMs: ages.includes(null) ? null : Math.round(Math.max(0, ...(ages as number[]))),
  };
}

/** A warehouse of no region that is known counts as one of each. */
function hasWarehouse(
  { shards, regionOf }: ServiceContext,
  { region, shard }: Aggregator,
  warehouse: string,
): boolean {
  const home = regionOf(warehouse);
  return (home === undefined || home === region) && shard === slotOf(warehouse, shards);
}
