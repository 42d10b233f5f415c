import type { HoldId } from '../ids.ts';
import { available, get, WAITING } from './balances.ts';
import type { Pin, Wanted } from './claims.ts';
import type { Quality } from './commands.ts';
import type { Detail, Move } from './detail.ts';
import { NO_SHIFTS, type Shift } from './events.ts';
import { isNameless, type LineKey, lineName, matches } from './lot.ts';
import { type Hold, openHold, type StockState } from './state.ts';

/** What a step does with units on lines besides serving those who wait. */
export interface Doing {
  readonly moves: readonly Move[];
  readonly pins: readonly Pin[];
}

export const NO_DOING: Doing = { moves: [], pins: [] };

export interface Served {
  readonly shifts: readonly Shift[];
  /** The units that those of them get who are pinned. */
  readonly pins: readonly Pin[];
}

const NOBODY: Served = { shifts: NO_SHIFTS, pins: [] };

/**
 * S9: who gets freed units: waiting holds of that quality, first accepted first served; one that is
 * pinned only such units as it is pinned to, as they lie when the step is done. `leaving` is
 * the hold that frees them; it gets none back.
 */
export function serve(
  state: StockState,
  quality: Quality,
  freed: number,
  doing: Doing,
  leaving?: HoldId,
): Served {
  if (state.queue === undefined || get(state.b, quality, WAITING) === 0) return NOBODY;
  let left = freed + available(state.b, quality); // where one waits that is pinned, there may be some
  if (left <= 0) return NOBODY;
  const shifts: Shift[] = [];
  const pins: Pin[] = [];
  const unpinned = new Unpinned(state.detail, quality, doing);
  for (const id of state.queue) {
    if (left === 0) break;
    const hold = openHold(state, id) as Hold;
    if (hold.quality !== quality || id === leaving) continue;
    let qty = Math.min(left, hold.waiting);
    if (state.detail?.pins.has(id) === true) {
      const its = unpinned.take(id, qty);
      pins.push(...its);
      qty = its.reduce((sum, pin) => sum + pin.qty, 0);
    }
    if (qty === 0) continue;
    shifts.push({ hold: id, qty, picked: 0, packed: 0 });
    left -= qty;
  }
  return { shifts, pins };
}

/** Units on lines for sale that no hold is pinned to, as a step leaves them. */
export class Unpinned {
  readonly #detail: Detail | undefined;
  readonly #quality: Quality;
  /** What the step, and who was served by it, changes. */
  readonly #changes = new Map<LineKey, number>();
  /** Where the step puts serials. */
  readonly #places = new Map<string, LineKey | ''>();
  readonly #taken = new Set<string>();

  constructor(detail: Detail | undefined, quality: Quality, { moves, pins }: Doing) {
    this.#detail = detail;
    this.#quality = quality;
    for (const { from, to, qty, serials } of moves) {
      this.#change(from, -qty);
      this.#change(to, qty);
      for (const serial of serials) this.#places.set(serial, to);
    }
    for (const { line, qty } of pins) this.#change(line, -qty);
  }

  /** Units for a hold that is pinned, `most` at most; from the lines that come `last` only where there are no others. */
  take(hold: HoldId, most: number, last: ReadonlySet<LineKey> = NO_LINES): readonly Pin[] {
    const wanted = this.#detail?.pins.get(hold);
    if (wanted === undefined || most === 0) return [];
    const pins: Pin[] = [];
    let left = most;
    for (const [line, can] of this.#lines(wanted, last)) {
      if (left === 0) break;
      const qty = inBoxes(line, Math.min(left, can()));
      if (qty === 0) continue;
      pins.push({ hold, line, qty });
      this.#change(line, -qty);
      left -= qty;
    }
    return pins;
  }

  /** Lines with units that the hold may have, and how many it may. */
  *#lines(wanted: Wanted, last: ReadonlySet<LineKey>): Iterable<[LineKey, () => number]> {
    if (wanted.serials.length > 0) {
      for (const serial of wanted.serials) {
        const line = this.#places.get(serial) ?? this.#detail?.serials.get(serial) ?? '';
        if (!this.#isFree(serial) || !this.#isFor(line, wanted)) continue;
        this.#taken.add(serial);
        yield [line, () => Math.min(1, isBare(line) ? 1 : this.#units(line))];
      }
      return;
    }
    const keys: LineKey[] = [];
    for (const { key } of this.#detail?.inOrder(this.#quality, wanted.want, 'fefo') ?? [])
      keys.push(key);
    for (const key of this.#changes.keys()) {
      const isNew = this.#detail?.lines.has(key) === false && !isBare(key);
      if (isNew && this.#isFor(key, wanted)) keys.push(key);
    }
    for (const key of keys) if (!last.has(key)) yield [key, () => this.#units(key)];
    for (const key of keys) if (last.has(key)) yield [key, () => this.#units(key)];
  }

  #isFree(serial: string): boolean {
    return this.#detail?.claims.held.has(serial) === false && !this.#taken.has(serial);
  }

  #isFor(key: LineKey | '', { want }: Wanted): boolean {
    if (key === '') return false;
    const name = lineName(key);
    const isForSale = name.stage === 0 && name.why === '' && name.quality === this.#quality;
    return isForSale && matches(name, want);
  }

  #units(key: LineKey): number {
    const line = this.#detail?.lines.get(key);
    const was = line === undefined ? 0 : line.qty - line.pinned;
    return Math.max(0, was + (this.#changes.get(key) ?? 0));
  }

  #change(key: LineKey | '', by: number): void {
    if (key !== '') this.#changes.set(key, (this.#changes.get(key) ?? 0) + by);
  }
}

const NO_LINES: ReadonlySet<LineKey> = new Set();

const isBare = (key: LineKey): boolean => isNameless(lineName(key));

/** A box is pinned whole, so that it can be picked. */
function inBoxes(key: LineKey, qty: number): number {
  const { box } = lineName(key);
  return box > 1 ? qty - (qty % box) : qty;
}
