import type { HoldId } from '../ids.ts';
import type { LineKey, LotFilter } from './lot.ts';

/** A hold gets a claim on units of a line (> 0), or gives it up (< 0). */
export interface Pin {
  readonly hold: HoldId;
  readonly line: LineKey;
  readonly qty: number;
}

/** What a hold is pinned to. */
export interface Wanted {
  readonly want: LotFilter;
  /** Those that it named; none where it may have any units that match. */
  readonly serials: readonly string[];
  /** Of them, those that it has a claim on: one for each of its units on the shelf. */
  readonly held: Set<string>;
  readonly lines: Map<LineKey, number>;
}

/** Which holds are pinned to which lines, and to which serials there. */
export class Claims {
  readonly of = new Map<HoldId, Wanted>();
  /** Holds by the serials that they have a claim on. */
  readonly held = new Map<string, HoldId>();
  readonly #at = new Map<LineKey, Map<HoldId, number>>();
  /** How many there are: of a hold one for each line that it is pinned to. */
  size = 0;

  /** Units of a line by the hold that is pinned to them. */
  at(line: LineKey): ReadonlyMap<HoldId, number> {
    return this.#at.get(line) ?? NONE;
  }

  /** How many units of a line holds are pinned to. */
  sumAt(line: LineKey): number {
    let units = 0;
    for (const qty of this.at(line).values()) units += qty;
    return units;
  }

  /** Of the units of a line that are pinned, those that a serial tells from the others. */
  heldAt(line: LineKey): number {
    let units = 0;
    for (const [hold, qty] of this.at(line)) if (this.isBySerial(hold)) units += qty;
    return units;
  }

  isBySerial(hold: HoldId): boolean {
    return (this.of.get(hold)?.serials.length ?? 0) > 0;
  }

  open(hold: HoldId, want: LotFilter, serials: readonly string[]): void {
    this.of.set(hold, { want, serials, held: new Set(), lines: new Map() });
  }

  /** Puts a hold's claims there as a snapshot, or an undo, has them; `undefined` takes them away. */
  put(hold: HoldId, wanted: Wanted | undefined): void {
    const old = this.of.get(hold);
    for (const serial of old?.held ?? []) this.held.delete(serial);
    for (const line of old?.lines.keys() ?? []) this.#set(line, hold, 0);
    this.of.delete(hold);
    if (wanted === undefined) return;
    this.of.set(hold, wanted);
    for (const serial of wanted.held) this.held.set(serial, hold);
    for (const [line, qty] of wanted.lines) this.#set(line, hold, qty);
  }

  /**
   * Of the hold's serials that lie there as many come under its claim, or leave it,
   * as units do: `first` those, then as the hold named them. Returns those.
   */
  pin(
    { hold, line, qty }: Pin,
    isThere: (serial: string) => boolean,
    first: ReadonlySet<string>,
  ): readonly string[] {
    const wanted = this.of.get(hold);
    if (wanted === undefined) throw new Error(`${hold} is not pinned`);
    const left = (wanted.lines.get(line) ?? 0) + qty;
    if (left === 0) wanted.lines.delete(line);
    else wanted.lines.set(line, left);
    this.#set(line, hold, left);
    if (wanted.serials.length === 0) return [];
    const isOurs = (serial: string): boolean =>
      qty < 0 ? wanted.held.has(serial) : !this.held.has(serial);
    const there = wanted.serials.filter((serial) => isThere(serial) && isOurs(serial));
    there.sort((a, b) => Number(first.has(b)) - Number(first.has(a)));
    const moved = there.slice(0, Math.abs(qty));
    for (const serial of moved) this.#claim(hold, wanted, serial, qty > 0);
    return moved;
  }

  /** The hold wants those no more, wherever they are. */
  forget(hold: HoldId, gone: ReadonlySet<string>): void {
    const wanted = this.of.get(hold);
    if (wanted === undefined || wanted.serials.length === 0 || gone.size === 0) return;
    const serials = wanted.serials.filter((serial) => !gone.has(serial));
    this.of.set(hold, { ...wanted, serials });
  }

  #claim(hold: HoldId, { held }: Wanted, serial: string, isHeld: boolean): void {
    if (isHeld) {
      held.add(serial);
      this.held.set(serial, hold);
    } else {
      held.delete(serial);
      this.held.delete(serial);
    }
  }

  #set(line: LineKey, hold: HoldId, qty: number): void {
    const at = this.#at.get(line);
    this.size += Number(qty > 0) - Number(at?.has(hold) === true);
    if (qty > 0) {
      if (at === undefined) this.#at.set(line, new Map([[hold, qty]]));
      else at.set(hold, qty);
      return;
    }
    at?.delete(hold);
    if (at?.size === 0) this.#at.delete(line);
  }
}

const NONE: ReadonlyMap<HoldId, number> = new Map();
