import type { ActorKey } from '../ids.ts';
import type { Figures } from './backing.ts';
import { free, type Home, lanesOf, rightsOut } from './home.ts';
import {
  isLive,
  kindsOf,
  PLAIN_PLAN,
  type PoolFigures,
  type PoolLevel,
  type PoolRule,
  poolLevels,
  type SkuPlan,
} from './plan.ts';
import {
  addAll,
  type Cells,
  KINDS,
  type Kind,
  kindOf,
  type PoolId,
  poolsOf,
  unitsIn,
} from './pools.ts';

/** How the goods of a SKU are shared out among pools, and what had been sold when that began. */
export interface SkuPools {
  readonly plan: SkuPlan;
  /** Units ever sold, by label, when the window of parts in percent began; of units for a time, when they began. */
  readonly since: Readonly<Cells>;
}

export const planAt = ({ pools }: Home, sku: ActorKey): SkuPlan =>
  pools.get(sku)?.plan ?? PLAIN_PLAN;

/** From then on; where the pools of a kind are others, a new window of parts in percent begins. */
export function setPlan(home: Home, sku: ActorKey, plan: SkuPlan, atMs: number): void {
  const was = home.pools.get(sku);
  const since = soldOf(home, sku);
  for (const kind of was === undefined ? [] : KINDS) {
    if (isSameOf(kind, was?.plan ?? PLAIN_PLAN, plan)) keep(since, was?.since ?? {}, kind);
  }
  if (was !== undefined) goOn(since, was, plan, atMs);
  home.pools.set(sku, { plan, since });
}

function isSameOf(kind: Kind, a: SkuPlan, b: SkuPlan): boolean {
  const its = ({ pools }: SkuPlan) => pools.filter(({ pool }) => kindOf(pool) === kind);
  return JSON.stringify(its(a)) === JSON.stringify(its(b));
}

function keep(cells: Cells, before: Readonly<Cells>, kind: Kind): void {
  for (const label of poolsOf(cells)) {
    if (kindOf(label) === kind) cells[label] = unitsIn(before, label);
  }
}

/** What is left now is what parts in percent are of: after a loss, which is nobody's sale, and when a promotion begins or ends. */
export function beginWindow(home: Home, sku: ActorKey, atMs: number): void {
  const pools = home.pools.get(sku);
  if (pools === undefined) return;
  const since = soldOf(home, sku);
  goOn(since, pools, pools.plan, atMs);
  home.pools.set(sku, { plan: pools.plan, since });
}

/** So many units for a time are no more, whatever window begins meanwhile: their sales count from their own beginning until they are over. */
function goOn(since: Cells, was: SkuPools, plan: SkuPlan, atMs: number): void {
  for (const rule of plan.pools) {
    const { pool, fromMs } = rule;
    if (!isUnitsForATime(rule) || !isLive(rule, atMs) || since[pool] === undefined) continue;
    const isSame = (one: PoolRule): boolean =>
      one.pool === pool && one.fromMs === fromMs && isUnitsForATime(one);
    if (was.plan.pools.some(isSame)) since[pool] = unitsIn(was.since, pool);
  }
}

const isUnitsForATime = ({ part, untilMs }: PoolRule): boolean => 'units' in part && untilMs !== 0;

/** Units that were ever sold as rights and have come home, by label. */
function soldOf(home: Home, sku: ActorKey): Cells {
  const sold: Cells = { ...home.sold.get(sku) };
  for (const { arrived } of lanesOf(home, sku)) addAll(sold, arrived);
  return sold;
}

/** Unsold, with points or on its way, by label. */
function outBy(home: Home, sku: ActorKey): Cells {
  const out: Cells = {};
  for (const { isWrittenOff, granted, back, arrived } of lanesOf(home, sku)) {
    if (isWrittenOff) continue;
    addAll(out, granted);
    addAll(out, back, -1);
    addAll(out, arrived, -1);
  }
  return out;
}

/**
 * What each pool of a SKU has, of every kind that its plan knows or that rights are out of. Over the pools of a kind that is all
 * there is of it.
 */
export function levelsAt(
  home: Home,
  sku: ActorKey,
  figures: Figures,
  nowMs: number,
  plan = planAt(home, sku),
): PoolLevel[] {
  const out = rightsOut(home, sku);
  const known = kindsOf(plan);
  return KINDS.filter((kind) => known.includes(kind) || out[kind] > 0).flatMap((kind) =>
    levelsOfKind(home, sku, figures, plan, kind, nowMs),
  );
}

/** Unsold rights that are out beyond what the plan lets home promise of a kind: it was more when they were granted. */
export function beyondCap(
  home: Home,
  sku: ActorKey,
  { held, oversellCap }: Figures,
  kind: 'presale' | 'oversell',
): number {
  const out = rightsOut(home, sku)[kind];
  const cap = kind === 'presale' ? planAt(home, sku).presale : oversellCap;
  return Math.max(0, Math.min(out, out + held[kind] - cap));
}

/** Units that may be granted of a pool: as far as there are such, and not beyond its part. */
export function roomIn(
  home: Home,
  sku: ActorKey,
  figures: Figures,
  pool: PoolId,
  nowMs: number,
): number {
  const levels = levelsOfKind(home, sku, figures, planAt(home, sku), kindOf(pool), nowMs);
  const level = levels.find((one) => one.pool === pool);
  return level === undefined ? 0 : level.units - level.out;
}

function levelsOfKind(
  home: Home,
  sku: ActorKey,
  figures: Figures,
  plan: SkuPlan,
  kind: Kind,
  nowMs: number,
): PoolLevel[] {
  const has = freeWithin(home, sku, figures, plan)[kind];
  if (plan === PLAIN_PLAN && kind === 'stock') return plainLevels(home, sku, has);
  const { since = {} } = home.pools.get(sku) ?? {};
  const sold = soldOf(home, sku);
  for (const label of poolsOf(sold)) {
    sold[label] = unitsIn(sold, label) - unitsIn(since, label);
  }
  const all: PoolFigures = { free: has, out: outBy(home, sku), sold };
  return poolLevels(plan, kind, all, nowMs);
}

/** All of it is shared. */
function plainLevels(home: Home, sku: ActorKey, has: number): PoolLevel[] {
  const out = rightsOut(home, sku).stock;
  return [{ pool: 'stock/shared', quota: has + out, units: has + out, out, lacks: 0 }];
}

/** What home may grant of each kind, within what the plan lets it promise of goods in transit. */
function freeWithin(
  home: Home,
  sku: ActorKey,
  figures: Figures,
  plan: SkuPlan,
): Record<Kind, number> {
  const all = free(home, sku, figures);
  const promised = figures.held.presale + rightsOut(home, sku).presale;
  const most = Math.max(0, plan.presale - promised);
  return { ...all, presale: Math.min(all.presale, most) };
}
