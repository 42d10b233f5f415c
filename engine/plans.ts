import type { OwnerId, SkuId, WarehouseId } from '../actors/ids.ts';
import { SHARED } from '../actors/rights/acts.ts';
import type { ChannelId, SkuPlan } from '../actors/rights/plan.ts';
import { PLAIN_PLAN } from '../actors/rights/plan.ts';
import type { PoolId } from '../actors/rights/pools.ts';

/**
 * How goods are to be sold, as a port: the rules that people edit, as far as they have come here. Always there, always at
 * once; another region may know others for a while, which can cost a sale and never oversell.
 */
export interface SalesPlans {
  /** The plan of one SKU in one warehouse. */
  planOf(owner: OwnerId, sku: SkuId, warehouse: WarehouseId): SkuPlan;
  /**
   * The pools from which an order is filled, in turn; none for a channel that sells nothing there. Undefined is an order
   * without channel.
   */
  poolsOf(
    owner: OwnerId,
    channel: ChannelId | undefined,
    sku: SkuId,
    warehouse: WarehouseId,
    nowMs: number,
  ): readonly PoolId[];
  /** The channels of an owner; none where there are no rules. */
  channelsOf(owner: OwnerId): readonly ChannelId[];
  /** Called with an owner whose rules are others from now on. Returns what ends it. */
  onChange(changed: (owner: OwnerId) => void): () => void;
}

/** Without rules all goods are shared by all. */
export const NO_PLANS: SalesPlans = {
  planOf: () => PLAIN_PLAN,
  poolsOf: () => [SHARED],
  channelsOf: () => [],
  onChange: () => () => {},
};
