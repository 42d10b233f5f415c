import type { Plan } from '../../rules/compile.ts';
import type { RoutingRules, RulesOf } from '../routing/rules.ts';
import { rulesOfSaid } from '../routing/said.ts';
import type { RulesThread } from './thread.ts';

/** How the rules of this node have orders routed; `otherwise` of an owner whose rules name no warehouse. */
export function routingOf(rules: Pick<RulesThread, 'planOf'>, otherwise?: RulesOf): RulesOf {
  const made = new WeakMap<Plan, { readonly rules: RoutingRules | undefined }>();
  return (owner) => {
    const plan = rules.planOf(owner);
    let known = made.get(plan);
    if (known === undefined) {
      known = { rules: rulesOfSaid(plan) };
      made.set(plan, known);
    }
    return known.rules ?? otherwise?.(owner);
  };
}
