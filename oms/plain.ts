import type { HoldId } from '../actors/ids.ts';
import { QUALIFIED } from '../actors/stock/commands.ts';
import { EVENT_KINDS, NO_SHIFTS, type StockEvent } from '../actors/stock/events.ts';

/**
 * A plain event of each kind, in the order of their numbers: qualified units,
 * and nothing but the quantity says how many. What it does is in proportion to
 * that, so it is looked up by kind instead of being worked out every time.
 */
export const plainEvents = (qty: number): readonly StockEvent[] =>
  EVENT_KINDS.map((kind) => ({
    kind,
    hold: '' as HoldId,
    doc: '',
    reason: '',
    quality: QUALIFIED,
    toQuality: QUALIFIED,
    qty,
    waiting: 0,
    picked: 0,
    packed: 0,
    blocked: 0,
    arrived: 0,
    why: '',
    expiresAtMs: 0,
    occurredAtMs: 0,
    shifts: NO_SHIFTS,
    detail: undefined,
  }));
