import type { HoldId } from '../ids.ts';
import { type Refused, refuse } from '../outcomes.ts';
import { get } from './balances.ts';
import type { BlockReason, More, Quality } from './commands.ts';
import type { Detail, Line, Move } from './detail.ts';
import {
  isNameless,
  type LineKey,
  type LineName,
  lineKey,
  lineName,
  matches,
  NO_LOT,
  type Stage,
} from './lot.ts';
import type { StockState } from './state.ts';

/** Units of one line that a step takes. */
export interface Portion {
  readonly name: LineName;
  readonly qty: number;
  readonly serials: readonly string[];
  /** Of them, those that others are pinned to. */
  readonly pinned: number;
}

/** Where a step looks for its units. */
export interface Where {
  readonly stage: Stage;
  readonly quality: Quality;
  readonly why?: BlockReason | '';
  readonly hold?: HoldId;
  /** Only these lines, in this order. */
  readonly among?: Iterable<Line>;
}

/** How many units of a line may be taken. */
type May = (line: Line) => number;

const unpinned: May = (line) => line.qty - line.pinned;

/**
 * Which units a step takes: those that it names, the rest by its policy. Units of
 * which no more is known than that they are there come last. `beyond` says how
 * many units of a line may be taken that holds are pinned to.
 */
export function choose(
  state: StockState,
  where: Where,
  qty: number,
  more: More,
  may: May = unpinned,
  beyond?: May,
): readonly Portion[] | Refused {
  if (more.serials.length > 0)
    return bySerial(state, where, qty, more, beyond === undefined ? may : whole);
  const chosen = new Chosen(state.detail, qty);
  chosen.takeAll(linesAt(state.detail, where, more), may, 0);
  const hasNameless = where.among === undefined && matches(NO_LOT, more.lot);
  const nameless = hasNameless && chosen.left > 0 ? [namelessAt(state, where)] : [];
  chosen.takeAll(nameless, may, 0);
  if (beyond !== undefined && chosen.left > 0) {
    chosen.takeAll(linesAt(state.detail, where, more), beyond, 1);
    chosen.takeAll(nameless, beyond, 1);
  }
  return chosen.left === 0 ? chosen.portions : chosen.refusal(qty);
}

const whole: May = (line) => line.qty;

interface Found {
  readonly line: LineName;
  /** Units that are there. */
  readonly of: number;
  readonly qty: number;
  readonly pinned: number;
}

const NO_SERIALS: ReadonlySet<string> = new Set();

/** Collects portions, and why lines had to be passed over. */
class Chosen {
  readonly #found = new Map<LineKey, Found>();
  readonly #detail: Detail | undefined;
  left: number;
  #isClosed = false;
  #needsSerial = false;
  #isPinned = false;

  constructor(detail: Detail | undefined, qty: number) {
    this.#detail = detail;
    this.left = qty;
  }

  /** Where all units of a line are taken, their serials go without being told. */
  get portions(): readonly Portion[] {
    return [...this.#found].map(([key, { line, of, qty, pinned }]) => {
      const serials = qty === of ? [...this.#serialsAt(key)] : [];
      return { name: line, qty, pinned, serials };
    });
  }

  /** `pinned` is 1 where they are units that holds are pinned to. */
  takeAll(lines: Iterable<Line>, may: May, pinned: 0 | 1): void {
    for (const line of lines) {
      if (this.left === 0) break;
      this.#take(line, may(line), pinned);
    }
  }

  #take(line: Line, can: number, pinned: 0 | 1): void {
    const before = this.#found.get(line.key);
    const taken = before?.qty ?? 0;
    let qty = this.#withoutSerials(line.key, line.qty - taken, Math.min(this.left, can));
    if (line.box > 0 && qty % line.box > 0) {
      this.#isClosed = true;
      qty -= qty % line.box;
    }
    if (line.pinned > 0) this.#isPinned = true;
    if (qty <= 0) return;
    this.left -= qty;
    const sum = qty * pinned + (before?.pinned ?? 0);
    this.#found.set(line.key, { line, of: line.qty, qty: qty + taken, pinned: sum });
  }

  /** Of the units left of a line, so many at most: of a part of them nobody knows which ones they are. */
  #withoutSerials(key: LineKey, left: number, qty: number): number {
    const bare = left - this.#serialsAt(key).size;
    if (qty <= bare || qty === left) return qty;
    this.#needsSerial = true;
    return Math.max(0, bare);
  }

  #serialsAt(key: LineKey): ReadonlySet<string> {
    return this.#detail?.serialsAt(key) ?? NO_SERIALS;
  }

  refusal(asked: number): Refused {
    const got = asked - this.left;
    if (this.#needsSerial) return refuse('serial_needed', asked, got);
    if (this.#isClosed) return refuse('box_closed', asked, got);
    return refuse(this.#isPinned ? 'line_pinned' : 'wrong_place', asked, got);
  }
}

/** The lines where those serials are: each must be where the step looks. */
function bySerial(
  state: StockState,
  where: Where,
  qty: number,
  { serials, lot }: More,
  may: May,
): readonly Portion[] | Refused {
  const { detail } = state;
  const found = new Map<LineKey, string[]>();
  for (const serial of serials) {
    const key = detail?.serials.get(serial);
    const name = key === undefined ? undefined : lineName(key);
    if (key === undefined || name === undefined || !isAt(name, where) || !matches(name, lot)) {
      return refuse('serial_unknown', qty, -1, serial);
    }
    const holder = detail?.held.get(serial);
    if (holder !== undefined && holder !== where.hold && where.stage === 0) {
      return refuse('serial_held', qty, -1, serial);
    }
    const there = found.get(key);
    if (there === undefined) found.set(key, [serial]);
    else there.push(serial);
  }
  const portions: Portion[] = [];
  for (const [key, of] of found) {
    const line = detail?.lines.get(key) ?? namelessAt(state, where);
    const can = may(line);
    if (of.length > can) return refuse('line_pinned', of.length, can);
    const pinned = Math.max(0, of.length - unpinned(line));
    portions.push({ name: lineName(key), qty: of.length, serials: of, pinned });
  }
  return portions;
}

const isAt = (name: LineName, { stage, quality, why = '', hold }: Where): boolean =>
  name.stage === stage &&
  name.quality === quality &&
  name.why === why &&
  (stage < 2 || name.hold === hold);

function linesAt(detail: Detail | undefined, where: Where, more: More): Iterable<Line> {
  if (detail === undefined) return [];
  const { stage, quality, why = '', hold, among } = where;
  if (among !== undefined) return [...among].filter((line) => matches(line, more.lot));
  if (stage >= 2) return byKey(detail.ofHold(stage, hold as HoldId, more.lot));
  if (stage === 0 && why === '') return detail.inOrder(quality, more.lot, more.policy);
  return byKey([...detail.find(stage, quality, more.lot)].filter((line) => line.why === why));
}

const byKey = (lines: Iterable<Line>): Line[] =>
  [...lines].sort((a, b) => (a.key < b.key ? -1 : 1));

const namelessOf = ({ stage, quality, hold }: Where): LineName => ({
  ...{ stage, quality, why: '', hold: stage < 2 || hold === undefined ? '' : hold },
  ...NO_LOT,
});

/** Units there of which only the counter knows, as a line. */
function namelessAt(state: StockState, where: Where): Line {
  const name = namelessOf(where);
  const key = lineKey(name);
  const pinned = state.detail?.pinnedBare(key) ?? 0;
  return { ...name, key, qty: namelessUnits(state, where), pinned, since: 0, seq: 0 };
}

export function namelessUnits({ b, detail, holds }: StockState, where: Where): number {
  const { stage, quality, why = '', hold } = where;
  if (why !== '') return 0;
  if (stage < 2) return get(b, quality, stage) - (detail?.named(stage, quality) ?? 0);
  const its = holds?.get(hold as HoldId);
  if (its === undefined || 'ended' in its) return 0;
  let units = stage === 2 ? its.picked : its.packed;
  for (const line of detail?.ofHold(stage, hold as HoldId, {}) ?? []) units -= line.qty;
  return units;
}

/** Portions as moves to where `to` puts each; what changes nothing that is known is left out. */
export function movesOf(
  portions: readonly Portion[],
  to: (name: LineName) => LineName | undefined,
): readonly Move[] {
  const moves: Move[] = [];
  for (const { name, qty, serials } of portions) {
    const target = to(name);
    const isKnown = !isNameless(name) || (target !== undefined && !isNameless(target));
    if (!isKnown && serials.length === 0) continue;
    moves.push({
      from: lineKey(name),
      to: target === undefined ? '' : lineKey(target),
      qty,
      serials,
    });
  }
  return moves;
}

/** Holds pinned to a line and how many units of it each has, newest promise first. Looks at all pins: rare. */
export function newestPinned(state: StockState, key: LineKey): [HoldId, number][] {
  const found: [HoldId, number, number][] = [];
  for (const [hold, { lines }] of state.detail?.pins ?? []) {
    const its = lines.get(key) ?? 0;
    const of = state.holds?.get(hold);
    if (its > 0 && of !== undefined && !('ended' in of)) found.push([hold, its, of.order]);
  }
  return found.sort((a, b) => b[2] - a[2]).map(([hold, its]) => [hold, its]);
}
