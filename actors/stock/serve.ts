import type { HoldId } from '../ids.ts';
import { type Arriving, aheadOf } from './ahead.ts';
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
  /** Serials that a hold gives up by their names. */
  readonly named?: readonly string[];
}

export const NO_DOING: Doing = { moves: [], pins: [] };

export interface Served {
  readonly shifts: readonly Shift[];
  /** The units that those of them get who are pinned. */
  readonly pins: readonly Pin[];
}

/** Where freed units come from, and whose they were. */
export interface From {
  /** The hold that frees them; it gets none back. */
  readonly leaving?: HoldId;
  /** They come on sale: who was promised what was nowhere gets of these, and of no others. */
  readonly isFresh?: boolean;
  readonly arriving?: Arriving | undefined;
}

const NOBODY: Served = { shifts: NO_SHIFTS, pins: [] };
const NOT_AHEAD = { served: 0, lapsed: 0 };

/**
 * S9: who gets freed units: waiting holds of that quality, first accepted first served; one that is
 * pinned only such units as it is pinned to, as they lie when the step is done. Who waits for goods in transit gets those that
 * are arriving, before all others.
 */
export function serve(
  state: StockState,
  quality: Quality,
  freed: number,
  doing: Doing,
  { leaving, isFresh = false, arriving }: From = {},
): Served {
  if (state.queue === undefined || get(state.b, quality, WAITING) === 0) return NOBODY;
  let left = freed + available(state.b, quality); // where one waits that is pinned, there may be some
  if (left <= 0) return NOBODY;
  const ahead = arriving === undefined ? undefined : aheadOf(state, arriving);
  for (const { served } of ahead?.values() ?? []) left -= served;
  let fresh = isFresh ? Math.min(left, freed) : 0;
  const shifts: Shift[] = [];
  const pins: Pin[] = [];
  const unpinned = new Unpinned(state.detail, quality, doing);
  for (const id of state.queue) {
    if (left === 0 && ahead === undefined) break;
    const hold = openHold(state, id) as Hold;
    if (hold.quality !== quality || id === leaving) continue;
    const { served, lapsed } = ahead?.get(id) ?? NOT_AHEAD;
    const plain = hold.waiting - hold.presale - hold.oversell + lapsed;
    let qty = Math.min(left, plain);
    qty += Math.min(left - qty, fresh, hold.oversell);
    if (state.detail?.pins.has(id) === true) {
      const its = unpinned.take(id, qty);
      pins.push(...its);
      qty = its.reduce((sum, pin) => sum + pin.qty, 0);
    }
    left -= qty;
    fresh = Math.min(left, fresh);
    if (qty + served === 0) continue;
    shifts.push({ hold: id, qty: qty + served, picked: 0, packed: 0 });
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
  readonly #freed = new Set<string>();

  constructor(detail: Detail | undefined, quality: Quality, { moves, pins, named = [] }: Doing) {
    this.#detail = detail;
    this.#quality = quality;
    for (const { from, to, qty, serials } of moves) {
      this.#change(from, -qty);
      this.#change(to, qty);
      for (const serial of serials) this.#places.set(serial, to);
    }
    for (const pin of pins) {
      this.#change(pin.line, -pin.qty);
      if (pin.qty > 0) this.#takeMoved(pin);
      else this.#free(pin, new Set([...this.#places.keys(), ...named]));
    }
  }

  /** Serials that a hold loses its claim on. */
  #free({ hold, line, qty }: Pin, first: ReadonlySet<string>): void {
    const wanted = this.#detail?.pins.get(hold);
    if (wanted === undefined || wanted.serials.length === 0) return;
    const isThere = (serial: string): boolean => this.#detail?.serials.get(serial) === line;
    const its = wanted.serials.filter((serial) => wanted.held.has(serial) && isThere(serial));
    its.sort((a, b) => Number(first.has(b)) - Number(first.has(a)));
    for (const serial of its.slice(0, -qty)) this.#freed.add(serial);
  }

  /** Serials that go along with their hold, or come back to it. */
  #takeMoved({ hold, line, qty }: Pin): void {
    const its = this.#detail?.pins.get(hold)?.serials ?? [];
    const moved = its.filter((serial) => this.#places.get(serial) === line);
    for (const serial of moved.slice(0, qty)) this.#taken.add(serial);
  }

  /** Units for a hold that is pinned, `most` at most; from the lines that come `last` only where there are no others. */
  take(hold: HoldId, most: number, last: ReadonlySet<LineKey> = NO_LINES): readonly Pin[] {
    const wanted = this.#detail?.pins.get(hold);
    if (wanted === undefined || most === 0) return [];
    const named = wanted.serials.length > 0 ? this.#named(wanted) : undefined;
    const pins: Pin[] = [];
    let left = most;
    for (const line of named?.keys() ?? this.#like(wanted, last)) {
      if (left === 0) break;
      const serials = named?.get(line);
      const can = Math.min(left, this.#units(line), serials?.length ?? left);
      const qty = inBoxes(line, can);
      if (qty === 0) continue;
      pins.push({ hold, line, qty });
      this.#change(line, -qty);
      for (const serial of serials?.slice(0, qty) ?? []) this.#taken.add(serial);
      left -= qty;
    }
    return pins;
  }

  /** Serials that the hold waits for, by line; those that have just come first. */
  #named(wanted: Wanted): ReadonlyMap<LineKey, readonly string[]> {
    const found = new Map<LineKey, string[]>();
    const isNew = (serial: string): number => Number(this.#places.has(serial));
    for (const serial of wanted.serials.toSorted((a, b) => isNew(b) - isNew(a))) {
      const line = this.#places.get(serial) ?? this.#detail?.serials.get(serial) ?? '';
      if (this.#isHeld(serial) || !this.#isFor(line, wanted)) continue;
      found.set(line, [...(found.get(line) ?? []), serial]);
    }
    return found;
  }

  #isHeld(serial: string): boolean {
    const isHeld = this.#detail?.claims.held.has(serial) === true && !this.#freed.has(serial);
    return isHeld || this.#taken.has(serial);
  }

  /** Lines with such units as the hold wants, those that come `last` at the end. */
  #like(wanted: Wanted, last: ReadonlySet<LineKey>): readonly LineKey[] {
    const lines = [...(this.#detail?.inOrder(this.#quality, wanted.want, 'fefo') ?? [])];
    const keys = lines.map(({ key }) => key);
    for (const key of this.#changes.keys()) {
      const isNew = this.#detail?.lines.has(key) === false && !isBare(key);
      if (isNew && this.#isFor(key, wanted)) keys.push(key);
    }
    return [...keys.filter((key) => !last.has(key)), ...keys.filter((key) => last.has(key))];
  }

  #isFor(key: LineKey | '', { want }: Wanted): boolean {
    if (key === '') return false;
    const name = lineName(key);
    const isForSale = name.stage === 0 && name.why === '' && name.quality === this.#quality;
    return isForSale && matches(name, want);
  }

  #units(key: LineKey): number {
    if (isBare(key)) return Number.POSITIVE_INFINITY; // those with serials are all there
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
