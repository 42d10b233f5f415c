import type { SkuId, WarehouseId } from '../actors/ids.ts';
import {
  type PoolFigures,
  type PoolLevel,
  poolLevels,
  type SkuPlan,
} from '../actors/rights/plan.ts';
import { type Cells, KINDS, type Kind, kindOf, type PoolId } from '../actors/rights/pools.ts';
import { compile, type Facts } from './compile.ts';
import { sorted } from './read.ts';

/** How it stands with the goods of a SKU in a warehouse, base units. */
export interface Figures {
  readonly sku: SkuId;
  readonly warehouse: WarehouseId;
  /** That can be sold, safety stock included. */
  readonly stock: number;
  /** Announced, and not promised to anybody. */
  readonly transit?: number;
  /** Promised with nothing behind them. */
  readonly oversold?: number;
  /** Unsold rights that are out, by pool. */
  readonly out?: Readonly<Cells>;
  /** Sold since the window began, by pool. */
  readonly sold?: Readonly<Cells>;
}

/** What a change does to one pool, base units. A pool that there is not has none. */
export interface Effect {
  readonly sku: SkuId;
  readonly warehouse: WarehouseId;
  readonly pool: PoolId;
  readonly before: number;
  readonly after: number;
}

/** What pools would have at a time if one document were replaced by another: every pool of every figure. */
export function dryRun(
  before: unknown,
  after: unknown,
  facts: Facts,
  figures: readonly Figures[],
  nowMs: number,
): Effect[] {
  const [was, will] = [compile(before, facts), compile(after, facts)];
  return figures.flatMap((figure) => {
    const { sku, warehouse } = figure;
    const then = unitsOf(was.planOf(sku, warehouse), figure, nowMs);
    const next = unitsOf(will.planOf(sku, warehouse), figure, nowMs);
    const pools = Object.keys({ ...then, ...next }).sort() as PoolId[];
    return pools.map((pool) => ({
      ...{ sku, warehouse, pool },
      before: then[pool] ?? 0,
      after: next[pool] ?? 0,
    }));
  });
}

function unitsOf(plan: SkuPlan, figures: Figures, nowMs: number): Cells {
  const levels = KINDS.flatMap((kind) => levelsOf(plan, kind, figures, nowMs));
  return Object.fromEntries(levels.map(({ pool, units }) => [pool, units]));
}

/** What is out of a kind is a part of what there is of it; safety stock is nobody's. */
function levelsOf(plan: SkuPlan, kind: Kind, figures: Figures, nowMs: number): PoolLevel[] {
  const out = ofKind(figures.out ?? {}, kind);
  const isOut = Object.values(out).reduce((sum, units) => sum + units, 0);
  const free = Math.max(0, thereOf(plan, kind, figures) - isOut);
  const of: PoolFigures = { free, out, sold: ofKind(figures.sold ?? {}, kind) };
  return poolLevels(plan, kind, of, nowMs);
}

function thereOf(plan: SkuPlan, kind: Kind, { stock, transit = 0, oversold = 0 }: Figures): number {
  if (kind === 'stock') return stock - (plan.safety ?? 0);
  return kind === 'presale' ? Math.min(plan.presale, transit) : plan.oversell - oversold;
}

const ofKind = (cells: Readonly<Cells>, kind: Kind): Cells =>
  Object.fromEntries(sorted(cells).filter(([pool]) => kindOf(pool as PoolId) === kind));
