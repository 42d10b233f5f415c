import type { ActorKey, HoldId } from '../actors/ids.ts';
import type { Refused } from '../actors/outcomes.ts';
import { type Balances, WIDTH } from '../actors/stock/balances.ts';
import {
  type ChangeCommand,
  type EachCommand,
  QUALITIES,
  type StockCommand,
  stepsOf,
} from '../actors/stock/commands.ts';
import { openHold, type StockState } from '../actors/stock/state.ts';
import type { Change, Stockroom } from '../actors/stock/stockroom.ts';
import { NUMBER_BYTES, textBytes } from './msgpack.ts';
import type { Caller, Entry } from './record.ts';

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

/** A record without its entries. */
export const RECORD_HEAD = 512;

export const callerBound = (caller: Caller): number =>
  textBytes(caller.client) + textBytes(caller.incarnation) + 3 * NUMBER_BYTES;

/** Before the decision: what it could add at most. */
export function commandBound(command: ChangeCommand, stockroom: Stockroom): number {
  if (command.op !== 'all' && command.op !== 'each')
    return ENTRY + lineBound(command, stockroom.get(command.key), 0);
  if (command.op === 'each' && command.step === 'reserve') return reservesBound(command, stockroom);
  const earlier = new Map<ActorKey, number>();
  let sum = ENTRY;
  for (const line of stepsOf(command)) {
    const before = earlier.get(line.key) ?? 0;
    earlier.set(line.key, before + 1);
    sum += lineBound(line, stockroom.get(line.key), before);
  }
  return sum;
}

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

/** `earlier` lines of the same `all` may change the actor first. */
function lineBound(c: StockCommand, state: StockState | undefined, earlier: number): number {
  const isWide = c.quality !== 0 || earlier > 0 || (state !== undefined && state.b.length > WIDTH);
  return (
    CHANGE +
    NUMBER_BYTES * (isWide ? ALL_BALANCES : WIDTH) +
    textBytes(c.key) +
    textBytes(c.hold) +
    docBound(c, state, earlier) +
    textBytes(c.reason) +
    SHIFT * shiftsBound(c, state, earlier)
  );
}

/** An event without a document of its own has its hold's. */
function docBound(c: StockCommand, state: StockState | undefined, earlier: number): number {
  if (c.doc !== '' || c.hold === '' || c.op === 'reserve') return textBytes(c.doc);
  return earlier > 0 ? LONGEST : textBytes((state && openHold(state, c.hold)?.doc) ?? '');
}

/** How many other holds the command may touch: one for each unit it frees or takes, at most. */
function shiftsBound(c: StockCommand, state: StockState | undefined, earlier: number): number {
  const holds = (state?.holds?.size ?? 0) + earlier;
  const waiting = earlier > 0 ? holds : (state?.queue?.length ?? 0);
  switch (c.op) {
    case 'adjust':
      return c.delta < 0 ? Math.min(-c.delta, holds) : Math.min(c.delta, waiting);
    case 'block':
    case 'requality':
      return Math.min(c.qty, holds);
    case 'unblock':
    case 'receive':
    case 'release':
    case 'expire':
    case 'cancel':
    case 'putback':
      return c.qty === 0 ? waiting : Math.min(c.qty, waiting);
    default:
      return 0;
  }
}

/** After the decision: what it adds at most. Tighter, so that turns may be full. */
export function entryBound({ caller, outcome }: Entry): number {
  const head = ENTRY + callerBound(caller);
  if (!outcome.ok) return head + refusedBound(outcome);
  let sum = head + changesBound(outcome.changes);
  for (const refused of outcome.refused ?? []) sum += refusedBound(refused);
  return sum;
}

const refusedBound = ({ detail }: Refused): number => 6 * NUMBER_BYTES + textBytes(detail);

function changesBound(changes: readonly Change[]): number {
  let sum = 0;
  for (const { key, seq, event: e, after } of changes) {
    sum += 16 + textBytes(key) + textBytes(e.hold) + textBytes(e.doc) + textBytes(e.reason);
    sum += whole(seq) + whole(e.qty) + whole(e.expiresAtMs) + whole(e.occurredAtMs);
    sum += whole(e.waiting) + whole(e.picked) + whole(e.packed) + whole(e.blocked);
    sum += balancesBound(after) + SHIFT * e.shifts.length;
  }
  return sum;
}

function balancesBound(after: Balances): number {
  let sum = 3;
  for (const v of after) sum += whole(v);
  return sum;
}

const whole = (v: number): number =>
  v >= 0 && v < 128 ? 1 : v >= 0 && v < 65_536 ? 3 : NUMBER_BYTES;
