import type { OwnerId } from '../../actors/ids.ts';
import type { SalesPlans } from '../plans.ts';
import type { RulesThread } from './thread.ts';

/** What the rules of this node come to, for who sells. */
export const plansOf = (rules: Pick<RulesThread, 'planOf' | 'onChange'>): SalesPlans => ({
  planOf: (owner, sku, warehouse) => rules.planOf(owner).planOf(sku, warehouse),
  poolsOf: (owner, channel, sku, warehouse, nowMs) =>
    rules.planOf(owner).poolsOf(channel, sku, warehouse, nowMs),
  channelsOf: (owner) => Object.keys(rules.planOf(owner).channels).sort(),
  onChange: (changed: (owner: OwnerId) => void) => rules.onChange(changed),
});
