import { type Refused, refuse } from '../outcomes.ts';
import { available, free } from './balances.ts';
import { choose, movesOf } from './choose.ts';
import type { StockCommand } from './commands.ts';
import type { Move } from './detail.ts';
import type { StockEvent } from './events.ts';
import {
  adjust,
  announce,
  block,
  move,
  outdate,
  putBack,
  receive,
  requality,
  short,
  unblock,
  withdraw,
} from './goods.ts';
import { grant, regain, sell } from './granted.ts';
import { dueUnits, find, pickable } from './holds.ts';
import { isAnyLot, type LineName, lineName } from './lot.ts';
import { detailOf, event, overflows, promiseEvent } from './made.ts';
import { pinnable, pinsOf, reassignedPins, reservePinned, unpicked, unpin } from './pins.ts';
import { unpack, unpick, unreceive } from './reverse.ts';
import { NO_DOING, serve } from './serve.ts';
import { type Hold, isDetailed, isOpen, promised, type StockState, softUnits } from './state.ts';

/** A device may be this far ahead of the node, ms. */
export const CLOCK_AHEAD_MS = 5 * 60_000;

/**
 * ④ The one switch: what a command does to one stock actor, or why it does
 * nothing (S8: refusals in the catalogue's order). Reads `state`, changes nothing.
 */
export function decide(state: StockState, c: StockCommand, nowMs: number): StockEvent | Refused {
  if (c.occurredAtMs > nowMs + CLOCK_AHEAD_MS) return refuse('clock_ahead');
  switch (c.op) {
    case 'receive':
      return receive(state, c, nowMs);
    case 'reserve':
      return reserve(state, c, nowMs);
    case 'extend':
    case 'harden':
      return redate(state, c, nowMs);
    case 'release':
      return release(state, c);
    case 'expire':
      return expire(state, c, nowMs);
    case 'pick':
      return pick(state, c);
    case 'pack':
      return pack(state, c);
    case 'ship':
      return ship(state, c);
    case 'cancel':
      return cancel(state, c);
    case 'putback':
      return putBack(state, c);
    case 'adjust':
      return adjust(state, c);
    case 'announce':
      return announce(state, c);
    case 'withdraw':
      return withdraw(state, c);
    case 'block':
      return block(state, c);
    case 'unblock':
      return unblock(state, c);
    case 'requality':
      return requality(state, c);
    case 'safety':
      return setSafety(state, c);
    case 'move':
      return move(state, c);
    case 'short':
      return short(state, c);
    case 'unreceive':
      return unreceive(state, c);
    case 'unpick':
      return unpick(state, c);
    case 'unpack':
      return unpack(state, c);
    case 'reassign':
      return reassign(state, c);
    case 'outdate':
      return outdate(state, c, nowMs);
    case 'grant':
      return grant(state, c);
    case 'regain':
      return regain(state, c);
    case 'sell':
      return sell(state, c);
  }
}

function reserve(state: StockState, c: StockCommand, nowMs: number): StockEvent | Refused {
  if (state.holds?.has(c.hold)) return refuse('hold_exists');
  const { more } = c;
  const all = more.useSafety ? free(state.b, c.quality) : available(state.b, c.quality);
  const can = isAnyLot(more.lot) ? all : Math.min(all, pinnable(state, c));
  const mayLack = ((c.partial && can > 0) || more.backorder) && more.serials.length === 0;
  if (can < c.qty && !mayLack) return refuse('insufficient', c.qty, can);
  const expiresAtMs = c.ttlMs === 0 ? 0 : nowMs + c.ttlMs;
  const backed = Math.min(c.qty, can);
  const waiting = more.backorder ? c.qty - backed : 0;
  if (waiting > 0 && overflows(state, waiting)) return refuse('qty_overflow');
  const isPinned = !isAnyLot(more.lot) || more.serials.length > 0;
  if (isPinned) return reservePinned(state, c, backed, waiting, expiresAtMs);
  return promiseEvent('reserved', c, c.quality, backed + waiting, waiting, expiresAtMs, '');
}

/** What it no longer keeps back goes to those who wait. */
function setSafety(state: StockState, c: StockCommand): StockEvent {
  const freed = Math.max(0, free(state.b, c.quality) - c.qty) - available(state.b, c.quality);
  const { shifts, pins } = serve(state, c.quality, freed, NO_DOING);
  return event('safetySet', c, c.quality, c.qty, { shifts, detail: detailOf({ pins }) });
}

function redate(state: StockState, c: StockCommand, nowMs: number): StockEvent | Refused {
  const hold = find(state, c.hold);
  if ('ok' in hold) return hold;
  const soft = softUnits(hold);
  if (soft === 0) return refuse('hold_hard');
  if (c.qty > soft) return refuse('exceeds_hold', c.qty, soft);
  const kind = c.op === 'extend' ? 'extended' : 'hardened';
  const expiresAtMs = c.op === 'extend' ? nowMs + c.ttlMs : 0;
  return event(kind, c, hold.quality, c.qty || soft, { expiresAtMs, doc: hold.doc });
}

function release(state: StockState, c: StockCommand): StockEvent | Refused {
  const hold = find(state, c.hold);
  if ('ok' in hold) return hold;
  const can = promised(hold);
  const further = hold.picked + hold.packed;
  if (can < (c.qty || 1)) {
    return c.qty > can + further
      ? refuse('exceeds_hold', c.qty, can)
      : refuse('already_picked', c.qty, can);
  }
  const qty = c.qty || can;
  if (c.more.serials.length > 0) {
    const refused = notItsSerials(state, c, qty);
    if (refused !== undefined) return refused;
  }
  return giveBack(state, c, hold, 'released', qty);
}

/** Why these serials cannot be what a hold gives up. */
function notItsSerials(
  { detail }: StockState,
  { hold, more: { serials } }: StockCommand,
  qty: number,
): Refused | undefined {
  const other = serials.find((serial) => detail?.claims.held.get(serial) !== hold);
  if (other !== undefined) return refuse('serial_unknown', qty, -1, other);
  return serials.length === qty ? undefined : refuse('serial_needed', qty, serials.length);
}

/** Ends the soft parts that are due; a hold that has none is left alone. */
function expire(state: StockState, c: StockCommand, nowMs: number): StockEvent | Refused {
  const hold = find(state, c.hold);
  if ('ok' in hold) return hold;
  const due = dueUnits(hold, nowMs);
  if (due === 0) return refuse('hold_hard');
  return giveBack(state, c, hold, 'expired', due);
}

function giveBack(
  state: StockState,
  c: StockCommand,
  hold: Hold,
  kind: 'released' | 'expired',
  qty: number,
): StockEvent {
  if (state.detail === undefined) {
    const waiting = Math.min(qty, hold.waiting);
    if (state.queue === undefined)
      return promiseEvent(kind, c, hold.quality, qty, waiting, 0, hold.doc);
    const { shifts } = serve(state, hold.quality, qty - waiting, NO_DOING, { leaving: c.hold });
    return event(kind, c, hold.quality, qty, { waiting, shifts, doc: hold.doc });
  }
  const named = c.more.serials;
  const waiting = named.length > 0 ? 0 : Math.min(qty, hold.waiting);
  const freed = qty - waiting;
  const given = unpin(state, c.hold, freed, named);
  const { shifts, pins } = serve(
    state,
    hold.quality,
    freed,
    { moves: [], pins: given, named },
    { leaving: c.hold },
  );
  const detail = detailOf({ pins: [...given, ...pins], held: named });
  return event(kind, c, hold.quality, qty, { waiting, shifts, doc: hold.doc, detail });
}

function pick(state: StockState, c: StockCommand): StockEvent | Refused {
  const hold = find(state, c.hold);
  if ('ok' in hold) return hold;
  const soft = softUnits(hold);
  if (hold.hard < (c.qty || 1)) {
    return soft > 0 && c.qty <= hold.hard + soft
      ? refuse('hold_soft')
      : refuse('exceeds_hold', c.qty || 1, hold.hard);
  }
  const can = pickable(hold);
  const qty = c.qty || hold.hard;
  if (can < qty) return refuse('awaits_stock', qty, can);
  if (!isDetailed(state, c)) return event('picked', c, hold.quality, qty, { doc: hold.doc });
  const portions = unpicked(state, c, hold, qty);
  if ('ok' in portions) return portions;
  const detail = detailOf({
    pins: pinsOf(state, c.hold, portions, -1),
    moves: movesOf(portions, (name) => ({ ...name, stage: 2, hold: c.hold })),
  });
  return event('picked', c, hold.quality, qty, { doc: hold.doc, detail });
}

function pack(state: StockState, c: StockCommand): StockEvent | Refused {
  const hold = find(state, c.hold);
  if ('ok' in hold) return hold;
  if (hold.picked < (c.qty || 1)) return refuse('not_picked', c.qty || open(hold), hold.picked);
  return onward(state, c, hold, 'packed', c.qty || hold.picked);
}

function ship(state: StockState, c: StockCommand): StockEvent | Refused {
  const hold = find(state, c.hold);
  if ('ok' in hold) return hold;
  if (hold.packed < (c.qty || 1)) return refuse('not_packed', c.qty || open(hold), hold.packed);
  return onward(state, c, hold, 'shipped', c.qty || hold.packed);
}

/** Picked units are packed, or packed ones ship. */
function onward(
  state: StockState,
  c: StockCommand,
  { quality, doc }: Hold,
  kind: 'packed' | 'shipped',
  qty: number,
): StockEvent | Refused {
  if (!isDetailed(state, c)) return event(kind, c, quality, qty, { doc });
  const stage = kind === 'packed' ? 2 : 3;
  const portions = choose(state, { stage, quality, hold: c.hold }, qty, c.more);
  if ('ok' in portions) return portions;
  const moves = movesOf(portions, (name) => (stage === 2 ? { ...name, stage: 3 } : undefined));
  return event(kind, c, quality, qty, { doc, detail: detailOf({ moves }) });
}

/** Ends a hold at any stage; of a part, the least advanced units go first, or those whose serials are told. */
function cancel(state: StockState, c: StockCommand): StockEvent | Refused {
  const hold = find(state, c.hold);
  if ('ok' in hold) return hold;
  const qty = c.qty || open(hold);
  if (qty > open(hold)) return refuse('exceeds_hold', qty, open(hold));
  const share = c.more.serials.length > 0 ? shareOf(state, c) : leastAdvanced(hold, qty);
  if ('ok' in share) return share;
  const { waiting, unpicked, picked, packed } = share;
  const moves = handedBack(state, c, hold, share);
  if ('ok' in moves) return moves;
  const given = unpin(state, c.hold, unpicked, share.named[0]);
  const { shifts, pins } = serve(
    state,
    hold.quality,
    unpicked,
    { moves, pins: given, named: share.named[0] },
    { leaving: c.hold },
  );
  return event('cancelled', c, hold.quality, qty, {
    ...{ waiting, picked, packed, doc: hold.doc, shifts },
    detail: detailOf({ moves, pins: [...given, ...pins], held: share.named[0] }),
  });
}

/** Units of a hold by what has become of them: waiting for stock, on the shelf, picked, packed. */
interface Share {
  readonly waiting: number;
  readonly unpicked: number;
  readonly picked: number;
  readonly packed: number;
  /** Serials of those on the shelf, picked and packed, where they are told. */
  readonly named: readonly [readonly string[], readonly string[], readonly string[]];
}

function leastAdvanced(hold: Hold, qty: number): Share {
  const waiting = Math.min(qty, hold.waiting);
  const unpicked = Math.min(qty, promised(hold)) - waiting;
  const picked = Math.min(qty - waiting - unpicked, hold.picked);
  const packed = qty - waiting - unpicked - picked;
  return { waiting, unpicked, picked, packed, named: [[], [], []] };
}

/** Where a hold has those serials. */
function shareOf({ detail }: StockState, c: StockCommand): Share | Refused {
  const { serials } = c.more;
  if (serials.length !== c.qty) return refuse('serial_needed', c.qty, serials.length);
  const named: [string[], string[], string[]] = [[], [], []];
  for (const serial of serials) {
    const at = detail?.serials.get(serial);
    const name = at === undefined ? undefined : lineName(at);
    if (detail?.claims.held.get(serial) === c.hold) named[0].push(serial);
    else if (name?.hold === c.hold) named[name.stage === 2 ? 1 : 2].push(serial);
    else return refuse('serial_unknown', c.qty, -1, serial);
  }
  const [unpicked, picked, packed] = named.map((of) => of.length) as [number, number, number];
  return { waiting: 0, unpicked, picked, packed, named };
}

/** Where the picked and packed units of a cancelled hold go: to wait for a place. */
function handedBack(
  state: StockState,
  c: StockCommand,
  { quality }: Hold,
  { picked, packed, named }: Share,
): readonly Move[] | Refused {
  if (!isDetailed(state, c)) return [];
  const moves: Move[] = [];
  for (const [stage, qty, serials] of [
    [2, picked, named[1]],
    [3, packed, named[2]],
  ] as const) {
    if (qty === 0) continue;
    const portions = choose(state, { stage, quality, hold: c.hold }, qty, { ...c.more, serials });
    if ('ok' in portions) return portions;
    const waiting = (name: LineName): LineName => ({ ...name, stage: 1, hold: '', location: '' });
    moves.push(...movesOf(portions, waiting));
  }
  return moves;
}

/** Units with stock behind them go from one hold to another, new or not, and are promised throughout. */
function reassign(state: StockState, c: StockCommand): StockEvent | Refused {
  const from = find(state, c.more.fromHold);
  if ('ok' in from) return from;
  const into = state.holds?.get(c.hold);
  if (into !== undefined && !isOpen(into)) return refuse('hold_ended');
  if (into !== undefined && into.quality !== from.quality) return refuse('hold_exists');
  const can = pickable(from);
  if (can < (c.qty || 1) && !(c.partial && can > 0)) return refuse('insufficient', c.qty || 1, can);
  const qty = c.qty === 0 ? can : Math.min(c.qty, can);
  const detail = reassignedPins(state, c, qty);
  if (detail !== undefined && 'ok' in detail) return detail;
  return event('reassigned', c, from.quality, qty, {
    ...{ doc: into?.doc ?? '', detail },
    shifts: [{ hold: c.more.fromHold, qty: -qty, picked: 0, packed: 0 }],
  });
}

const open = (hold: Hold): number => promised(hold) + hold.picked + hold.packed;
