import type { HoldId } from '../ids.ts';
import { type Refused, refuse } from '../outcomes.ts';
import type { Arriving } from './ahead.ts';
import { available, BLOCKED, free, get, onHand, RECEIVING, SHELF, TRANSIT } from './balances.ts';
import { choose, movesOf, namelessUnits, type Portion, type Where } from './choose.ts';
import {
  type BatchDates,
  type BlockReason,
  QUALIFIED,
  type Quality,
  type StockCommand,
} from './commands.ts';
import type { Batch, EventDetail, Move } from './detail.ts';
import { NO_SHIFTS, type Shift, type StockEvent } from './events.ts';
import { find, pickable } from './holds.ts';
import type { Line } from './line.ts';
import {
  changed,
  isAnyLot,
  isNameless,
  type LineName,
  type LotFilter,
  lineKey,
  matches,
  NO_LOT,
  type Stage,
} from './lot.ts';
import { detailOf, event, overflows } from './made.ts';
import { movePins, movesPinned, pinsOf, unpicked } from './pins.ts';
import { NO_DOING, serve, Unpinned } from './serve.ts';
import { isDetailed, type StockState } from './state.ts';
import { onSale, sumOf, takeFromSale } from './take.ts';

/** What moves goods rather than promises: ④ continued. */

export function receive(state: StockState, c: StockCommand, nowMs: number): StockEvent | Refused {
  const { arrived, untilPutaway, dates } = c.more;
  const due = get(state.b, c.quality, TRANSIT);
  if (arrived > due) return refuse('exceeds_transit', arrived, due);
  const arriving = arrivingUnits(state, c, untilPutaway ? 1 : 0);
  if ('ok' in arriving) return arriving;
  const batch = newBatch(state, c, nowMs);
  if (batch !== undefined && 'ok' in batch) return batch;
  if (overflows(state, c.qty)) return refuse('qty_overflow');
  const blocked = untilPutaway ? c.qty : 0;
  const doing = { moves: arriving, pins: [] };
  const ahead = c.quality === QUALIFIED ? arrivingOf(arrived, blocked, due) : undefined;
  const { shifts, pins } = serve(state, c.quality, c.qty - blocked, doing, {
    isFresh: true,
    arriving: ahead,
  });
  return event('received', c, c.quality, c.qty, {
    ...{ arrived, blocked, shifts },
    detail: detailOf({ moves: arriving, pins, batch: dates === undefined ? undefined : batch }),
  });
}

/** Units from outside, as the command says what they are. */
function arrivingUnits(
  state: StockState,
  c: StockCommand,
  stage: Stage,
): readonly Move[] | Refused {
  const { lot, serials } = c.more;
  const qty = c.qty || c.delta;
  const name = nameOf(stage, c.quality, lot);
  if (name.box > 0 && qty % name.box > 0) return refuse('box_closed', qty);
  const seen = serials.find((serial) => state.detail?.serials.has(serial));
  if (seen !== undefined) return refuse('serial_seen', qty, -1, seen);
  if (!maySell(state, c.quality, name)) return refuse('batch_kept');
  if (isNameless(name) && serials.length === 0) return [];
  return [{ from: '', to: lineKey(name), qty, serials }];
}

const nameOf = (stage: Stage, quality: Quality, lot: LotFilter): LineName => ({
  ...{ stage, quality, why: '', hold: '' },
  ...NO_LOT,
  ...lot,
});

/** False where units of a batch would come on sale that is kept from it. */
export const maySell = ({ detail }: StockState, quality: Quality, { batch }: LineName): boolean =>
  quality !== 0 || batch === '' || (detail?.batches.get(batch)?.kept ?? '') === '';

/** What the label says, if that is news; or that it says something else than it did. */
function newBatch(
  state: StockState,
  { quality, more: { dates, lot } }: StockCommand,
  nowMs: number,
): (Batch & { name: string }) | Refused | undefined {
  const name = lot.batch ?? '';
  if (dates === undefined || name === '') return undefined;
  const known = state.detail?.batches.get(name);
  if (known !== undefined && isDated(known)) {
    return isSame(known, dates) ? undefined : refuse('batch_differs', 0, -1, name);
  }
  const isOver = dates.sellUntilMs > 0 && dates.sellUntilMs <= nowMs;
  if (isOver && quality === 0) return refuse('batch_kept', 0, -1, name);
  // Units of it that are for sale go out of sale by a step of their own, `outdate`.
  const isSold = unitsOf(state, 0, { batch: name }) > 0;
  return { name, ...dates, kept: known?.kept || (isOver && !isSold ? 'expired' : '') };
}

const isDated = ({ startMs, expiresAtMs, sellUntilMs }: BatchDates): boolean =>
  startMs + expiresAtMs + sellUntilMs > 0;

const isSame = (a: BatchDates, b: BatchDates): boolean =>
  a.startMs === b.startMs && a.expiresAtMs === b.expiresAtMs && a.sellUntilMs === b.sellUntilMs;

const FRESH = { isFresh: true } as const;

/** Units that have to be put away first are not for sale yet. */
export const arrivingOf = (arrived: number, blocked: number, due: number): Arriving => ({
  units: blocked > 0 ? 0 : arrived,
  transit: due - arrived,
});

export function announce(state: StockState, c: StockCommand): StockEvent | Refused {
  if (overflows(state, c.qty)) return refuse('qty_overflow');
  return event('announced', c, c.quality, c.qty, {});
}

export function withdraw(state: StockState, c: StockCommand): StockEvent | Refused {
  const due = get(state.b, c.quality, TRANSIT);
  if (c.qty > due) return refuse('exceeds_transit', c.qty, due);
  if (c.quality !== QUALIFIED) return event('withdrawn', c, c.quality, c.qty, {});
  const ahead = { units: 0, transit: due - c.qty };
  const { shifts, pins } = serve(state, c.quality, 0, NO_DOING, { arriving: ahead });
  return event('withdrawn', c, c.quality, c.qty, { shifts, detail: detailOf({ pins }) });
}

/**
 * Keeps units on the shelf from sale; where too few are free, promised ones, the newest promise
 * first. Of a whole batch (no quantity, and nothing else told): whatever comes of it later, too.
 */
export function block(state: StockState, c: StockCommand): StockEvent | Refused {
  const { lot, why } = c.more;
  const batch = wholeBatch(state, c, why);
  const qty = c.qty || unitsOf(state, c.quality, lot);
  const here = onSale(state.b, c.quality);
  if (qty > here) return refuse('exceeds_on_hand', qty, here);
  if (qty === 0 && batch === undefined) return refuse('wrong_place', 1, 0);
  return keep(state, c, qty, why, batch);
}

function keep(
  state: StockState,
  c: StockCommand,
  qty: number,
  why: BlockReason | '',
  batch: EventDetail['batch'],
  among?: readonly Line[],
): StockEvent | Refused {
  const where = { stage: 0, quality: c.quality, ...(among && { among }) } as const;
  const taken = takeFromSale(state, c, qty, where, (name) => ({ ...name, why }));
  if ('ok' in taken) return taken;
  const { waiting, shifts, moves, pins } = taken;
  return event('blocked', c, c.quality, qty, {
    ...{ waiting, shifts, why },
    detail: detailOf({ moves, pins, batch }),
  });
}

/** What is known of a batch from now on, where the step is about all of it that could be sold. */
function wholeBatch(
  { detail }: StockState,
  { qty, quality, more: { lot, serials } }: StockCommand,
  kept: BlockReason | '',
): EventDetail['batch'] {
  const isAll = qty === 0 && quality === 0 && serials.length === 0;
  const isWhole = isAll && Object.keys(lot).join() === 'batch';
  if (!isWhole || lot.batch === undefined || lot.batch === '') return undefined;
  if (kept === 'missing' || kept === 'approval') return undefined;
  const { startMs, expiresAtMs, sellUntilMs } = detail?.batches.get(lot.batch) ?? NO_DATES;
  return { name: lot.batch, startMs, expiresAtMs, sellUntilMs, kept };
}

const NO_DATES: BatchDates = { startMs: 0, expiresAtMs: 0, sellUntilMs: 0 };

/** Units for sale that match, those of promises included. */
function unitsOf(state: StockState, quality: Quality, lot: LotFilter): number {
  let units = matches(NO_LOT, lot) ? namelessUnits(state, { stage: 0, quality }) : 0;
  for (const line of state.detail?.inOrder(quality, lot, 'fefo') ?? []) units += line.qty;
  return units;
}

export function unblock(state: StockState, c: StockCommand): StockEvent | Refused {
  const { why, lot } = c.more;
  let blocked = 0;
  for (const line of state.detail?.find(0, c.quality, lot) ?? []) {
    if (line.why === why) blocked += line.qty;
  }
  const isKeptSo = state.detail?.batches.get(lot.batch ?? '')?.kept === why;
  const batch = isKeptSo ? wholeBatch(state, c, '') : undefined;
  if (blocked < (c.qty || 1) && batch === undefined) {
    return refuse('not_blocked', c.qty || 1, blocked);
  }
  const qty = c.qty || blocked;
  const portions = choose(state, { stage: 0, quality: c.quality, why }, qty, c.more);
  if ('ok' in portions) return portions;
  const isKept = portions.some(({ name }) => !maySell(state, c.quality, name));
  if (isKept && batch === undefined) return refuse('batch_kept');
  const moves = movesOf(portions, (name) => ({ ...name, why: '' }));
  const { shifts, pins } = serve(state, c.quality, qty, { moves, pins: [] }, FRESH);
  return event('unblocked', c, c.quality, qty, {
    ...{ why, shifts },
    detail: detailOf({ moves, pins, batch }),
  });
}

/** The shard's own: a batch whose time has come is kept from sale from now on. */
export function outdate(state: StockState, c: StockCommand, nowMs: number): StockEvent | Refused {
  const batch = state.detail?.batches.get(c.more.lot.batch ?? '');
  if (batch === undefined || batch.kept !== '' || batch.sellUntilMs > nowMs) {
    return refuse('not_blocked', 0, 0);
  }
  const among: Line[] = [];
  let isAll = true;
  for (const line of state.detail?.inOrder(c.quality, c.more.lot, 'fefo') ?? []) {
    isAll = among.length < OUTDATED_LINES;
    if (!isAll) break;
    among.push(line);
  }
  const qty = sumOf(among.map((line) => line.qty));
  const whole = isAll ? wholeBatch(state, c, 'expired') : undefined;
  return keep(state, c, qty, 'expired', whole, among);
}

/** In one event, so that it fits a record; the batch is kept from sale whole with the last of them. */
const OUTDATED_LINES = 200;

const shelfOf = ({ quality }: StockCommand): Where => ({ stage: 0, quality });

/** What was found to be of another quality. It may be promised: then the newest promises lose it. */
export function requality(state: StockState, c: StockCommand): StockEvent | Refused {
  const { toQuality } = c.more;
  const here = onSale(state.b, c.quality);
  if (c.qty > here) return refuse('exceeds_on_hand', c.qty, here);
  if (overflows(state, 0)) return refuse('qty_overflow');
  const taken = takeFromSale(state, c, c.qty, shelfOf(c), (name) => ({
    ...name,
    quality: toQuality,
  }));
  if ('ok' in taken) return taken;
  const isKept = taken.portions.some(({ name }) => !maySell(state, toQuality, name));
  const served = serve(state, toQuality, c.qty, taken, FRESH);
  const isServing = served.shifts.length > 0;
  if (taken.waiting > 0 && isServing) {
    return refuse('insufficient', c.qty, free(state.b, c.quality));
  }
  if (isKept) return refuse('batch_kept');
  const { waiting, moves } = taken;
  return event('requalified', c, c.quality, c.qty, {
    ...{ waiting, shifts: isServing ? served.shifts : taken.shifts, toQuality },
    detail: detailOf({ moves, pins: [...taken.pins, ...served.pins] }),
  });
}

/** Units lie elsewhere, or in another box or under another label, from now on. */
export function move(state: StockState, c: StockCommand): StockEvent | Refused {
  const { why, to } = c.more;
  const here = why === '' ? onSale(state.b, c.quality) : get(state.b, c.quality, SHELF);
  if (c.qty > here) return refuse('exceeds_on_hand', c.qty, here);
  const target = (name: LineName): LineName => ({ ...name, ...changed(name, to) });
  const where = { stage: 0, quality: c.quality, why } as const;
  const beyond = movesPinned(state, target);
  const portions = choose(state, where, c.qty, c.more, undefined, beyond);
  if ('ok' in portions) return portions;
  if (!fits(portions, to)) return refuse('box_closed', c.qty);
  const moving = portions.filter(({ name }) => lineKey(name) !== lineKey(target(name)));
  const doing = { moves: movesOf(moving, target), pins: movePins(state, moving, target) };
  const { shifts, pins } = serve(state, c.quality, 0, doing);
  const detail = detailOf({ ...doing, pins: [...doing.pins, ...pins] });
  return event('moved', c, c.quality, c.qty, { why, shifts, detail });
}

/** Whether whole boxes come of it, where units are put into such. */
export const fits = (portions: readonly Portion[], { box = 0 }: LotFilter): boolean =>
  box === 0 || portions.every(({ qty }) => qty % box === 0);

/** A hold's units are not where they should be: they are missing, and it gets others if there are any. */
export function short(state: StockState, c: StockCommand): StockEvent | Refused {
  const hold = find(state, c.hold);
  if ('ok' in hold) return hold;
  if (c.qty > pickable(hold)) return refuse('exceeds_hold', c.qty, pickable(hold));
  const portions = unpicked(state, c, hold, c.qty);
  if ('ok' in portions) return portions;
  const moves = movesOf(portions, (name) => ({ ...name, why: 'missing' }));
  const lost = pinsOf(state, c.hold, portions, -1);
  const most = Math.min(c.qty, available(state.b, hold.quality));
  const there = new Set(portions.map(({ name }) => lineKey(name)));
  const others = new Unpinned(state.detail, hold.quality, { moves, pins: lost });
  const pins = others.take(c.hold, most, there);
  const isPinned = state.detail?.pins.has(c.hold) === true;
  const again = isPinned ? sumOf(pins.map((pin) => pin.qty)) : most;
  return event('shorted', c, hold.quality, c.qty, {
    ...{ waiting: c.qty, why: 'missing', doc: hold.doc },
    shifts: again > 0 ? [{ hold: c.hold, qty: again, picked: 0, packed: 0 }] : NO_SHIFTS,
    detail: detailOf({ moves, pins: [...lost, ...pins] }),
  });
}

/** Goods of a cancelled pick go back to the shelf, as `quality`. */
export function putBack(state: StockState, c: StockCommand): StockEvent | Refused {
  const from = blockedQuality(state, c.quality);
  const blocked = get(state.b, from, RECEIVING);
  if (blocked < (c.qty || 1)) return refuse('nothing_to_put_back', c.qty || 1, blocked);
  const qty = c.qty || blocked;
  const shelved = (name: LineName): LineName => ({
    ...{ ...name, ...changed(name, c.more.to) },
    ...{ stage: 0, quality: c.quality },
  });
  const isDetail = isDetailed(state, c) || !isAnyLot(c.more.to);
  const portions = isDetail ? choose(state, { stage: 1, quality: from }, qty, c.more) : [];
  if ('ok' in portions) return portions;
  const isKept = portions.some(({ name }) => !maySell(state, c.quality, name));
  if (isKept) return refuse('batch_kept');
  if (!fits(portions, c.more.to)) return refuse('box_closed', qty);
  const moves = movesOf(portions, shelved);
  const { shifts, pins } = serve(state, c.quality, qty, { moves, pins: [] }, FRESH);
  return event('putBack', c, from, qty, {
    ...{ shifts, toQuality: c.quality },
    detail: detailOf({ moves, pins }),
  });
}

/** From what awaits a place of the same quality where there is any, else from the qualified ones. */
function blockedQuality(state: StockState, wanted: Quality): Quality {
  return get(state.b, wanted, RECEIVING) > 0 ? wanted : 0;
}

export function adjust(state: StockState, c: StockCommand): StockEvent | Refused {
  if (c.delta > 0) return gain(state, c);
  const lost = -c.delta;
  const kept = get(state.b, c.quality, BLOCKED) - get(state.b, c.quality, RECEIVING);
  const here = onHand(state.b, c.quality) - kept; // what is kept from sale is for sale again first
  if (lost > here) return refuse('exceeds_on_hand', lost, here);
  return lose(state, c, lost);
}

function gain(state: StockState, c: StockCommand): StockEvent | Refused {
  const moves = arrivingUnits(state, c, 0);
  if ('ok' in moves) return moves;
  if (overflows(state, c.delta)) return refuse('qty_overflow');
  const { shifts, pins } = serve(state, c.quality, c.delta, { moves, pins: [] }, FRESH);
  return event('adjusted', c, c.quality, c.delta, { shifts, detail: detailOf({ moves, pins }) });
}

/** From the shelf first; where no lot was told also picked and packed goods, and at last those that await a place. */
function lose(state: StockState, c: StockCommand, lost: number): StockEvent | Refused {
  const isNamed = !isAnyLot(c.more.lot) || c.more.serials.length > 0;
  const shelf = isNamed ? lost : Math.min(lost, onSale(state.b, c.quality));
  const handled = Math.min(lost - shelf, handledUnits(state, c.quality));
  const taken = takeFromSale(state, c, shelf, shelfOf(c), () => undefined, handled);
  if ('ok' in taken) return taken;
  const { waiting, shifts, pins } = taken;
  const blocked = lost - shelf - handled;
  const others = isDetailed(state, c) ? lostElsewhere(state, c, shifts, blocked) : [];
  if ('ok' in others) return others;
  return event('adjusted', c, c.quality, c.delta, {
    ...{ waiting, blocked, shifts },
    detail: detailOf({ moves: [...taken.moves, ...others], pins }),
  });
}

/** Picked and packed units. */
const handledUnits = ({ b }: StockState, quality: Quality): number =>
  onHand(b, quality) - get(b, quality, SHELF) - get(b, quality, RECEIVING);

/** Which picked, packed and waiting units go in a loss beyond the shelf. */
function lostElsewhere(
  state: StockState,
  c: StockCommand,
  shifts: readonly Shift[],
  blocked: number,
): readonly Move[] | Refused {
  const moves: Move[] = [];
  const { quality } = c;
  const lose = (stage: Stage, qty: number, hold?: HoldId): Refused | undefined => {
    if (qty === 0) return undefined;
    const where = hold === undefined ? { stage, quality } : { stage, quality, hold };
    const portions = choose(state, where, qty, c.more);
    if ('ok' in portions) return portions;
    moves.push(...movesOf(portions, () => undefined));
    return undefined;
  };
  for (const s of shifts) {
    const refused = lose(2, s.picked, s.hold) ?? lose(3, s.packed, s.hold);
    if (refused !== undefined) return refused;
  }
  return lose(1, blocked) ?? moves;
}
