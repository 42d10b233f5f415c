import type { HoldId } from '../ids.ts';
import { type Refused, refuse } from '../outcomes.ts';
import { choose, namelessUnits, newestPinned, type Portion } from './choose.ts';
import type { Quality, StockCommand } from './commands.ts';
import type { Detail, EventDetail, Line, Pin, Wanted } from './detail.ts';
import type { StockEvent } from './events.ts';
import { type LineKey, type LineName, lineKey, matches } from './lot.ts';
import { detailOf, event } from './made.ts';
import type { Hold, StockState } from './state.ts';

/**
 * F08: a hold that is pinned to a batch, a place, a box, a label or to serials has
 * a claim on certain units of certain lines, from its acceptance on. Other holds
 * choose their units when they are picked.
 */

/** Units that a pin of this command could have. Those that lie in no place can be told by serials only. */
export function pinnable(state: StockState, { quality, more }: StockCommand): number {
  let units = more.serials.length > 0 ? namelessUnits(state, { stage: 0, quality }) : 0;
  for (const line of state.detail?.inOrder(quality, more.lot, more.policy) ?? []) {
    units += line.qty - line.pinned;
  }
  return units;
}

export function reservePinned(
  state: StockState,
  c: StockCommand,
  qty: number,
  expiresAtMs: number,
): StockEvent | Refused {
  const { lot, policy, serials } = c.more;
  const among = state.detail?.inOrder(c.quality, lot, policy) ?? [];
  const portions = choose(state, { stage: 0, quality: c.quality, among }, qty, c.more);
  if ('ok' in portions) return portions;
  const pins = portions.map((p) => ({ hold: c.hold, line: lineKey(p.name), qty: p.qty }));
  const detail = detailOf({ pins, want: lot, held: serials });
  return event('reserved', c, c.quality, qty, { expiresAtMs, detail });
}

/** The lines that a hold is pinned to. */
export function linesOf(detail: Detail, { lines }: Wanted): readonly Line[] {
  return [...lines.keys()].flatMap((key) => detail.lines.get(key) ?? []);
}

/** Which units on the shelf a hold's pick, or short pick, takes. */
export function unpicked(
  state: StockState,
  c: StockCommand,
  { quality }: Hold,
  qty: number,
): readonly Portion[] | Refused {
  const { detail } = state;
  const wanted = detail?.pins.get(c.hold);
  if (detail === undefined || wanted === undefined) {
    return choose(state, { stage: 0, quality }, qty, c.more);
  }
  const other = c.more.serials.find((serial) => !isFor(wanted, serial));
  if (other !== undefined)
    return refuse('serial_unknown', qty, -1, `not the one promised: ${other}`);
  const its = (line: Line): number => wanted.lines.get(line.key) ?? 0;
  const where = { stage: 0, quality, hold: c.hold, among: linesOf(detail, wanted) } as const;
  const serials = c.more.serials.length > 0 ? c.more.serials : serialsLeft(detail, wanted);
  if (wanted.serials.length > 0 && serials.length !== qty) return refuse('serial_needed', qty, 0);
  return choose(state, where, qty, { ...c.more, serials }, its);
}

const isFor = ({ serials }: Wanted, serial: string): boolean =>
  serials.length === 0 || serials.includes(serial);

/** Of the serials that a hold is pinned to, those that have not been picked. */
const serialsLeft = (detail: Detail, { serials, lines }: Wanted): readonly string[] =>
  serials.filter((serial) => lines.has(detail.serials.get(serial) ?? ''));

/** What a pinned hold gains (1) or gives up (−1) with those units; nothing for one that is not pinned. */
export function pinsOf(
  { detail }: StockState,
  hold: HoldId,
  portions: readonly Portion[],
  sign: 1 | -1,
): readonly Pin[] {
  if (detail?.pins.has(hold) !== true) return [];
  return portions.map(({ name, qty }) => ({ hold, line: lineKey(name), qty: sign * qty }));
}

/** What a pinned hold gives up of its unpicked units, in the order in which it got them. */
export function unpin({ detail }: StockState, hold: HoldId, qty: number): readonly Pin[] {
  const pins: Pin[] = [];
  let left = qty;
  for (const [line, its] of detail?.pins.get(hold)?.lines ?? []) {
    if (left === 0) break;
    const given = Math.min(left, its);
    pins.push({ hold, line, qty: -given });
    left -= given;
  }
  return pins;
}

/** A pinned hold's claims go along to a hold that is new, or pinned too. */
export function reassignedPins(
  state: StockState,
  { hold, more }: StockCommand,
  qty: number,
): EventDetail | undefined {
  const { detail } = state;
  const wanted = detail?.pins.get(more.fromHold);
  if (detail === undefined || wanted === undefined) return undefined;
  const given = unpin(state, more.fromHold, qty);
  const isNew = state.holds?.has(hold) !== true;
  const isPinned = isNew || detail.pins.has(hold);
  const taken = isPinned ? given.map((pin) => ({ hold, line: pin.line, qty: -pin.qty })) : [];
  return detailOf({ pins: [...given, ...taken], ...(isNew ? { want: wanted.want } : {}) });
}

/** What holds give up of the portions that they are pinned to, newest promise first. */
export function losePins(state: StockState, portions: readonly Portion[]): readonly Pin[] {
  const pins: Pin[] = [];
  for (const { name, pinned } of portions) {
    let left = pinned;
    if (left === 0) continue;
    const line = lineKey(name);
    for (const [hold, its] of newestPinned(state, line)) {
      const qty = Math.min(left, its);
      pins.push({ hold, line, qty: -qty });
      left -= qty;
      if (left === 0) break;
    }
  }
  return pins;
}

/** How many pinned units of a line may go along to where `to` puts it: those whose holds do not mind. */
export const movable =
  (state: StockState, to: (name: LineName) => LineName): ((line: Line) => number) =>
  (line) => {
    let units = 0;
    for (const [, its] of mindless(state, line.key, to(line))) units += its;
    return units;
  };

/** Pins go along with the pinned units of moved portions. */
export function movePins(
  state: StockState,
  portions: readonly Portion[],
  to: (name: LineName) => LineName,
): readonly Pin[] {
  const pins: Pin[] = [];
  for (const { name, pinned } of portions) {
    let left = pinned;
    if (left === 0) continue;
    const [from, target] = [lineKey(name), to(name)];
    for (const [hold, its] of mindless(state, from, target)) {
      const qty = Math.min(left, its);
      pins.push({ hold, line: from, qty: -qty }, { hold, line: lineKey(target), qty });
      left -= qty;
      if (left === 0) break;
    }
  }
  return pins;
}

/** Holds pinned to that line to which units of the other would do as well. */
const mindless = (state: StockState, key: LineKey, target: LineName): [HoldId, number][] =>
  newestPinned(state, key).filter(([hold]) => {
    const wanted = state.detail?.pins.get(hold);
    return wanted !== undefined && matches(target, wanted.want);
  });

/** Other units for a pinned hold that was shorted at those lines: as many as there are, `most` at most. */
export function otherUnits(
  { detail }: StockState,
  hold: HoldId,
  quality: Quality,
  gone: readonly Portion[],
  most: number,
): readonly Pin[] {
  const wanted = detail?.pins.get(hold);
  if (detail === undefined || wanted === undefined || wanted.serials.length > 0) return [];
  const there = new Set(gone.map(({ name }) => lineKey(name)));
  const pins: Pin[] = [];
  let left = most;
  for (const line of detail.inOrder(quality, wanted.want, 'fefo')) {
    if (left === 0) break;
    const qty = Math.min(left, line.qty - line.pinned);
    if (qty === 0 || there.has(line.key)) continue;
    pins.push({ hold, line: line.key, qty });
    left -= qty;
  }
  return pins;
}
