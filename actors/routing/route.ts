import type { Refused } from '../outcomes.ts';
import { byLine } from './by-line.ts';
import { instanceOf } from './instance.ts';
import { refusalOf } from './refusal.ts';
import { search } from './search.ts';
import type { Assignment, Figures, OrderToRoute, Routed, RoutingPolicy, Site } from './types.ts';

/**
 * Which warehouses send what of an order: the assignment with the least score, and the next best. Whole lines, unless no
 * warehouse has one whole and the policy lets it be split. The same figures give the same answer. Refused: `insufficient`.
 */
export function route(
  order: OrderToRoute,
  sites: readonly Site[],
  policy: RoutingPolicy,
  figures: Figures,
): Routed | Refused {
  const instance = instanceOf(order, sites, policy, figures);
  const found =
    policy.method === 'best'
      ? search(instance)
      : { assignments: some(byLine(instance, policy.method)), isExact: true };
  const [best, next] = found.assignments;
  if (best === undefined) {
    const able = new Set(instance.candidates.map(({ site }) => site.name));
    return refusalOf(order, sites, policy, figures, { able, isExact: found.isExact });
  }
  const considered = instance.candidates.length;
  const { isLocated } = instance;
  return { ok: true, best, next, considered, isExact: found.isExact, isLocated };
}

const some = (one: Assignment | undefined): Assignment[] => (one === undefined ? [] : [one]);
