import {
  type Cells,
  KINDS,
  type Kind,
  kindOf,
  type PoolId,
  poolsOf,
  total,
  unitsIn,
} from './pools.ts';

/** Whose sales a pool is for: a shop, an app, a marketplace. */
export type ChannelId = string;

/** A part of the goods of one SKU in one warehouse, kept for some channels. */
export interface PoolRule {
  readonly pool: PoolId;
  /**
   * `percent` of the units there were or came since the window began, less the pool's own sales in it; or so many
   * `units`, sold ones included. Percent are of what pools of units leave.
   */
  readonly part: { readonly percent: number } | { readonly units: number };
  /** Epoch ms; 0: always was. */
  readonly fromMs: number;
  /** Epoch ms, not included; 0: for ever. */
  readonly untilMs: number;
}

/** How the goods of one SKU in one warehouse are sold: the outcome of the rules that people edit. */
export interface SkuPlan {
  /** Those that are served first come first; where stock falls short, the last is cut first. The rest of the stock is shared. */
  readonly pools: readonly PoolRule[];
  /** Of the units in transit, at most so many may be promised. */
  readonly presale: number;
  /** So many units may be promised with nothing behind them. */
  readonly oversell: number;
  /** Units that are kept back from sale; undefined leaves what the warehouse has set. */
  readonly safety: number | undefined;
}

/** What home has to think of the pools of one kind, base units. */
export interface PoolFigures {
  /** Units that home may grant. */
  readonly free: number;
  /** Unsold rights that are out, by their labels. */
  readonly out: Readonly<Cells>;
  /** Sold since the window began, by label. */
  readonly sold: Readonly<Cells>;
}

/** How it stands with a pool, base units. */
export interface PoolLevel {
  readonly pool: PoolId;
  /** What the plan gives it of all there is: where that is too little, the last pools are cut. */
  readonly quota: number;
  /** What it has: unsold rights that are out, and what may still be granted. Over all pools of a kind that is all there is. */
  readonly units: number;
  /** Unsold, with selling points. */
  readonly out: number;
  /** What it would have more of its part, if what lies with others beyond theirs came back. */
  readonly lacks: number;
}

export const sharedOf = (kind: Kind): PoolId => `${kind}/shared`;

/** Nothing but what is there, shared by all. */
export const PLAIN_PLAN: SkuPlan = { pools: [], presale: 0, oversell: 0, safety: undefined };

export const isLive = ({ fromMs, untilMs }: PoolRule, nowMs: number): boolean =>
  fromMs <= nowMs && (untilMs === 0 || nowMs < untilMs);

/** The pool that a label stands for now: rights of a pool that has ended, or was never planned, are shared, where they lie. */
export function poolNow(plan: SkuPlan, label: PoolId, nowMs: number): PoolId {
  const isIts = (rule: PoolRule): boolean => rule.pool === label && isLive(rule, nowMs);
  return plan.pools.some(isIts) ? label : sharedOf(kindOf(label));
}

/**
 * What each pool of a kind has. Units that are out stay their pool's, also where it has more than it should: its level is
 * what it can sell. What is free fills the pools in turn, each as far as its quota, and the rest is shared.
 * The sum is what is free and out, whatever the plan says. Pre-sale and oversell are shared only where the plan
 * says so: else what is left is nobody's.
 */
export function poolLevels(
  plan: SkuPlan,
  kind: Kind,
  { free, out, sold }: PoolFigures,
  nowMs: number,
): PoolLevel[] {
  const rules = plan.pools.filter((rule) => kindOf(rule.pool) === kind && isLive(rule, nowMs));
  const now = (cells: Readonly<Cells>): Cells => relabelled(plan, kind, cells, nowMs);
  const [outNow, soldNow] = [now(out), now(sold)];
  const levels: PoolLevel[] = [];
  let left = free;
  const parts = quotas(rules, free, outNow, soldNow);
  const due = cut(parts, free + total(outNow));
  for (const [i, [pool, quota]] of withoutStray(parts, sharedOf(kind), free, outNow).entries()) {
    const has = unitsIn(outNow, pool);
    const more = Math.max(0, Math.min(left, quota - has));
    left -= more;
    const units = has + more;
    levels.push({ pool, quota, units, out: has, lacks: Math.max(0, (due[i]?.[1] ?? 0) - units) });
  }
  const shared = sharedOf(kind);
  if (levels.some(({ pool }) => pool === shared)) return levels;
  const has = unitsIn(outNow, shared);
  if (kind !== 'stock' && has === 0) return levels;
  const all = levels.reduce((sum, { units }) => sum + units, has + left);
  const others = parts.reduce((sum, [, quota]) => sum + quota, 0);
  const quota = kind === 'stock' ? Math.max(0, all - others) : 0;
  const units = has + (kind === 'stock' ? left : 0);
  levels.push({ pool: shared, quota, units, out: has, lacks: Math.max(0, quota - units) });
  return levels;
}

type PoolParts = readonly (readonly [PoolId, number])[];

/** What is out of a pool beyond its part is nobody else's until it comes back: until then the last pools are cut. */
function withoutStray(
  parts: PoolParts,
  shared: PoolId,
  free: number,
  out: Readonly<Cells>,
): PoolParts {
  const all = free + total(out);
  const wanted = parts.reduce((sum, [, quota]) => sum + quota, 0);
  const isPart = parts.some(([pool]) => pool === shared);
  const rest = Math.max(0, all - wanted);
  let left = isPart ? all : all - Math.max(0, unitsIn(out, shared) - rest);
  for (const [pool, quota] of parts) left -= Math.max(0, unitsIn(out, pool) - quota);
  return cut(parts, left);
}

/** In their order, as far as there is enough. */
function cut(parts: PoolParts, units: number): PoolParts {
  let left = units;
  return parts.map(([pool, quota]) => {
    const some = Math.max(0, Math.min(quota, left));
    left -= some;
    return [pool, some] as const;
  });
}

/** By the pools that their labels stand for now. */
export function relabelled(
  plan: SkuPlan,
  kind: Kind,
  cells: Readonly<Cells>,
  nowMs: number,
): Cells {
  const now: Cells = {};
  for (const label of poolsOf(cells)) {
    if (kindOf(label) !== kind) continue;
    const pool = poolNow(plan, label, nowMs);
    now[pool] = unitsIn(now, pool) + unitsIn(cells, label);
  }
  return now;
}

/** In the order of the rules. Parts in percent are rounded so that their sum is that of the whole. */
function quotas(
  rules: readonly PoolRule[],
  free: number,
  out: Readonly<Cells>,
  sold: Readonly<Cells>,
): [PoolId, number][] {
  let whole = free + total(out) + total(sold);
  const fixed = new Map<PoolId, number>();
  let left = free + total(out);
  for (const { pool, part } of rules) {
    if (!('units' in part)) continue;
    const quota = Math.min(left, Math.max(0, part.units - unitsIn(sold, pool)));
    fixed.set(pool, quota);
    left -= quota;
    whole -= quota + unitsIn(sold, pool);
  }
  let [percent, given] = [0, 0];
  return rules.map(({ pool, part }) => {
    const units = fixed.get(pool);
    if (units !== undefined || !('percent' in part)) return [pool, units ?? 0];
    percent += part.percent;
    const upTo = Math.floor((percent * whole) / 100 + 1e-9);
    const its = upTo - given;
    given = upTo;
    return [pool, Math.max(0, its - unitsIn(sold, pool))];
  });
}

/** True where two plans say the same. */
export const isSamePlan = (a: SkuPlan, b: SkuPlan): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

/** The kinds that a plan has pools of, and stock. */
export const kindsOf = (plan: SkuPlan): Kind[] =>
  KINDS.filter((kind) => kind === 'stock' || plan.pools.some(({ pool }) => kindOf(pool) === kind));
