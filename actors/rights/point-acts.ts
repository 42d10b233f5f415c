import type { HoldId, OwnerId } from '../ids.ts';
import { type Refused, refuse } from '../outcomes.ts';
import {
  type Grant,
  type HomeName,
  type OrderLine,
  type PointAct,
  type PointEvent,
  type RightsChange,
  type RightsKey,
  type RightsOutcome,
  type SaleAct,
  SILENT,
  type Sold,
  type SoldLine,
  type Taken,
  type Told,
} from './acts.ts';
import type { Entry, Up } from './lane.ts';
import {
  cancel,
  closeLane,
  drawn,
  endLifeOf,
  freeInAll,
  giveBack,
  harden,
  laneOf,
  laneWith,
  openLane,
  type Point,
  type PointLane,
  release,
  spend,
} from './point.ts';
import { hear, MOST_ENTRIES, relicUp, unheard, up } from './point-messages.ts';
import { type IsIts, setAside, softLanes } from './point-soft.ts';
import { type Cells, kindOf, type PoolId, unitsIn } from './pools.ts';
import type { Rights } from './rights.ts';
import type { RoutedLine, RoutedOrder } from './routed.ts';
import { placeBeyond } from './within.ts';

/** What an act at a point did: nothing, with one home, or with several. */
const done = (
  rights: readonly RightsChange[],
  sold: Sold | undefined,
  told?: Told,
): RightsOutcome => ({ ok: true, changes: NO_STOCK, rights, sold, told });

const NO_STOCK: RightsOutcome['changes'] = [];

/** One text for each home, so that what is kept by it is found at once. */
const KEYS = new Map<HomeName, RightsKey>();

function keyOf(home: HomeName): RightsKey {
  let key = KEYS.get(home);
  if (key === undefined) {
    key = `of ${home}`;
    KEYS.set(home, key);
  }
  return key;
}

const homeOf = (key: RightsKey): HomeName => key.slice('of '.length) as HomeName;

/** Decides and applies an act at the selling point of that name. */
export function runAtPoint(
  rights: Rights,
  name: string,
  act: PointAct,
  nowMs: number,
): RightsOutcome | Refused {
  switch (act.act) {
    case 'sell':
      return sell(rights, name, act, nowMs);
    case 'harden':
    case 'release':
    case 'cancel':
      return change(rights, name, act);
    case 'expire':
      return expire(rights, name, act, nowMs);
    case 'sendOn': {
      const { owner, order, to } = act;
      rights.noteSentOn(owner, order, to);
      const sold: Sold = { order, did: 'sendOn', lines: [], expiresAtMs: 0 };
      return done([rights.made('orders', name, { is: 'sentOn', owner, order, to })], sold);
    }
    case 'hear': {
      const reply = hear(rights.pointAt(act.home, name), act.down);
      return withHome(rights, name, act.home, { is: 'heard', down: act.down }, reply);
    }
    case 'say': {
      const point = rights.pointAt(act.home, name);
      const left = point.relics.filter((relic) => unheard(relic).length > 0);
      const relics = left.map((relic) => relicUp(point, relic));
      const ups = [up(point, act.lanes, MOST_ENTRIES, act.after), ...relics];
      return done([], undefined, { ...SILENT, ups });
    }
    case 'wish':
    case 'close':
      return openOrClose(rights, name, act);
    case 'give':
      return give(rights, name, act);
    case 'end': {
      const changes = [...rights.points].map(([home, point]) => {
        endLifeOf(point);
        return rights.made(keyOf(home), name, { is: 'ended' });
      });
      return done(changes, undefined);
    }
  }
}

function withHome(
  rights: Rights,
  name: string,
  home: HomeName,
  event: PointEvent,
  reply?: Up,
): RightsOutcome {
  const told: Told = reply === undefined ? SILENT : { ...SILENT, ups: [reply] };
  return done([rights.made(keyOf(home), name, event)], undefined, told);
}

const nothing = done([], undefined);

/** All lines of an order, at whatever homes their goods lie, or none of it. */
function sell(
  rights: Rights,
  name: string,
  { owner, order, lines, ttlMs, routed }: Extract<PointAct, { act: 'sell' }>,
  nowMs: number,
): RightsOutcome | Refused {
  const to = rights.sentTo(owner, order);
  if (to !== undefined) return refuse('hold_exists', 0, -1, `sent on to ${to}`);
  if (isRouted(rights, owner, order)) return refuse('hold_exists', 0, -1, 'routed before');
  const lanes: PointLane[] = [];
  for (const line of lines) {
    const lane = laneWith(rights.pointAt(line.home, name), order, line);
    const why = 'ok' in lane ? lane : lanes.includes(lane) ? refuse('hold_exists') : undefined;
    if (why !== undefined) return lines.length === 1 ? why : { ...why, line: lanes.length };
    lanes.push(lane as PointLane);
  }
  const expiresAtMs = ttlMs === 0 ? 0 : nowMs + ttlMs;
  const parts: Part[] = [];
  const told: SoldLine[] = [];
  for (let i = 0; i < lines.length; i++) {
    const [line, lane] = [lines[i] as OrderLine, lanes[i] as PointLane];
    const taken = drawn(lane, line);
    const point = rights.pointAt(line.home, name);
    if (ttlMs === 0) {
      partOf(parts, line.home).push(spend(point, lane, order, taken));
    } else {
      setAside(point, lane, order, taken, expiresAtMs);
      partOf(parts, line.home).push({ lane: lane.id, taken });
    }
    told.push(soldLine(line, taken, freeInAll(lane, line.pools)));
  }
  const changes: RightsChange[] = [];
  for (const { home, taken } of parts) {
    const event: PointEvent =
      ttlMs === 0
        ? { is: 'sold', order, taken }
        : { is: 'reserved', owner, order, taken, expiresAtMs };
    changes.push(rights.made(keyOf(home), name, event));
  }
  if (routed !== undefined) {
    const state = ttlMs === 0 ? 'sold' : 'soft';
    const its = lines.map(({ home, sku, qty }): RoutedLine => [home, sku, qty]);
    const known = { ...routed, lines: its, atMs: nowMs, state } as const;
    rights.routed.remember(owner, order, known);
    changes.push(rights.made('orders', name, { is: 'routed', owner, order, routed: known }));
  }
  const did = ttlMs === 0 ? 'sell' : 'reserve';
  return done(changes, { order, did, lines: told, expiresAtMs });
}

/** Nearly always of stock alone. */
export function soldLine(
  { sku, qty }: Pick<OrderLine, 'sku' | 'qty'>,
  taken: Readonly<Cells>,
  left: number,
): SoldLine {
  let [presale, oversell] = [0, 0];
  for (const pool in taken) {
    const kind = kindOf(pool as PoolId);
    if (kind === 'presale') presale += unitsIn(taken, pool as PoolId);
    else if (kind === 'oversell') oversell += unitsIn(taken, pool as PoolId);
  }
  return { sku, qty, left, presale, oversell };
}

/** What an order takes at one home. */
interface Part {
  readonly home: HomeName;
  readonly taken: Taken[number][];
}

/** Where the order went is known, and it is there: sold, or still set aside. */
function isRouted(rights: Rights, owner: OwnerId, order: HoldId): boolean {
  const known = rights.routed.of(owner, order);
  return known !== undefined && (known.state !== 'soft' || softOf(rights, order, known) > 0);
}

/** Until when an order that was routed is set aside, epoch ms; 0 where it is no more. */
export function softOf(rights: Rights, order: HoldId, { lines }: RoutedOrder): number {
  let untilMs = 0;
  for (const [home, sku] of lines) {
    const point = rights.points.get(home);
    const soft = point === undefined ? undefined : laneOf(point, sku)?.soft?.get(order);
    untilMs = Math.max(untilMs, soft?.expiresAtMs ?? 0);
  }
  return untilMs;
}

/** In the order of the first line at each. */
function partOf(parts: Part[], home: HomeName): Part['taken'] {
  for (const part of parts) if (part.home === home) return part.taken;
  const taken: Part['taken'] = [];
  parts.push({ home, taken });
  return taken;
}

type Change = Extract<SaleAct, { act: 'harden' | 'release' | 'cancel' }>;

/** Makes a soft hold a sale, ends one, or asks the homes of a sale to cancel it. */
function change(rights: Rights, name: string, act: Change): RightsOutcome | Refused {
  const { owner, order, within } = act;
  const beyond = within && placeBeyond(rights.points.values(), order, ofOwner(owner), within);
  if (beyond !== undefined) return refuse('forbidden', 0, -1, `warehouse ${beyond}`);
  const changes: RightsChange[] = [];
  let why = refuse('unknown_hold');
  for (const [home, point] of rights.points) {
    const is = changeOne(point, act);
    if (typeof is === 'string') changes.push(rights.made(keyOf(home), name, { is, owner, order }));
    else if (is.code !== 'unknown_hold') why = is;
  }
  if (changes.length === 0) return act.act === 'harden' ? (soldBefore(rights, act) ?? why) : why;
  if (act.act !== 'release' && rights.routed.of(owner, order) !== undefined) {
    const state = act.act === 'harden' ? 'sold' : 'cancelled';
    rights.routed.become(owner, order, state);
    changes.push(rights.made('orders', name, { is: 'became', owner, order, state }));
  }
  return done(changes, { order, did: act.act, lines: [], expiresAtMs: 0 });
}

/** Hardened before, or sold: told again, as long as the log has it. */
function soldBefore(rights: Rights, { owner, order }: Change): RightsOutcome | Refused | undefined {
  for (const { log, orders } of rights.points.values()) {
    const sale = log.find((entry) => entry.order === order && ofOwner(owner)(entry.sku));
    if (sale === undefined) continue;
    if (orders.get(sale.sku)?.get(order)?.op === 'cancel') return refuse('hold_ended');
    return done([], { order, did: 'harden', lines: [], expiresAtMs: 0 });
  }
  return undefined;
}

function changeOne(
  point: Point,
  { act, owner, order }: Change,
): 'hardened' | 'released' | 'cancelled' | Refused {
  if (act === 'harden') {
    const entries = harden(point, order, ofOwner(owner));
    return 'ok' in entries ? entries : 'hardened';
  }
  if (act === 'cancel') return cancelAll(point, owner, order);
  return release(point, order, ofOwner(owner)) ? 'released' : refuse('unknown_hold');
}

const ofOwner =
  (owner: OwnerId): IsIts =>
  (sku) =>
    sku.startsWith(`${owner}/`);

/** Of every SKU of an order. */
function cancelAll(point: Point, owner: OwnerId, order: HoldId): 'cancelled' | Refused {
  let why: Refused | undefined;
  let isDone = false;
  const isSale = ({ op, order: its, sku }: Entry): boolean =>
    op === 'sale' && its === order && ofOwner(owner)(sku);
  for (const { sku } of point.log.filter(isSale)) {
    const entry = cancel(point, order, sku);
    if ('ok' in entry) why = entry;
    else isDone = true;
  }
  return isDone ? 'cancelled' : (why ?? refuse('unknown_hold'));
}

/** Ends what is due of an order that was set aside. */
function expire(
  rights: Rights,
  name: string,
  { owner, order }: Extract<PointAct, { act: 'expire' }>,
  nowMs: number,
): RightsOutcome {
  const changes: RightsChange[] = [];
  for (const [home, point] of rights.points) {
    const isDue = softLanes(point, order, ofOwner(owner)).some(({ soft }) => {
      const hold = soft?.get(order);
      return hold !== undefined && hold.expiresAtMs <= nowMs;
    });
    if (isDue && release(point, order, ofOwner(owner))) {
      changes.push(rights.made(keyOf(home), name, { is: 'released', owner, order }));
    }
  }
  return done(changes, undefined);
}

function openOrClose(
  rights: Rights,
  name: string,
  { act, home, skus }: Extract<PointAct, { act: 'wish' | 'close' }>,
): RightsOutcome {
  const point = rights.pointAt(home, name);
  const changed = skus.filter((sku) => {
    if (act === 'close') return closeLane(point, sku);
    const isNew = !point.current.has(sku);
    openLane(point, sku);
    return isNew && point.current.has(sku);
  });
  if (changed.length === 0) return nothing;
  return withHome(rights, name, home, { is: act === 'wish' ? 'wished' : 'closed', skus: changed });
}

function give(
  rights: Rights,
  name: string,
  { home, back }: Extract<PointAct, { act: 'give' }>,
): RightsOutcome {
  const point = rights.pointAt(home, name);
  const given: Grant[] = [];
  for (const { lane, pool, qty } of back) {
    const row = point.lanes.get(lane);
    const some = row === undefined ? 0 : giveBack(row, pool, qty);
    if (some > 0) given.push({ lane, pool, qty: some });
  }
  return given.length === 0 ? nothing : withHome(rights, name, home, { is: 'gave', back: given });
}

/** What a record says of a point is done again. */
export function applyAtPoint(
  rights: Rights,
  name: string,
  key: RightsKey,
  event: PointEvent,
): void {
  if (event.is === 'sentOn') return rights.noteSentOn(event.owner, event.order, event.to);
  if (event.is === 'routed') {
    return rights.routed.remember(event.owner, event.order, event.routed);
  }
  if (event.is === 'became') {
    return rights.routed.become(event.owner, event.order, event.state);
  }
  const point = rights.pointAt(homeOf(key), name);
  switch (event.is) {
    case 'sold':
      for (const { lane, taken } of event.taken) {
        spend(point, point.lanes.get(lane) as PointLane, event.order, taken);
      }
      return;
    case 'reserved': {
      const { order, expiresAtMs } = event;
      for (const { lane, taken } of event.taken) {
        setAside(point, point.lanes.get(lane) as PointLane, order, taken, expiresAtMs);
      }
      return;
    }
    case 'hardened':
      harden(point, event.order, ofOwner(event.owner));
      return;
    case 'released':
      release(point, event.order, ofOwner(event.owner));
      return;
    case 'cancelled':
      cancelAll(point, event.owner, event.order);
      return;
    case 'heard':
      hear(point, event.down);
      return;
    case 'wished':
      for (const sku of event.skus) openLane(point, sku);
      return;
    case 'closed':
      for (const sku of event.skus) closeLane(point, sku);
      return;
    case 'gave':
      for (const { lane, pool, qty } of event.back) {
        giveBack(point.lanes.get(lane) as PointLane, pool, qty);
      }
      return;
    case 'ended':
      return endLifeOf(point);
  }
}
