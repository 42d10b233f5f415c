import type { Balances } from '../actors/stock/balances.ts';
import type { ChangeCommand, StockCommand } from '../actors/stock/commands.ts';
import type { Change, Stockroom } from '../actors/stock/stockroom.ts';
import type { Caller } from './record.ts';

/**
 * Upper bounds of what a command adds to a record, bytes, as engine/record.ts
 * encodes it. A turn stops before the record could grow too large, and a command
 * that alone would be too large is refused before it is decided.
 */

/** A UTF-16 unit is at most 3 bytes of UTF-8. */
const text = (s: string): number => 5 + 3 * s.length;
const NUMBER = 9;
const ENTRY = 64;
const CHANGE = 96;
/** Four qualities of seven counters. */
const BALANCES = 28 * NUMBER;
const SHIFT = 3 * 64 + 5 + 3 * NUMBER;

export const callerBound = (caller: Caller): number =>
  text(caller.client) + text(caller.incarnation) + 3 * NUMBER;

/** Before the decision: what it could add at most. */
export function commandBound(command: ChangeCommand, stockroom: Stockroom): number {
  if (command.op !== 'all') return ENTRY + lineBound(command, stockroom);
  let sum = ENTRY;
  for (const line of command.commands) sum += lineBound(line, stockroom);
  return sum;
}

function lineBound(c: StockCommand, stockroom: Stockroom): number {
  return (
    CHANGE +
    BALANCES +
    text(c.key) +
    text(c.hold) +
    text(c.doc) * 2 +
    text(c.reason) +
    SHIFT * shiftsBound(c, stockroom)
  );
}

/** How many other holds the command may touch. */
function shiftsBound(c: StockCommand, stockroom: Stockroom): number {
  const state = stockroom.get(c.key);
  if (state === undefined) return 0;
  if (c.op === 'adjust' && c.delta < 0) return Math.min(-c.delta, state.holds?.size ?? 0);
  return state.queue?.length ?? 0;
}

/** After the decision: what it adds at most. Tighter, so that turns may be full. */
export function changesBound(changes: readonly Change[]): number {
  let sum = ENTRY;
  for (const { key, event, after } of changes) {
    sum += CHANGE / 2 + text(key) + text(event.hold) + text(event.doc) + text(event.reason);
    sum += balancesBound(after) + SHIFT * event.shifts.length;
  }
  return sum;
}

function balancesBound(after: Balances): number {
  let sum = 3;
  for (const v of after) sum += v < 128 ? 1 : v < 65_536 ? 3 : NUMBER;
  return sum;
}
