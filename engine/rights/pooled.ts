import type { ActorKey } from '../../actors/ids.ts';
import { type Grant, type Keep, type OrderLine, SHARED } from '../../actors/rights/acts.ts';
import { type Home, isBuried, lanesOf } from '../../actors/rights/home.ts';
import { beyondCap, levelsAt, planAt, roomIn } from '../../actors/rights/home-pools.ts';
import { homeFigures } from '../../actors/rights/home-stock.ts';
import { type HomeLane, type LaneId, pointOf } from '../../actors/rights/lane.ts';
import { type PoolLevel, poolNow } from '../../actors/rights/plan.ts';
import { type Cells, type PoolId, poolsOf, unitsIn } from '../../actors/rights/pools.ts';
import type { ShardState } from '../state.ts';

/** Units of a SKU, of the pools that a channel may draw from, in turn. */
export interface Goods {
  readonly sku: ActorKey;
  readonly pools: readonly PoolId[];
}

/** What has to be told apart of a SKU: who draws from other pools waits for other units. */
export const goodsKey = ({ sku, pools }: Goods): string =>
  pools.length === 1 && pools[0] === SHARED ? sku : `${sku}\n${pools.join(',')}`;

/** {@link goodsKey} of what a line is of, at its home. */
export const lineKey = (line: OrderLine): string => `${line.home} ${goodsKey(line)}`;

/** What each pool of a SKU has, by its home. */
export const levelsNow = (
  { rights, stockroom }: ShardState,
  sku: ActorKey,
  nowMs: number,
  plan = planAt(rights.home, sku),
): PoolLevel[] => levelsAt(rights.home, sku, homeFigures(stockroom, sku, plan), nowMs, plan);

/** Rights of a kind that are out beyond what the plan lets be promised. */
export const beyondCapNow = (
  { rights: { home }, stockroom }: ShardState,
  sku: ActorKey,
  kind: 'presale' | 'oversell',
): number => beyondCap(home, sku, homeFigures(stockroom, sku, planAt(home, sku)), kind);

/** Units that home may grant of these pools. */
export function roomOf(state: ShardState, goods: Goods, nowMs: number): number {
  let room = 0;
  for (const pool of goods.pools) room += roomOfPool(state, goods.sku, pool, nowMs);
  return room;
}

function roomOfPool(
  { rights, stockroom }: ShardState,
  sku: ActorKey,
  pool: PoolId,
  nowMs: number,
): number {
  const { home } = rights;
  return roomIn(home, sku, homeFigures(stockroom, sku, planAt(home, sku)), pool, nowMs);
}

/** Grants of so many units to a lane, from the pools in turn, as far as each has some; less what is granted already. */
export function grantsOf(
  state: ShardState,
  { sku, pools }: Goods,
  lane: LaneId,
  qty: number,
  nowMs: number,
  already: readonly Grant[],
): Grant[] {
  const grants: Grant[] = [];
  let left = qty;
  for (const pool of pools) {
    const given = grantedOf(state, already, (row, to) => row.sku === sku && to === pool);
    const room = roomOfPool(state, sku, pool, nowMs) - given;
    const some = Math.min(left, room);
    if (some <= 0) continue;
    grants.push({ lane, pool, qty: some });
    left -= some;
  }
  return grants;
}

/** Units of grants that are to be made. */
export function grantedOf(
  { rights }: ShardState,
  grants: readonly Grant[],
  isIt: (lane: HomeLane, pool: PoolId) => boolean,
): number {
  let sum = 0;
  for (const { lane, pool, qty } of grants) {
    const row = rights.home.lanes.get(lane);
    if (row !== undefined && isIt(row, pool)) sum += qty;
  }
  return sum;
}

/** What points have of these pools, as far as home knows. */
export function haveOf(
  { rights }: ShardState,
  goods: Goods,
  nowMs: number,
): ReadonlyMap<string, number> {
  const have = new Map<string, number>();
  for (const lane of lanesOf(rights.home, goods.sku)) {
    if (lane.isWrittenOff) continue;
    const name = pointOf(lane.life);
    let units = have.get(name) ?? 0;
    for (const [, its] of labelled(rights.home, lane, goods, nowMs)) units += its;
    have.set(name, units);
  }
  return have;
}

/** `back` units of these pools that a point has, as what it may keep of each label: of its newest life first, which alone can hear it. */
export function keepsOf(
  { rights }: ShardState,
  goods: Goods,
  point: string,
  back: number,
  nowMs: number,
): Keep[] {
  let left = back;
  const keeps: Keep[] = [];
  for (const lane of [...lanesOf(rights.home, goods.sku)].reverse()) {
    const isIts = pointOf(lane.life) === point && lane.final === undefined;
    if (!isIts || isBuried(rights.home, lane.life) || left <= 0) continue;
    const keep: Cells = {};
    for (const [label, has] of labelled(rights.home, lane, goods, nowMs)) {
      const some = Math.min(left, has);
      if (some <= 0) continue;
      keep[label] = has - some;
      left -= some;
    }
    if (poolsOf(keep).length > 0) keeps.push({ lane: lane.id, keep });
  }
  return keeps;
}

/** What of a lane is out, by the labels that stand for these pools now; those that are drawn from last come first. */
function labelled(
  home: Home,
  { sku, granted, back, arrived }: HomeLane,
  { pools }: Goods,
  nowMs: number,
): [PoolId, number][] {
  const plan = planAt(home, sku);
  const found: [PoolId, number][] = [];
  for (const label of poolsOf(granted)) {
    if (!pools.includes(poolNow(plan, label, nowMs))) continue;
    const units = unitsIn(granted, label) - unitsIn(back, label) - unitsIn(arrived, label);
    if (units > 0) found.push([label, units]);
  }
  const place = ([label]: readonly [PoolId, number]): number => pools.indexOf(label);
  return found.sort((a, b) => place(b) - place(a));
}

/** Pools of which more is out than they should have, while another one lacks it. */
export function excessOf(levels: readonly PoolLevel[]): PoolLevel[] {
  const isLacking = levels.some(({ lacks }) => lacks > 0);
  return isLacking ? levels.filter(({ out, quota }) => out > quota) : [];
}
