import type { HoldId } from '../ids.ts';
import { type Refused, refuse } from '../outcomes.ts';
import { type Beyond, choose, newestPinned, type Portion } from './choose.ts';
import type { Pin, Wanted } from './claims.ts';
import type { PickPolicy, StockCommand } from './commands.ts';
import type { Detail, EventDetail } from './detail.ts';
import type { StockEvent } from './events.ts';
import type { Line } from './line.ts';
import { isNameless, type LineKey, type LineName, lineKey, lineName, matches } from './lot.ts';
import { detailOf, event } from './made.ts';
import type { Hold, StockState } from './state.ts';

/**
 * F08: a hold that is pinned to a batch, a place, a box, a label or to serials has
 * a claim on certain units of certain lines, from its acceptance on. Other holds
 * choose their units when they are picked.
 */

/** Units that lie as a pin wants them, or enough. Those that lie in no place can be told by serials only. */
export function pinnable({ detail }: StockState, { quality, qty, more }: StockCommand): number {
  let units = 0;
  for (const line of detail?.inOrder(quality, more.lot, more.policy, true) ?? []) {
    units += line.qty - line.pinned;
    if (units >= qty) break;
  }
  return units;
}

export function reservePinned(
  state: StockState,
  c: StockCommand,
  qty: number,
  waiting: number,
  expiresAtMs: number,
): StockEvent | Refused {
  const { lot, policy, serials } = c.more;
  const among = state.detail?.inOrder(c.quality, lot, policy, true) ?? [];
  const portions = choose(state, { stage: 0, quality: c.quality, among }, qty, c.more);
  if ('ok' in portions) return portions;
  const pins = portions.map((p) => ({ hold: c.hold, line: lineKey(p.name), qty: p.qty }));
  const detail = detailOf({ pins, want: lot, held: serials });
  return event('reserved', c, c.quality, qty + waiting, { expiresAtMs, waiting, detail });
}

/** The lines that a hold is pinned to, in the order in which a policy takes them. */
const linesOf = (detail: Detail, { lines }: Wanted, policy: PickPolicy): readonly Line[] =>
  detail.sorted(
    [...lines.keys()].flatMap((key) => detail.lines.get(key) ?? []),
    policy,
  );

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
  const isBySerial = wanted.serials.length > 0;
  const other = isBySerial ? c.more.serials.find((serial) => !wanted.held.has(serial)) : undefined;
  if (other !== undefined)
    return refuse('serial_unknown', qty, -1, `not the one promised: ${other}`);
  const its = (line: Line): number => wanted.lines.get(line.key) ?? 0;
  const where = {
    stage: 0,
    quality,
    hold: c.hold,
    among: linesOf(detail, wanted, c.more.policy),
  } as const;
  const serials = c.more.serials.length > 0 ? c.more.serials : [...wanted.held];
  if (isBySerial && serials.length !== qty) return refuse('serial_needed', qty, 0);
  return choose(state, where, qty, { ...c.more, serials }, its);
}

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

/**
 * What a pinned hold gives up of its unpicked units: those that are named, else in the order in
 * which it got them.
 */
export function unpin(
  { detail }: StockState,
  hold: HoldId,
  qty: number,
  named: readonly string[] = [],
): readonly Pin[] {
  const wanted = detail?.pins.get(hold);
  if (detail === undefined || wanted === undefined || qty === 0) return [];
  const isBySerial = wanted.serials.length > 0;
  const units = isBySerial ? bySerials(detail, wanted, qty, named) : wanted.lines;
  const pins: Pin[] = [];
  let left = qty;
  for (const [line, its] of units) {
    if (left === 0) break;
    const given = Math.min(left, its);
    pins.push({ hold, line, qty: -given });
    left -= given;
  }
  return pins;
}

/** How many of these serials, or else of the first ones that it named, a hold has on which line. */
function bySerials(
  { serials: places }: Detail,
  { serials, held }: Wanted,
  qty: number,
  named: readonly string[],
): ReadonlyMap<LineKey, number> {
  const its = named.length > 0 ? named : serials.filter((serial) => held.has(serial));
  const units = new Map<LineKey, number>();
  for (const serial of its.slice(0, qty)) {
    const line = places.get(serial) as LineKey;
    units.set(line, (units.get(line) ?? 0) + 1);
  }
  return units;
}

/** A pinned hold's claims go along to a hold that is new, or pinned to such units too. */
export function reassignedPins(
  state: StockState,
  { hold, more: { fromHold } }: StockCommand,
  qty: number,
): EventDetail | undefined | Refused {
  const { detail, holds } = state;
  const [from, into] = [detail?.pins.get(fromHold), detail?.pins.get(hold)];
  const isNew = holds?.has(hold) !== true;
  if (!isNew && (from === undefined) !== (into === undefined)) return refuse('hold_exists');
  if (detail === undefined || from === undefined) return undefined;
  if (from.serials.length > 0 || detail.claims.isBySerial(hold)) return refuse('serial_held');
  const given = unpin(state, fromHold, qty);
  if (given.some((pin) => into !== undefined && !matches(lineName(pin.line), into.want))) {
    return refuse('hold_exists');
  }
  const taken = given.map((pin) => ({ hold, line: pin.line, qty: -pin.qty }));
  return detailOf({ pins: [...given, ...taken], ...(isNew ? { want: from.want } : {}) });
}

/** What holds give up of the portions that they are pinned to: those of these serials, then the newest promises. */
export const losePins = (state: StockState, portions: readonly Portion[]): readonly Pin[] =>
  portions.flatMap((portion) =>
    pinnedUnits(state, portion).map(([hold, qty]) => ({
      ...{ hold, line: lineKey(portion.name), qty: -qty },
    })),
  );

/** Whose the pinned units of a portion are; of those that no serial tells from others, only of holds that `may`. */
function pinnedUnits(
  state: StockState,
  { name, pinned, serials }: Portion,
  may: (hold: HoldId) => boolean = () => true,
): [HoldId, number][] {
  if (pinned === 0) return [];
  const { claims } = state.detail as Detail;
  const units = new Map<HoldId, number>();
  let left = pinned;
  for (const serial of serials) {
    const hold = claims.held.get(serial);
    if (hold === undefined) continue;
    units.set(hold, (units.get(hold) ?? 0) + 1);
    left--;
  }
  for (const [hold, its] of newestPinned(state, lineKey(name))) {
    if (left === 0) break;
    if (claims.isBySerial(hold) || !may(hold)) continue;
    const qty = Math.min(left, its);
    units.set(hold, qty);
    left -= qty;
  }
  return [...units];
}

/** Pinned units that may be taken from their holds. */
export const takesPinned = ({ detail }: StockState): Beyond => ({
  all: () => true,
  others: (line) => line.pinned - (detail?.claims.heldAt(line.key) ?? 0),
  held: () => true,
});

/** Pinned units that may go along to where `to` puts them: those whose holds do not mind. */
export function movesPinned({ detail }: StockState, to: (name: LineName) => LineName): Beyond {
  const mindless = (line: LineName & { key: LineKey }): [HoldId, number][] =>
    [...(detail?.claims.at(line.key) ?? [])].filter(([hold]) => isFor(detail, hold, to(line)));
  return {
    all: (line) => sum(mindless(line)) === line.pinned,
    others: (line) =>
      sum(mindless(line).filter(([hold]) => detail?.claims.isBySerial(hold) === false)),
    held: (holder, at) => isFor(detail, holder, to(at)),
  };
}

const sum = (units: readonly [HoldId, number][]): number =>
  units.reduce((all, [, qty]) => all + qty, 0);

/** Whether a hold may be pinned to units there: only by their serials where there is no line. */
export const isFor = (detail: Detail | undefined, hold: HoldId, name: LineName): boolean => {
  const wanted = detail?.pins.get(hold);
  if (wanted === undefined || !matches(name, wanted.want)) return false;
  return wanted.serials.length > 0 || !isNameless(name);
};

/** Pins go along with the pinned units of moved portions. */
export const movePins = (
  state: StockState,
  portions: readonly Portion[],
  to: (name: LineName) => LineName,
): readonly Pin[] =>
  portions.flatMap((portion) => {
    const [from, target] = [lineKey(portion.name), to(portion.name)];
    const along = pinnedUnits(state, portion, (hold) => isFor(state.detail, hold, target));
    return along.flatMap(([hold, qty]) => [
      { hold, line: from, qty: -qty },
      { hold, line: lineKey(target), qty },
    ]);
  });
