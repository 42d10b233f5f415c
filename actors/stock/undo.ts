import type { HoldId } from '../ids.ts';
import type { StockEvent } from './events.ts';
import { type EndedHold, type Hold, isOpen, type StockState } from './state.ts';

/** What an event is about to change, so that a refused `all` leaves nothing behind. */
export interface Before {
  readonly state: StockState;
  readonly seq: number;
  readonly b: readonly number[];
  readonly holds: readonly (readonly [HoldId, Hold | EndedHold | undefined])[];
  readonly ended: readonly HoldId[] | undefined;
  readonly queue: readonly HoldId[] | undefined;
  readonly blocks: StockState['blocks'];
}

export function before(state: StockState, e: StockEvent): Before {
  const ids = new Set<HoldId>(e.shifts.map((s) => s.hold));
  if (e.hold !== '') ids.add(e.hold);
  const oldest = state.ended?.[0];
  if (oldest !== undefined) ids.add(oldest);
  return {
    state,
    seq: state.seq,
    b: state.b.slice(),
    holds: [...ids].map((id) => [id, copy(state.holds?.get(id))] as const),
    ended: state.ended?.slice(),
    queue: state.queue,
    blocks: state.blocks,
  };
}

/** Puts everything back. Undo the newest first. */
export function undo(was: Before): void {
  const { state } = was;
  state.seq = was.seq;
  state.b = was.b.slice();
  for (const [id, hold] of was.holds) {
    if (hold === undefined) state.holds?.delete(id);
    else state.holds?.set(id, hold);
  }
  if (state.holds?.size === 0) state.holds = undefined;
  state.ended = was.ended?.slice();
  state.queue = was.queue;
  state.blocks = was.blocks;
}

function copy(hold: Hold | EndedHold | undefined): Hold | EndedHold | undefined {
  if (hold === undefined || !isOpen(hold)) return hold;
  return { ...hold };
}
