import type { HoldId } from '../ids.ts';
import type { Wanted } from './claims.ts';
import type { Detail } from './detail.ts';
import { holdsOf, type StockEvent } from './events.ts';
import type { Line } from './line.ts';
import type { LineKey } from './lot.ts';
import { type EndedHold, type Hold, isOpen, type StockState } from './state.ts';

/** What an event is about to change, so that a refused `all` leaves nothing behind. */
export interface Before {
  readonly state: StockState;
  readonly seq: number;
  readonly b: readonly number[];
  readonly presale: number;
  readonly oversell: number;
  readonly holds: readonly (readonly [HoldId, Hold | EndedHold | undefined])[];
  readonly ended: readonly HoldId[] | undefined;
  readonly queue: readonly HoldId[] | undefined;
  /** Undefined where the event says nothing of units; puts the detail back. */
  readonly undoDetail: (() => void) | undefined;
}

export function before(state: StockState, e: StockEvent): Before {
  const ids = holdsOf(e);
  const oldest = state.ended?.[0];
  if (oldest !== undefined) ids.add(oldest);
  if (state.presale > 0) for (const id of state.queue ?? []) ids.add(id); // any may lapse
  return {
    state,
    seq: state.seq,
    b: state.b.slice(),
    presale: state.presale,
    oversell: state.oversell,
    holds: [...ids].map((id) => [id, copy(state.holds?.get(id))] as const),
    ended: state.ended?.slice(),
    queue: state.queue,
    undoDetail: undoDetail(state, e),
  };
}

/** Puts everything back. Undo the newest first. */
export function undo(was: Before): void {
  const { state } = was;
  state.seq = was.seq;
  state.b = was.b.slice();
  state.presale = was.presale;
  state.oversell = was.oversell;
  for (const [id, hold] of was.holds) {
    if (hold === undefined) state.holds?.delete(id);
    else {
      state.holds ??= new Map();
      state.holds.set(id, hold);
    }
  }
  if (state.holds?.size === 0) state.holds = undefined;
  state.ended = was.ended?.slice();
  state.queue = was.queue;
  was.undoDetail?.();
}

/** Puts lines, serials, pins and batches back that the event is about to change. */
function undoDetail(state: StockState, e: StockEvent): (() => void) | undefined {
  const { detail } = state;
  if (detail === undefined) {
    return () => {
      state.detail = undefined;
    };
  }
  const { moves = [], pins = [], batch } = e.detail ?? {};
  const keys = new Set<LineKey>(pins.map((pin) => pin.line));
  const serials = new Set<string>();
  for (const { from, to, serials: moved } of moves) {
    keys.add(from).add(to);
    for (const serial of moved) serials.add(serial);
  }
  const ids = new Set<HoldId>(pins.map((pin) => pin.hold)).add(e.hold);
  const lines = [...keys].map((key) => [key, copyOf(detail.lines.get(key))] as const);
  const places = [...serials].map((serial) => [serial, detail.serials.get(serial)] as const);
  const wanted = [...ids].map((id) => [id, pinsBefore(detail, id)] as const);
  const known = batch && detail.batches.get(batch.name);
  return () => {
    if (batch !== undefined) detail.putBatch(batch.name, known);
    for (const [key, line] of lines) detail.put(key, line);
    for (const [serial, at] of places) detail.putSerial(serial, at);
    for (const [id, pinned] of wanted) detail.putPins(id, pinned);
  };
}

const copyOf = (line: Line | undefined): Line | undefined => line && { ...line };

function pinsBefore({ pins }: Detail, hold: HoldId): Wanted | undefined {
  const wanted = pins.get(hold);
  return wanted && { ...wanted, held: new Set(wanted.held), lines: new Map(wanted.lines) };
}

function copy(hold: Hold | EndedHold | undefined): Hold | EndedHold | undefined {
  if (hold === undefined || !isOpen(hold)) return hold;
  return { ...hold };
}
