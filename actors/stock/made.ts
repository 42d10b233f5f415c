import { get, onHand, TRANSIT, WAITING } from './balances.ts';
import type { Pin } from './claims.ts';
import type { BlockReason, Quality, StockCommand } from './commands.ts';
import type { Batch, EventDetail, Move } from './detail.ts';
import { type EventKind, NO_SHIFTS, type Shift, type StockEvent } from './events.ts';
import type { LotFilter } from './lot.ts';
import type { StockState } from './state.ts';

/** What an event says that its command does not. */
interface Extra {
  readonly doc?: string;
  readonly toQuality?: Quality;
  readonly expiresAtMs?: number;
  readonly waiting?: number;
  readonly picked?: number;
  readonly packed?: number;
  readonly blocked?: number;
  readonly arrived?: number;
  readonly why?: BlockReason | '';
  readonly shifts?: readonly Shift[];
  readonly detail?: EventDetail | undefined;
}

/** The event of a command: one shape for all kinds. */
export function event(
  kind: EventKind,
  c: StockCommand,
  quality: Quality,
  qty: number,
  extra: Extra,
): StockEvent {
  const { waiting = 0, expiresAtMs = 0, doc = '' } = extra;
  const made: Made = promiseEvent(kind, c, quality, qty, waiting, expiresAtMs, doc);
  made.toQuality = extra.toQuality ?? quality;
  made.picked = extra.picked ?? 0;
  made.packed = extra.packed ?? 0;
  made.blocked = extra.blocked ?? 0;
  made.arrived = extra.arrived ?? 0;
  made.why = extra.why ?? '';
  made.shifts = extra.shifts ?? NO_SHIFTS;
  made.detail = extra.detail;
  return made;
}

type Made = { -readonly [Field in keyof StockEvent]: StockEvent[Field] };

/** That of a promise that is made or given up, which says no more: most events. */
export const promiseEvent = (
  kind: EventKind,
  c: StockCommand,
  quality: Quality,
  qty: number,
  waiting: number,
  expiresAtMs: number,
  doc: string,
): StockEvent => ({
  kind,
  hold: c.hold,
  doc: c.doc === '' ? doc : c.doc,
  reason: c.reason,
  quality,
  toQuality: quality,
  qty,
  waiting,
  picked: 0,
  packed: 0,
  blocked: 0,
  arrived: 0,
  why: '',
  expiresAtMs,
  occurredAtMs: c.occurredAtMs,
  shifts: NO_SHIFTS,
  detail: undefined,
});

interface Parts {
  readonly moves?: readonly Move[];
  readonly pins?: readonly Pin[];
  readonly want?: LotFilter;
  readonly held?: readonly string[];
  readonly batch?: (Batch & { readonly name: string }) | undefined;
}

/** Undefined where there is nothing to say. */
export function detailOf({
  moves = [],
  pins = [],
  want,
  held = [],
  batch,
}: Parts): EventDetail | undefined {
  const isEmpty = moves.length + pins.length === 0 && want === undefined && batch === undefined;
  return isEmpty ? undefined : { moves, pins, want, held, batch };
}

/** Everything on hand, and promised beyond it, stays an exact number. */
export function overflows(state: StockState, more: number): boolean {
  let sum = more;
  for (const q of [0, 1, 2, 3] as const) {
    sum += onHand(state.b, q) + get(state.b, q, WAITING) + get(state.b, q, TRANSIT);
  }
  return sum > Number.MAX_SAFE_INTEGER;
}
