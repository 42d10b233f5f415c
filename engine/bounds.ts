import type { DocumentCommand } from '../actors/documents/commands.ts';
import type { DocumentState } from '../actors/documents/states.ts';
import { type ActorKey, type HoldId, RIGHTS } from '../actors/ids.ts';
import type { Refused } from '../actors/outcomes.ts';
import type { RightsCommand } from '../actors/rights/acts.ts';
import { stepsAtHome } from '../actors/rights/home-steps.ts';
import type { Rights } from '../actors/rights/rights.ts';
import { WIDTH } from '../actors/stock/balances.ts';
import {
  type ChangeCommand,
  type EachCommand,
  type More,
  NO_MORE,
  QUALITIES,
  type StockCommand,
  type StockOp,
  stepsOf,
} from '../actors/stock/commands.ts';
import { openHold, promised, type StockState } from '../actors/stock/state.ts';
import type { Stockroom } from '../actors/stock/stockroom.ts';
import { NUMBER_BYTES, textBytes } from './msgpack.ts';
import type { Caller } from './record.ts';
import { rightsBound } from './rights-event.ts';

/**
 * Upper bounds of what a command adds to a record, bytes, as engine/record.ts
 * encodes it. A turn stops before the record could grow too large, and a command
 * that alone would be too large is refused before it is decided.
 */

const ENTRY = 64;
const CHANGE = 96;
/** Counters of all qualities. */
const ALL_BALANCES = QUALITIES.length * WIDTH;
/** Names and documents are 64 characters at most (actors/ids.ts). */
const LONGEST = textBytes('x'.repeat(64));
const SHIFT = LONGEST + 3 * NUMBER_BYTES;

/** The lease of a scanner's next task: its names are no longer than these. */
export const LEASE_BOUND = 12_288;

/** A record without its entries. */
export const RECORD_HEAD = 512;

export const callerBound = (caller: Caller): number =>
  textBytes(caller.client) + textBytes(caller.incarnation) + 3 * NUMBER_BYTES;

/** Before the decision: what it could add at most. */
export function commandBound(command: ChangeCommand, stockroom: Stockroom): number {
  if (command.op !== 'all' && command.op !== 'each')
    return ENTRY + lineBound(command, stockroom.get(command.key), 0, NO_LOTS);
  if (command.op === 'each' && command.step === 'reserve') return reservesBound(command, stockroom);
  return ENTRY + stepsBound(stepsOf(command), stockroom);
}

/** Of steps of which earlier ones may change what later ones find. */
export function stepsBound(steps: readonly StockCommand[], stockroom: Stockroom): number {
  const earlier = new Map<ActorKey, number>();
  const lots = new Map<ActorKey, Lots>();
  let sum = 0;
  for (const line of steps) {
    const before = earlier.get(line.key) ?? 0;
    const known = lots.get(line.key) ?? NO_LOTS;
    const state = stockroom.get(line.key);
    sum += lineBound(line, state, before, known);
    earlier.set(line.key, before + 1);
    lots.set(line.key, withStep(line, state, known));
  }
  return sum;
}

/** Of an act on a document, with the steps that it takes. */
export function actBound(
  c: DocumentCommand,
  steps: readonly StockCommand[],
  state: DocumentState | undefined,
  stockroom: Stockroom,
): number {
  const lines = Math.max(c.lines.length, steps.length, c.lines.length > 0 ? 0 : linesOf(state));
  const said = 6 * JSON.stringify(c).length;
  return ENTRY + ACT + said + lines * LINE + stepsBound(steps, stockroom);
}

/** Of an act on rights, with the steps on stock that it may take. */
export function rightsActBound(
  { act, at }: RightsCommand,
  rights: Rights,
  stockroom: Stockroom,
): number {
  const own = ENTRY + rightsBound(act, rights);
  return at === 'home' ? own + stepsBound(stepsAtHome(rights, act, stockroom), stockroom) : own;
}

const linesOf = (state: DocumentState | undefined): number => state?.lines.length ?? 0;

/** What an act says of its document beyond what its command does, and of each line. */
const ACT = 2_048;
const LINE = 256;

/** A reservation touches no other hold, so earlier lines make no difference. */
function reservesBound(c: EachCommand, stockroom: Stockroom): number {
  let sum = ENTRY + c.keys.length * (CHANGE + textBytes(c.doc) + textBytes(c.reason));
  for (let line = 0; line < c.keys.length; line++) {
    const key = c.keys[line] as ActorKey;
    const isWide = c.quality !== 0 || (stockroom.get(key)?.b.length ?? 0) > WIDTH;
    sum +=
      NUMBER_BYTES * (isWide ? ALL_BALANCES : WIDTH) +
      textBytes(key) +
      textBytes(c.holds[line] as HoldId);
  }
  return sum;
}

/** `earlier` lines of the same `all` may change the actor first; `lots` of them say of which units. */
function lineBound(
  c: StockCommand,
  state: StockState | undefined,
  earlier: number,
  lots: Lots,
): number {
  const isWide = c.quality !== 0 || earlier > 0 || (state !== undefined && state.b.length > WIDTH);
  return (
    CHANGE +
    NUMBER_BYTES * (isWide ? ALL_BALANCES : WIDTH) +
    textBytes(c.key) +
    textBytes(holdOf(c)) +
    docBound(c, state, earlier) +
    textBytes(c.reason) +
    SHIFT * shiftsBound(c, state, earlier) +
    linesBound(c, state, lots)
  );
}

/** What the event names: rights have a hold of their own. */
const holdOf = ({ op, hold }: StockCommand): HoldId =>
  (op === 'grant' || op === 'regain') && hold === '' ? RIGHTS : hold;

/** An event without a document of its own has its hold's. */
function docBound(c: StockCommand, state: StockState | undefined, earlier: number): number {
  if (c.doc !== '' || c.hold === '' || c.op === 'reserve' || c.op === 'sell')
    return textBytes(c.doc);
  return earlier > 0 ? LONGEST : textBytes((state && openHold(state, c.hold)?.doc) ?? '');
}

/** What earlier steps of the same command may have made known of an actor's units. */
interface Lots {
  readonly steps: number;
  readonly serials: number;
  /** Units that holds came to be pinned to, and that such holds came to wait for. */
  readonly pinned: number;
  readonly waiting: number;
  /** Of a line's name, bytes at most. */
  readonly longest: number;
}

const NO_LOTS: Lots = { steps: 0, serials: 0, pinned: 0, waiting: 0, longest: 0 };

/** What is said of units: of no more lines than there are units, or lines. */
function linesBound(c: StockCommand, state: StockState | undefined, earlier: Lots): number {
  const { more } = c;
  const detail = state?.detail;
  if (c.op === 'grant' || c.op === 'sell') return 0;
  if (more === NO_MORE && detail === undefined && earlier.steps === 0) return 0;
  const said = LINE_HEAD + moreBound(more);
  const name = nameBound(c, state, earlier);
  const pin = name + LONGEST + NUMBER_BYTES;
  const served = servedUnits(state, earlier) * pin;
  if (c.op === 'receive' || c.op === 'regain' || (c.op === 'adjust' && c.delta > 0))
    return said + name + served;
  const lines = 1 + earlier.steps + (detail?.lines.size ?? 0);
  const units = unitsOf(c, state);
  const pins = (detail?.claims.size ?? 0) + earlier.pinned + earlier.waiting;
  const serials = earlier.serials + (detail?.serials.size ?? 0);
  // A move has two names, a pin one; a pin that goes along, or finds other units, is given up and made again.
  const moved = Math.min(units, lines) * (2 * name + NUMBER_BYTES);
  const pinned = (Math.min(units, pins) + Math.min(units, pinnedUnits(state, earlier))) * pin;
  return said + moved + pinned + served + 2 * Math.min(units, serials) * LONGEST;
}

/** Units that a step takes at most; all there are where it does not say. */
function unitsOf({ op, qty, delta, hold }: StockCommand, state: StockState | undefined): number {
  if (op === 'adjust') return Math.abs(delta);
  const its = qty === 0 && state !== undefined ? openHold(state, hold) : undefined;
  if (its === undefined) return qty === 0 ? Number.POSITIVE_INFINITY : qty;
  return promised(its) + its.picked + its.packed;
}

/** Units on the shelf that holds are pinned to. */
function pinnedUnits(state: StockState | undefined, earlier: Lots): number {
  let units = earlier.pinned;
  for (const { lines } of state?.detail?.pins.values() ?? [])
    for (const qty of lines.values()) units += qty;
  return units;
}

/** Units that holds wait for who are pinned, and so are told which ones they get. */
function servedUnits(state: StockState | undefined, earlier: Lots): number {
  let units = earlier.waiting;
  for (const id of state?.queue ?? []) {
    if (state?.detail?.pins.has(id) === true) units += openHold(state, id)?.waiting ?? 0;
  }
  return units;
}

/** Of the longest name that the step may tell: what a lot says may be in any. */
const nameBound = (c: StockCommand, state: StockState | undefined, earlier: Lots): number =>
  LINE_NAME +
  Math.max(3 * (state?.detail?.longest ?? 0), earlier.longest) +
  moreBound(c.more) +
  textBytes(c.hold);

const LINE_HEAD = 160;
const LINE_NAME = 32;

function withStep(c: StockCommand, state: StockState | undefined, earlier: Lots): Lots {
  if (c.more === NO_MORE && state?.detail === undefined && earlier.steps === 0) return earlier;
  const units = unitsOf(c, state);
  const lost = Math.min(units, pinnedUnits(state, earlier));
  const isNew = c.op === 'reserve' || c.op === 'unpick' || c.op === 'reassign';
  return {
    steps: earlier.steps + 1,
    serials: earlier.serials + c.more.serials.length,
    pinned: earlier.pinned + (isNew ? units : c.op === 'move' ? lost : 0),
    waiting: earlier.waiting + (c.more.backorder ? units : TAKING.includes(c.op) ? lost : 0),
    longest: Math.max(earlier.longest, nameBound(c, state, earlier)),
  };
}

/** Steps that may take units from holds that are pinned to them. */
const TAKING: readonly StockOp[] = ['adjust', 'block', 'requality', 'outdate', 'short'];

function moreBound({ lot, to, serials }: More): number {
  let sum = 0;
  for (const part of [lot, to]) {
    for (const value of Object.values(part)) sum += 2 * NUMBER_BYTES + textBytes(String(value));
  }
  for (const serial of serials) sum += 2 * textBytes(serial);
  return sum;
}

/** How many other holds the command may touch: one for each unit it frees or takes, at most. */
function shiftsBound(c: StockCommand, state: StockState | undefined, earlier: number): number {
  const holds = (state?.holds?.size ?? 0) + earlier;
  const waiting = earlier > 0 ? holds : (state?.queue?.length ?? 0);
  const served = (units: number): number => Math.min(units + pinnedHolds(state, earlier), waiting);
  switch (c.op) {
    case 'adjust':
      return c.delta < 0 ? Math.min(-c.delta, holds) : served(c.delta);
    case 'block':
    case 'outdate':
      return c.qty === 0 ? holds : Math.min(c.qty, holds);
    case 'requality':
      return Math.max(Math.min(c.qty, holds), served(c.qty));
    case 'short':
    case 'reassign':
      return 1;
    case 'safety':
    case 'withdraw':
      return waiting;
    case 'move':
    case 'unpick':
      return served(0);
    case 'unblock':
    case 'receive':
    case 'release':
    case 'expire':
    case 'cancel':
    case 'putback':
    case 'regain':
      return c.qty === 0 ? waiting : served(c.qty);
    default:
      return 0;
  }
}

/** Holds that wait for such units as they are pinned to: what was free already may serve them, too. */
function pinnedHolds(state: StockState | undefined, earlier: number): number {
  const pins = state?.detail?.pins;
  if (earlier > 0) return (pins?.size ?? 0) + earlier;
  let holds = 0;
  for (const id of (pins && state?.queue) ?? []) if (pins?.has(id)) holds++;
  return holds;
}

/** Of a command that is refused before it is decided. */
export const refusalBound = (refused: Refused): number => ENTRY + refusedBound(refused);

const refusedBound = ({ detail }: Refused): number => 6 * NUMBER_BYTES + textBytes(detail);
