import { type Refused, refuse } from '../outcomes.ts';
import type { Change, Stockroom } from '../stock/stockroom.ts';
import { type Grant, type HomeAct, type HomeEvent, SILENT, type Told } from './acts.ts';
import { type Heard, receive, tell } from './arrivals.ts';
import { grant, lifeOf, moving, type Stocks } from './home.ts';
import { beginWindow, roomIn, setPlan } from './home-pools.ts';
import { followed, stocksOf } from './home-stock.ts';
import type { Down, HomeLane, LaneId, LifeId } from './lane.ts';
import { bury, lanesToWriteOff, leave } from './lives.ts';
import { orderKey } from './point.ts';
import { addTo, type Cells, poolsOf, unitsIn } from './pools.ts';
import type { Rights } from './rights.ts';

/** What an act at home did; no event where it changed nothing. */
export interface HomeDone {
  readonly changes: readonly Change[];
  readonly event: HomeEvent | undefined;
  readonly told: Told;
}

/** Decides and applies an act at home, stock and all. */
export function runAtHome(
  rights: Rights,
  act: HomeAct,
  stockroom: Stockroom,
  nowMs: number,
): HomeDone | Refused {
  const changes: Change[] = [];
  const stocks = stocksOf(stockroom, rights, nowMs, changes);
  switch (act.act) {
    case 'hear': {
      const heard = receive(rights.home, act.up, stocks);
      const doubled = heard.doubled.map(({ order, sku }) => orderKey(order, sku));
      const event = { is: 'heard', up: act.up, doubled, atMs: nowMs } as const;
      return { changes, event, told: toldOf(heard, doubled) };
    }
    case 'share':
      return share(rights, act, stocks, nowMs, changes);
    case 'bury': {
      const { life, more, most } = act;
      const isOpen = lifeOf(rights.home, life).state === 'open';
      const rest = lanesToWriteOff(rights.home, life);
      if (!isOpen && rest.length === 0) return refuse('wrong_state');
      const lanes = rest.slice(0, most).map(({ id }) => id);
      const booked = bury(rights.home, life, stocks, lanes, more);
      const told = { ...SILENT, booked, lanesLeft: rest.length - lanes.length };
      return { changes, event: { is: 'buried', life, more, lanes }, told };
    }
    case 'pool': {
      const { plans } = act;
      for (const [sku, plan] of plans) setPlan(rights.home, sku, plan, nowMs);
      return { changes, event: { is: 'pooled', plans, atMs: nowMs }, told: SILENT };
    }
    case 'window': {
      const { skus } = act;
      for (const sku of skus) beginWindow(rights.home, sku, nowMs);
      return { changes, event: { is: 'windowed', skus, atMs: nowMs }, told: SILENT };
    }
    case 'plan': {
      const { points } = act;
      planned(rights, points);
      return { changes, event: { is: 'planned', points }, told: SILENT };
    }
    case 'leave': {
      const { point, last } = act;
      if (!leave(rights.home, point, last)) return refuse('wrong_state');
      return { changes, event: { is: 'left', point, last }, told: SILENT };
    }
    case 'settle':
      settled(rights, act.cursors);
      return { changes, event: { is: 'settled', cursors: act.cursors }, told: SILENT };
  }
}

function toldOf({ reply, late, gap }: Heard, doubled: readonly string[]): Told {
  return { ...SILENT, downs: reply === undefined ? [] : [reply], late, doubled, gap };
}

/** What its pool has left of each grant is given; then the lives that this is about are told. */
function share(
  rights: Rights,
  act: Extract<HomeAct, { act: 'share' }>,
  stocks: Stocks,
  nowMs: number,
  changes: Change[],
): HomeDone {
  const { home } = rights;
  const grants: Grant[] = [];
  for (const { lane, pool, qty } of act.grants) {
    const row = home.lanes.get(lane);
    const figures = row && stocks(row.sku).figures();
    const has = row && figures ? roomIn(home, row.sku, figures, pool, nowMs) : 0;
    const some = Math.min(qty, has);
    if (some > 0 && grant(home, lane, pool, some, stocks) === undefined) {
      grants.push({ lane, pool, qty: some });
    }
  }
  const keeps = new Map<LaneId, Cells>();
  for (const { lane, keep } of act.keeps) {
    const known = keeps.get(lane);
    keeps.set(lane, known === undefined ? keep : leastOf(known, keep));
  }
  const about = [...act.grants.map(({ lane }) => lane), ...keeps.keys(), ...act.tell];
  const downs = told(rights, about, keeps);
  const event = grants.length === 0 ? undefined : ({ is: 'granted', grants } as const);
  return { changes, event, told: { ...SILENT, downs } };
}

/** What may be kept where two wishes are about one lane: of a label that both name, the less. */
function leastOf(a: Readonly<Cells>, b: Readonly<Cells>): Cells {
  const least: Cells = { ...a };
  for (const pool of poolsOf(b)) {
    least[pool] = Math.min(unitsIn(b, pool), least[pool] ?? Number.POSITIVE_INFINITY);
  }
  return least;
}

/** One message a life about these of its lanes. */
function told(
  { home }: Rights,
  ids: readonly LaneId[],
  keeps: ReadonlyMap<LaneId, Cells>,
): readonly Down[] {
  const byLife = new Map<LifeId, Set<HomeLane>>();
  for (const id of ids) {
    const lane = home.lanes.get(id);
    if (lane === undefined) continue;
    byLife.set(lane.life, (byLife.get(lane.life) ?? new Set()).add(lane));
  }
  const downs: Down[] = [];
  for (const [life, lanes] of byLife) {
    const down = tell(home, life, lanes, keeps);
    if (down !== undefined) downs.push(down);
  }
  return downs;
}

/** Points that are new while a restored home waits may have something of it too. */
function planned({ home }: Rights, points: readonly string[]): void {
  const isWaiting = home.waiting.size > 0;
  for (const point of points) {
    if (isWaiting && !home.points.has(point)) home.waiting.add(point);
    home.points.add(point);
  }
}

function settled({ home }: Rights, cursors: readonly (readonly [LifeId, number])[]): void {
  for (const [id, cursor] of cursors) {
    const life = home.lives.get(id);
    if (life !== undefined && life.settled < cursor) life.settled = Math.min(cursor, life.cursor);
  }
}

/** What a record says of home is done again; stock is told by events of its own. */
export function applyAtHome(rights: Rights, event: HomeEvent): void {
  const { home, orders } = rights;
  const { doubled, atMs } = event.is === 'heard' ? event : NOTHING_HEARD;
  const stocks = followed(new Set(doubled), orders, atMs);
  switch (event.is) {
    case 'heard':
      receive(home, event.up, stocks);
      return;
    case 'granted':
      for (const { lane, pool, qty } of event.grants) {
        const row = home.lanes.get(lane) as HomeLane;
        moving(home, row, stocks, () => addTo(row.granted, pool, qty));
      }
      return;
    case 'buried':
      bury(home, event.life, stocks, event.lanes, event.more);
      return;
    case 'pooled':
      for (const [sku, plan] of event.plans) setPlan(home, sku, plan, event.atMs ?? 0);
      return;
    case 'windowed':
      for (const sku of event.skus) beginWindow(home, sku, event.atMs ?? 0);
      return;
    case 'planned':
      return planned(rights, event.points);
    case 'left':
      leave(home, event.point, event.last);
      return;
    case 'settled':
      return settled(rights, event.cursors);
  }
}

const NOTHING_HEARD = { doubled: [], atMs: 0 } as const;
