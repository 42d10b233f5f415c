import type { Kind } from '../actors/rights/pools.ts';
import { sorted } from './read.ts';
import type { Allocation, Cap, Kept, Promotion, Rules, Scope } from './schema.ts';
import { specificity } from './scope.ts';

export interface Named<Rule> {
  readonly id: string;
  readonly rule: Rule;
}

/** Rules of each sort, those first that count before others: ranked once for all goods. */
export interface RankedRules {
  readonly rules: Rules;
  readonly allocations: Readonly<Record<Kind, readonly Named<Allocation>[]>>;
  readonly promotions: readonly Named<Promotion>[];
  readonly presale: readonly Named<Cap>[];
  readonly oversell: readonly Named<Cap>[];
  readonly safety: readonly Named<Kept>[];
  readonly buffers: readonly Named<Kept>[];
}

export function rank(rules: Rules): RankedRules {
  const allocations = ranked(rules.allocations);
  const ofKind = (kind: Kind) => allocations.filter(({ rule }) => rule.kind === kind);
  return {
    rules,
    allocations: {
      stock: ofKind('stock'),
      presale: ofKind('presale'),
      oversell: ofKind('oversell'),
    },
    promotions: ranked(rules.promotions),
    presale: ranked(rules.presale),
    oversell: ranked(rules.oversell),
    safety: ranked(rules.safety),
    buffers: ranked(rules.buffers),
  };
}

type Ranked = Scope & { readonly priority?: number | undefined; readonly window?: unknown };

/** The most specific first, then by priority, then by id. */
const ranked = <Rule extends Ranked>(map: Readonly<Record<string, Rule>>): Named<Rule>[] =>
  sorted(map)
    .map(([id, rule]) => ({ id, rule }))
    .sort(
      (a, b) =>
        specificity(b.rule) - specificity(a.rule) ||
        (b.rule.priority ?? 0) - (a.rule.priority ?? 0),
    );
