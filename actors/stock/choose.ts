import type { HoldId } from '../ids.ts';
import { type Refused, refuse } from '../outcomes.ts';
import { get } from './balances.ts';
import type { BlockReason, More, Quality } from './commands.ts';
import type { Detail, Move } from './detail.ts';
import type { Line } from './line.ts';
import { like } from './line-order.ts';
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
import { orderOf, type StockState } from './state.ts';

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

/** Units that holds are pinned to, where a step may take those too. */
export interface Beyond {
  /** True where all of a line's may go. */
  readonly all: (line: Line) => boolean;
  /** Of those that no serial tells from others, so many. */
  readonly others: May;
  /** Whether one that a hold is pinned to by its serial may go. */
  readonly held: (holder: HoldId, at: LineName) => boolean;
}

/**
 * Which units a step takes: those that it names, the rest by its policy. Units of
 * which no more is known than that they are there come last. `beyond` says which
 * units may be taken then that holds are pinned to.
 */
export function choose(
  state: StockState,
  where: Where,
  qty: number,
  more: More,
  may: May = unpinned,
  beyond?: Beyond,
): readonly Portion[] | Refused {
  const { serials } = more;
  if (serials.length > 0) {
    if (serials.length !== qty) return refuse('serial_needed', qty, serials.length);
    return bySerial(state, where, more, may, beyond);
  }
  const chosen = new Chosen(state.detail, qty);
  chosen.takeAll(linesAt(state.detail, where, more, may === unpinned), may);
  const isNamed = where.among !== undefined || (where.why ?? '') !== '';
  const hasNameless = !isNamed && matches(NO_LOT, more.lot);
  const nameless = hasNameless && chosen.left > 0 ? [namelessAt(state, where)] : [];
  chosen.takeAll(nameless, may);
  if (chosen.left > 0) {
    const most: May = (line) => may(line) + (beyond === undefined ? 0 : pinnedThat(line, beyond));
    chosen.takeAll(linesAt(state.detail, where, more, false), most);
    chosen.takeAll(nameless, most);
  }
  return chosen.left === 0 ? chosen.portions : chosen.refusal(qty);
}

const pinnedThat = (line: Line, { all, others }: Beyond): number =>
  all(line) ? line.pinned : others(line);

const NO_SERIALS: ReadonlySet<string> = new Set();

/** Collects portions, and why lines had to be passed over. */
class Chosen {
  readonly #found = new Map<Line, number>();
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
    return [...this.#found].map(([line, qty]) => {
      const serials = qty === line.qty ? [...this.#serialsAt(line.key)] : [];
      return portion(line, qty, serials, heldOf(this.#detail, serials).length);
    });
  }

  /** `may` is how many units of a line, those that were taken already included. */
  takeAll(lines: Iterable<Line>, may: May): void {
    for (const line of lines) {
      if (this.left === 0) break;
      this.#take(line, may(line));
    }
  }

  #take(line: Line, can: number): void {
    const taken = this.#found.get(line) ?? 0;
    let qty = this.#withoutSerials(line.key, line.qty - taken, Math.min(this.left, can - taken));
    if (line.box > 0 && qty % line.box > 0) {
      this.#isClosed = true;
      qty -= qty % line.box;
    }
    if (line.pinned > 0) this.#isPinned = true;
    if (qty <= 0) return;
    this.left -= qty;
    this.#found.set(line, taken + qty);
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

/** Units of a line of which holds are pinned to `held` by their serials; to others where these do not suffice. */
function portion(line: Line, qty: number, serials: readonly string[], held: number): Portion {
  const pinned = held + Math.max(0, qty - held - unpinned(line));
  return { name: line, qty, serials, pinned };
}

const heldOf = (detail: Detail | undefined, serials: readonly string[]): readonly string[] =>
  serials.filter((serial) => detail?.claims.held.has(serial) === true);

/** The lines where those serials are: each must be where the step looks. */
function bySerial(
  state: StockState,
  where: Where,
  { serials, lot }: More,
  may: May,
  beyond: Beyond | undefined,
): readonly Portion[] | Refused {
  const { detail } = state;
  const qty = serials.length;
  const found = new Map<LineKey, string[]>();
  for (const serial of serials) {
    const key = detail?.serials.get(serial);
    const name = key === undefined ? undefined : lineName(key);
    if (key === undefined || name === undefined || !isAt(name, where) || !matches(name, lot)) {
      return refuse('serial_unknown', qty, -1, serial);
    }
    const holder = detail?.claims.held.get(serial);
    const isFree = holder === undefined || holder === where.hold;
    if (!isFree && beyond?.held(holder, name) !== true) {
      return refuse('serial_held', qty, -1, serial);
    }
    const there = found.get(key);
    if (there === undefined) found.set(key, [serial]);
    else there.push(serial);
  }
  const portions: Portion[] = [];
  for (const [key, of] of found) {
    const line = detail?.lines.get(key) ?? namelessAt(state, where);
    const held = beyond === undefined ? 0 : heldOf(detail, of).length;
    const can = held + may(line) + (beyond?.others(line) ?? 0);
    if (of.length > can) return refuse('line_pinned', of.length, can);
    if (line.box > 0 && of.length % line.box > 0) return refuse('box_closed', of.length);
    portions.push(portion(line, of.length, of, held));
  }
  return portions;
}

const isAt = (name: LineName, { stage, quality, why = '', hold }: Where): boolean =>
  name.stage === stage &&
  name.quality === quality &&
  name.why === why &&
  (stage < 2 || name.hold === hold);

function linesAt(
  detail: Detail | undefined,
  where: Where,
  more: More,
  isFree: boolean,
): Iterable<Line> {
  if (detail === undefined) return [];
  const { stage, quality, why = '', hold, among } = where;
  if (among !== undefined) return like(among, more.lot);
  if (stage >= 2) return byKey(detail.ofHold(stage, hold as HoldId, more.lot));
  if (stage === 0 && why === '') {
    return detail.inOrder(quality, more.lot, more.policy, isFree);
  }
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
  const pinned = state.detail?.claims.sumAt(key) ?? 0;
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

/** Holds pinned to a line and how many units of it each has, newest promise first. */
export const newestPinned = (state: StockState, key: LineKey): [HoldId, number][] =>
  [...(state.detail?.claims.at(key) ?? [])].sort(
    ([a], [b]) => orderOf(state, b) - orderOf(state, a),
  );
