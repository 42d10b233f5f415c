import type { HoldId } from '../ids.ts';
import { type Refused, refuse } from '../outcomes.ts';
import {
  available,
  type Balances,
  BLOCKED,
  free,
  get,
  onHand,
  RECEIVING,
  SHELF,
  TRANSIT,
  WAITING,
} from './balances.ts';
import type { BlockReason, Quality, StockCommand } from './commands.ts';
import { type EventKind, NO_SHIFTS, type Shift, type StockEvent } from './events.ts';
import { dueUnits, pickable, serveWaiting, takeBacking } from './holds.ts';
import { blockKey, type Hold, isOpen, promised, type StockState, softUnits } from './state.ts';

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
      return receive(state, c);
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
      return event('safetySet', c, c.quality, c.qty, {});
  }
}

function receive(state: StockState, c: StockCommand): StockEvent | Refused {
  const { arrived, untilPutaway } = c.more;
  const due = get(state.b, c.quality, TRANSIT);
  if (arrived > due) return refuse('exceeds_transit', arrived, due);
  if (overflows(state, c.qty)) return refuse('qty_overflow');
  const blocked = untilPutaway ? c.qty : 0;
  return event('received', c, c.quality, c.qty, {
    arrived,
    blocked,
    shifts: serveWaiting(state, c.quality, c.qty - blocked),
  });
}

function announce(state: StockState, c: StockCommand): StockEvent | Refused {
  if (overflows(state, c.qty)) return refuse('qty_overflow');
  return event('announced', c, c.quality, c.qty, {});
}

function withdraw(state: StockState, c: StockCommand): StockEvent | Refused {
  const due = get(state.b, c.quality, TRANSIT);
  if (c.qty > due) return refuse('exceeds_transit', c.qty, due);
  return event('withdrawn', c, c.quality, c.qty, {});
}

/** Keeps units on the shelf from sale; where too few are free, promised ones, the newest promise first. */
function block(state: StockState, c: StockCommand): StockEvent | Refused {
  const here = onSale(state.b, c.quality);
  if (c.qty > here) return refuse('exceeds_on_hand', c.qty, here);
  const { waiting, shifts } = takeBeyondFree(state, c.quality, c.qty);
  return event('blocked', c, c.quality, c.qty, { waiting, shifts, why: c.more.why });
}

function unblock(state: StockState, c: StockCommand): StockEvent | Refused {
  const { why } = c.more;
  const blocked = state.blocks?.get(blockKey(c.quality, why)) ?? 0;
  if (blocked < (c.qty || 1)) return refuse('not_blocked', c.qty || 1, blocked);
  const qty = c.qty || blocked;
  const shifts = serveWaiting(state, c.quality, qty);
  return event('unblocked', c, c.quality, qty, { shifts, why });
}

/** What was found to be of another quality. It may be promised: then the newest promises lose it. */
function requality(state: StockState, c: StockCommand): StockEvent | Refused {
  const { toQuality } = c.more;
  const here = onSale(state.b, c.quality);
  if (c.qty > here) return refuse('exceeds_on_hand', c.qty, here);
  if (overflows(state, 0)) return refuse('qty_overflow');
  const taken = takeBeyondFree(state, c.quality, c.qty);
  const serves = get(state.b, toQuality, WAITING) > 0;
  if (taken.waiting > 0 && serves) {
    return refuse('insufficient', c.qty, free(state.b, c.quality));
  }
  const shifts = serves ? serveWaiting(state, toQuality, c.qty) : taken.shifts;
  const made = event('requalified', c, c.quality, c.qty, { waiting: taken.waiting, shifts });
  return { ...made, toQuality };
}

/** Units on the shelf that are not kept from sale, promised ones included. */
const onSale = (b: Balances, quality: Quality): number =>
  get(b, quality, SHELF) - get(b, quality, BLOCKED) + get(b, quality, RECEIVING);

/** Which promises lose their stock when so many units go, beyond those that are free. */
function takeBeyondFree(
  state: StockState,
  quality: Quality,
  qty: number,
): { readonly waiting: number; readonly shifts: readonly Shift[] } {
  const promisedLost = Math.max(0, qty - free(state.b, quality));
  if (promisedLost === 0) return { waiting: 0, shifts: NO_SHIFTS };
  const shifts = takeBacking(state, quality, promisedLost);
  let waiting = 0;
  for (const s of shifts) waiting -= s.qty;
  return { waiting, shifts };
}

function reserve(state: StockState, c: StockCommand, nowMs: number): StockEvent | Refused {
  if (state.holds?.has(c.hold)) return refuse('hold_exists');
  const can = c.more.useSafety ? free(state.b, c.quality) : available(state.b, c.quality);
  if (can < c.qty && !(c.partial && can > 0)) return refuse('insufficient', c.qty, can);
  const expiresAtMs = c.ttlMs === 0 ? 0 : nowMs + c.ttlMs;
  return event('reserved', c, c.quality, Math.min(c.qty, can), { expiresAtMs });
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
  return giveBack(state, c, hold, 'released', c.qty || can);
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
  const waiting = Math.min(qty, hold.waiting);
  const shifts = serveWaiting(state, hold.quality, qty - waiting, c.hold);
  return event(kind, c, hold.quality, qty, { waiting, shifts, doc: hold.doc });
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
  return event('picked', c, hold.quality, qty, { doc: hold.doc });
}

function pack(state: StockState, c: StockCommand): StockEvent | Refused {
  const hold = find(state, c.hold);
  if ('ok' in hold) return hold;
  if (hold.picked < (c.qty || 1)) return refuse('not_picked', c.qty || open(hold), hold.picked);
  return event('packed', c, hold.quality, c.qty || hold.picked, { doc: hold.doc });
}

function ship(state: StockState, c: StockCommand): StockEvent | Refused {
  const hold = find(state, c.hold);
  if ('ok' in hold) return hold;
  if (hold.packed < (c.qty || 1)) return refuse('not_packed', c.qty || open(hold), hold.packed);
  return event('shipped', c, hold.quality, c.qty || hold.packed, { doc: hold.doc });
}

/** Ends a hold at any stage; of a part, the least advanced units go first. */
function cancel(state: StockState, c: StockCommand): StockEvent | Refused {
  const hold = find(state, c.hold);
  if ('ok' in hold) return hold;
  const qty = c.qty || open(hold);
  if (qty > open(hold)) return refuse('exceeds_hold', qty, open(hold));
  const unpicked = Math.min(qty, promised(hold));
  const waiting = Math.min(unpicked, hold.waiting);
  const picked = Math.min(qty - unpicked, hold.picked);
  return event('cancelled', c, hold.quality, qty, {
    waiting,
    picked,
    packed: qty - unpicked - picked,
    shifts: serveWaiting(state, hold.quality, unpicked - waiting, c.hold),
    doc: hold.doc,
  });
}

/** Goods of a cancelled pick go back to the shelf, as `quality`. */
function putBack(state: StockState, c: StockCommand): StockEvent | Refused {
  const from = blockedQuality(state, c.quality);
  const blocked = get(state.b, from, RECEIVING);
  if (blocked < (c.qty || 1)) return refuse('nothing_to_put_back', c.qty || 1, blocked);
  const qty = c.qty || blocked;
  const made = event('putBack', c, from, qty, { shifts: serveWaiting(state, c.quality, qty) });
  return { ...made, toQuality: c.quality };
}

/** From what awaits a place of the same quality where there is any, else from the qualified ones. */
function blockedQuality(state: StockState, wanted: Quality): Quality {
  return get(state.b, wanted, RECEIVING) > 0 ? wanted : 0;
}

function adjust(state: StockState, c: StockCommand): StockEvent | Refused {
  if (c.delta > 0) {
    if (overflows(state, c.delta)) return refuse('qty_overflow');
    const shifts = serveWaiting(state, c.quality, c.delta);
    return event('adjusted', c, c.quality, c.delta, { shifts });
  }
  const lost = -c.delta;
  const kept = get(state.b, c.quality, BLOCKED) - get(state.b, c.quality, RECEIVING);
  const here = onHand(state.b, c.quality) - kept; // what is kept from sale is for sale again first
  if (lost > here) return refuse('exceeds_on_hand', lost, here);
  const { waiting, shifts } = takeBeyondFree(state, c.quality, lost);
  const blocked = Math.max(0, lost - free(state.b, c.quality) - waiting);
  return event('adjusted', c, c.quality, c.delta, { waiting, blocked, shifts });
}

/** The open hold, or the refusal that says why there is none. */
function find(state: StockState, id: HoldId): Hold | Refused {
  const hold = state.holds?.get(id);
  if (hold === undefined) return refuse('unknown_hold');
  if (isOpen(hold)) return hold;
  return hold.ended === 'shipped' ? refuse('already_shipped') : refuse('hold_ended');
}

const open = (hold: Hold): number => promised(hold) + hold.picked + hold.packed;

/** Everything on hand, and promised beyond it, stays an exact number. */
function overflows(state: StockState, more: number): boolean {
  let sum = more;
  for (const q of [0, 1, 2, 3] as const) {
    sum += onHand(state.b, q) + get(state.b, q, WAITING) + get(state.b, q, TRANSIT);
  }
  return sum > Number.MAX_SAFE_INTEGER;
}

interface Extra {
  readonly doc?: string;
  readonly expiresAtMs?: number;
  readonly waiting?: number;
  readonly picked?: number;
  readonly packed?: number;
  readonly blocked?: number;
  readonly arrived?: number;
  readonly why?: BlockReason;
  readonly shifts?: readonly Shift[];
}

function event(
  kind: EventKind,
  c: StockCommand,
  quality: Quality,
  qty: number,
  extra: Extra,
): StockEvent {
  return {
    kind,
    hold: c.hold,
    doc: c.doc === '' ? (extra.doc ?? '') : c.doc,
    reason: c.reason,
    quality,
    toQuality: quality,
    qty,
    waiting: extra.waiting ?? 0,
    picked: extra.picked ?? 0,
    packed: extra.packed ?? 0,
    blocked: extra.blocked ?? 0,
    arrived: extra.arrived ?? 0,
    why: extra.why ?? '',
    expiresAtMs: extra.expiresAtMs ?? 0,
    occurredAtMs: c.occurredAtMs,
    shifts: extra.shifts ?? NO_SHIFTS,
  };
}
