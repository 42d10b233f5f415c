import { type HoldId, isRights, PRESALE, RIGHTS } from '../ids.ts';
import { aheadOf } from './ahead.ts';
import {
  ALLOCATED,
  type Balances,
  BLOCKED,
  GRANTED,
  PACKED,
  PICKED,
  RECEIVING,
  SAFETY,
  SHELF,
  TRANSIT,
  WAITING,
  WIDTH,
  widen,
} from './balances.ts';
import { QUALIFIED, type Quality } from './commands.ts';
import { Detail } from './detail.ts';
import { type EventKind, holdsOf, type Shift, type StockEvent, shiftedQuality } from './events.ts';
import { arrivingOf } from './goods.ts';
import { addSoft, takePromised, takeSoft } from './holds.ts';
import {
  backed,
  ENDED,
  ENDED_KEPT,
  type EndReason,
  type Hold,
  LAST,
  LAST_BUT_ONE,
  NO_SOFT,
  openHold,
  promised,
  type StockState,
} from './state.ts';

/** The only function that changes a stock actor. Deterministic. */
export function apply(state: StockState, e: StockEvent): void {
  state.seq++;
  if ((e.quality !== 0 || e.toQuality !== 0) && state.b.length === WIDTH) widen(state.b);
  const b = state.b;
  const at = e.quality * WIDTH;
  if (e.detail !== undefined) {
    state.detail ??= new Detail();
    state.detail.apply(e, state.seq);
  }
  switch (e.kind) {
    case 'received':
      add(b, at + SHELF, e.qty - e.blocked);
      add(b, at + RECEIVING, e.blocked);
      add(b, at + BLOCKED, e.blocked);
      add(b, at + TRANSIT, -e.arrived);
      break;
    case 'reserved':
      promise(state, e);
      break;
    case 'extended':
    case 'hardened':
      redate(holdOf(state, e.hold), e);
      break;
    case 'released':
    case 'expired':
      giveBack(state, e, e.qty, e.kind);
      break;
    case 'picked':
      holdOf(state, e.hold).hard -= e.qty;
      holdOf(state, e.hold).picked += e.qty;
      move(b, at + SHELF, at + PICKED, e.qty);
      break;
    case 'packed':
      holdOf(state, e.hold).picked -= e.qty;
      holdOf(state, e.hold).packed += e.qty;
      move(b, at + PICKED, at + PACKED, e.qty);
      break;
    case 'shipped':
      ship(state, e, at);
      break;
    case 'cancelled':
      cancel(state, e, at);
      break;
    case 'putBack':
      add(b, at + BLOCKED, -e.qty);
      move(b, at + RECEIVING, e.toQuality * WIDTH + SHELF, e.qty);
      break;
    case 'adjusted':
      adjust(b, e, at);
      break;
    case 'announced':
      add(b, at + TRANSIT, e.qty);
      break;
    case 'withdrawn':
      add(b, at + TRANSIT, -e.qty);
      break;
    case 'blocked':
      add(b, at + BLOCKED, e.qty);
      break;
    case 'unblocked':
      add(b, at + BLOCKED, -e.qty);
      break;
    case 'moved':
      break;
    case 'unreceived':
      add(b, at + SHELF, e.blocked - e.qty);
      add(b, at + RECEIVING, -e.blocked);
      add(b, at + BLOCKED, -e.blocked);
      add(b, at + TRANSIT, e.arrived);
      break;
    case 'unpicked':
      holdOf(state, e.hold).picked -= e.qty;
      holdOf(state, e.hold).hard += e.qty;
      move(b, at + PICKED, at + SHELF, e.qty);
      break;
    case 'unpacked':
      holdOf(state, e.hold).packed -= e.qty;
      holdOf(state, e.hold).picked += e.qty;
      move(b, at + PACKED, at + PICKED, e.qty);
      break;
    case 'reassigned':
      reassign(state, e);
      return;
    case 'shorted':
      add(b, at + BLOCKED, e.qty);
      add(b, at + ALLOCATED, -e.qty);
      setWaiting(state, holdOf(state, e.hold), holdOf(state, e.hold).waiting + e.qty);
      break;
    case 'requalified':
      move(b, at + SHELF, e.toQuality * WIDTH + SHELF, e.qty);
      break;
    case 'safetySet':
      b[at + SAFETY] = e.qty;
      break;
    case 'granted':
      grant(state, e);
      break;
    case 'regained':
      takeRights(state, e.hold, e.qty, e.waiting);
      break;
    case 'sold':
      sell(state, e);
      break;
  }
  if (state.presale > 0 && e.quality === QUALIFIED) comeOrLapse(state, e);
  const ofShifts = shiftedQuality(e);
  for (const s of e.shifts) shift(state, ofShifts, s);
  if (e.waiting > 0 || e.shifts.length > 0) requeue(state, e);
}

function open(state: StockState, e: StockEvent): void {
  state.holds ??= new Map();
  const isSoft = e.expiresAtMs > 0;
  state.holds.set(e.hold, {
    order: state.seq,
    quality: e.quality,
    doc: e.doc,
    hard: isSoft ? 0 : e.qty,
    soft: isSoft ? [{ qty: e.qty, expiresAtMs: e.expiresAtMs }] : NO_SOFT,
    waiting: e.waiting,
    presale: 0,
    oversell: 0,
    picked: 0,
    packed: 0,
    shipped: 0,
  });
}

function promise(state: StockState, e: StockEvent): void {
  open(state, e);
  add(state.b, e.quality * WIDTH + ALLOCATED, e.qty - e.waiting);
  add(state.b, e.quality * WIDTH + WAITING, e.waiting);
}

function grant(state: StockState, { hold: id, qty, waiting }: StockEvent): void {
  const isAhead = id === PRESALE;
  const coming = (state.b[TRANSIT] as number) - state.presale;
  const presale = isAhead ? Math.min(waiting, coming) : 0;
  add(state.b, GRANTED, qty - waiting);
  add(state.b, WAITING, waiting);
  state.presale += presale;
  const rights = openHold(state, id);
  if (rights !== undefined) {
    rights.hard += qty;
    rights.waiting += waiting;
    rights.presale += presale;
    return;
  }
  state.holds ??= new Map();
  state.holds.set(id, {
    ...{ order: isAhead ? LAST_BUT_ONE : LAST, quality: QUALIFIED, doc: '', hard: qty },
    ...{ soft: NO_SOFT, waiting, presale, oversell: 0, picked: 0, packed: 0, shipped: 0 },
  });
}

/** Rights are out no more. Nobody asks for a hold of rights that has ended, so it leaves nothing. */
function takeRights(state: StockState, id: HoldId, qty: number, waiting: number): void {
  const rights = holdOf(state, id);
  rights.hard -= qty;
  add(state.b, GRANTED, waiting - qty);
  setWaiting(state, rights, rights.waiting - waiting);
  if (rights.hard > 0) return;
  state.holds?.delete(id);
  if (state.holds?.size === 0) state.holds = undefined;
}

/** The hold gets the best of what the rights had behind them: stock, then goods in transit. */
function sell(state: StockState, e: StockEvent): void {
  const ofStock = e.qty - e.arrived - e.blocked;
  const rights = openHold(state, RIGHTS);
  const unbacked = ofStock - Math.min(ofStock, rights === undefined ? 0 : backed(rights));
  if (ofStock > 0) takeRights(state, RIGHTS, ofStock, unbacked);
  const ahead = openHold(state, PRESALE);
  const waiting = e.waiting - unbacked - e.blocked;
  const presale = Math.min(waiting, ahead?.presale ?? 0);
  if (ahead !== undefined && presale > 0) ahead.presale -= presale;
  if (e.arrived > 0) takeRights(state, PRESALE, e.arrived, waiting);
  promise(state, e);
  const hold = holdOf(state, e.hold);
  hold.presale = presale; // what is promised of goods in transit stays as much
  hold.oversell = e.blocked;
  state.oversell += e.blocked;
}

/** Goods in transit have come, or will not: whose they were waits for less, or for any. */
function comeOrLapse(state: StockState, e: StockEvent): void {
  if (e.kind !== 'received' && e.kind !== 'withdrawn') return;
  const transit = state.b[TRANSIT] as number;
  const arrived = e.kind === 'received' ? e.arrived : 0;
  const arriving = arrivingOf(arrived, e.blocked, transit + arrived);
  for (const [id, { served, lapsed }] of aheadOf(state, arriving) ?? []) {
    holdOf(state, id).presale -= served + lapsed;
    state.presale -= served + lapsed;
  }
}

function redate(hold: Hold, e: StockEvent): void {
  takeSoft(hold, e.qty);
  if (e.kind === 'hardened') hold.hard += e.qty;
  else addSoft(hold, e.qty, e.expiresAtMs);
}

function giveBack(state: StockState, e: StockEvent, qty: number, why: EndReason): void {
  const hold = holdOf(state, e.hold);
  takePromised(hold, qty);
  const at = hold.quality * WIDTH;
  add(state.b, at + ALLOCATED, e.waiting - qty);
  setWaiting(state, hold, hold.waiting - e.waiting);
  endIfEmpty(state, e.hold, hold, why);
}

function ship(state: StockState, e: StockEvent, at: number): void {
  const hold = holdOf(state, e.hold);
  hold.packed -= e.qty;
  hold.shipped += e.qty;
  add(state.b, at + PACKED, -e.qty);
  add(state.b, at + ALLOCATED, -e.qty);
  endIfEmpty(state, e.hold, hold, 'shipped');
}

/** Picked and packed goods wait in the receiving area until they are put back. */
function cancel(state: StockState, e: StockEvent, at: number): void {
  const hold = holdOf(state, e.hold);
  const handled = e.picked + e.packed;
  hold.picked -= e.picked;
  hold.packed -= e.packed;
  move(state.b, at + PICKED, at + RECEIVING, e.picked);
  move(state.b, at + PACKED, at + RECEIVING, e.packed);
  move(state.b, at + ALLOCATED, at + BLOCKED, handled);
  giveBack(state, e, e.qty - handled, 'cancelled');
}

function adjust(b: Balances, e: StockEvent, at: number): void {
  let picked = 0;
  let packed = 0;
  for (const s of e.shifts) {
    picked += s.picked;
    packed += s.packed;
  }
  add(b, at + SHELF, e.qty + picked + packed + e.blocked);
  add(b, at + PICKED, -picked);
  add(b, at + PACKED, -packed);
  add(b, at + RECEIVING, -e.blocked);
  add(b, at + BLOCKED, -e.blocked);
}

/** The hold that gives them up stays open, be it empty: what comes back to it finds it there. */
function reassign(state: StockState, e: StockEvent): void {
  const [gave] = e.shifts as [Shift];
  holdOf(state, gave.hold).hard -= e.qty;
  const into = openHold(state, e.hold);
  if (into === undefined) open(state, e);
  else into.hard += e.qty;
}

/** A hold gains or loses the stock behind it. */
function shift(state: StockState, quality: Quality, s: Shift): void {
  const hold = holdOf(state, s.hold);
  hold.picked -= s.picked;
  hold.packed -= s.packed;
  hold.hard += s.picked + s.packed;
  add(state.b, isRights(s.hold) ? GRANTED : quality * WIDTH + ALLOCATED, s.qty);
  const bare = s.qty - (hold.waiting - hold.presale - hold.oversell);
  if (bare > 0) takeOversold(state, hold, bare);
  setWaiting(state, hold, hold.waiting - s.qty);
}

function takeOversold(state: StockState, hold: Hold, qty: number): void {
  const some = Math.min(qty, hold.oversell);
  hold.oversell -= some;
  state.oversell -= some;
}

/** Of a promise that shrinks, what has least behind it goes first. */
function setWaiting(state: StockState, hold: Hold, waiting: number): void {
  add(state.b, hold.quality * WIDTH + WAITING, waiting - hold.waiting);
  hold.waiting = waiting;
  takeOversold(state, hold, Math.max(0, hold.presale + hold.oversell - waiting));
  if (hold.presale <= waiting) return;
  state.presale += waiting - hold.presale;
  hold.presale = waiting;
}

/** Events whose own hold may come to wait. */
const JOINING: readonly EventKind[] = ['reserved', 'shorted', 'sold', 'granted'];

/** Brings the queue in step with the holds, once an event: a receipt may serve thousands. */
function requeue(state: StockState, e: StockEvent): void {
  const queue = state.queue ?? [];
  const ids = holdsOf(e);
  const waits = (id: HoldId): boolean => (openHold(state, id)?.waiting ?? 0) > 0;
  const waiting = queue.filter((id) => !ids.has(id) || waits(id));
  const mayJoin = JOINING.includes(e.kind) || e.shifts.some((s) => s.qty < 0);
  if (mayJoin) {
    const before = new Set(waiting);
    for (const id of ids) if (!before.has(id) && waits(id)) waiting.push(id);
    waiting.sort((a, b) => holdOf(state, a).order - holdOf(state, b).order);
  }
  state.queue = waiting.length > 0 ? waiting : undefined;
}

function endIfEmpty(state: StockState, id: HoldId, hold: Hold, why: EndReason): void {
  if (promised(hold) + hold.picked + hold.packed > 0) return;
  const holds = state.holds as NonNullable<StockState['holds']>;
  state.detail?.putPins(id, undefined);
  holds.set(id, ENDED[hold.shipped > 0 ? 'shipped' : why]);
  state.ended ??= [];
  if (state.ended.push(id) > ENDED_KEPT) holds.delete(state.ended.shift() as HoldId);
}

function holdOf(state: StockState, id: HoldId): Hold {
  const hold = openHold(state, id);
  if (hold === undefined) throw new Error(`event names hold ${id}, which is not open`);
  return hold;
}

function add(b: Balances, at: number, qty: number): void {
  b[at] = (b[at] as number) + qty;
}

function move(b: Balances, from: number, to: number, qty: number): void {
  add(b, from, -qty);
  add(b, to, qty);
}
