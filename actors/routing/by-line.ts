import { assignmentOf, type Share } from './assign.ts';
import type { Candidate, Instance } from './instance.ts';
import type { Assignment } from './types.ts';

/**
 * Each line by itself from the nearest candidate that has it, or from the one that has most of it; ties by name. What most
 * systems do, and what the score is held against. Undefined where that takes too many warehouses, or there is too little.
 */
export function byLine(instance: Instance, method: 'nearest' | 'fullest'): Assignment | undefined {
  const { order, policy, units, isDivided, candidates } = instance;
  const shares: Share[] = [];
  for (const [line, { qty }] of order.lines.entries()) {
    const has = (s: number): number => units[s * order.lines.length + line] as number;
    const before = (a: number, b: number): number => {
      const [x, y] = [candidates[a] as Candidate, candidates[b] as Candidate];
      const first = method === 'nearest' ? x.countedKm - y.countedKm : has(b) - has(a);
      return first || (x.site.name < y.site.name ? -1 : 1);
    };
    let left = qty;
    for (const candidate of [...candidates.keys()].sort(before)) {
      const some = Math.min(left, has(candidate));
      if (some <= 0 || (some < qty && !isDivided[line])) continue;
      shares.push({ candidate, line, qty: some });
      left -= some;
      if (left === 0) break;
    }
    if (left > 0) return undefined;
  }
  const used = new Set(shares.map(({ candidate }) => candidate));
  return used.size > policy.maxWarehouses ? undefined : assignmentOf(instance, shares);
}
