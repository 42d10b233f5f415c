import { type HoldId, isRights, PRESALE, RIGHTS } from '../ids.ts';
import {
  ALLOCATED,
  available,
  BLOCKED,
  free,
  GRANTED,
  get,
  RECEIVING,
  SHELF,
  TRANSIT,
  WAITING,
  WIDTH,
} from './balances.ts';
import type { Wanted } from './claims.ts';
import type { Quality } from './commands.ts';
import type { Detail } from './detail.ts';
import type { Line } from './line.ts';
import { type LineKey, type LotFilter, lineKey, lineName, matches, NO_LOT } from './lot.ts';
import {
  allocatedBy,
  backed,
  type Hold,
  isOpen,
  LAST,
  LAST_BUT_ONE,
  openHold,
  type StockState,
} from './state.ts';

/**
 * Every way in which a stock actor breaks S1–S3, S6, S7 or S9, in words; empty when it
 * is sound. Tests and the simulation run it after every step.
 */
export function faults(state: StockState): string[] {
  const found: string[] = [];
  for (const quality of [0, 1, 2, 3] as const) {
    if (quality * WIDTH < state.b.length) found.push(...faultsOf(state, quality));
  }
  found.push(...rightsFaults(state));
  if (state.detail !== undefined) found.push(...detailFaults(state, state.detail));
  return found;
}

/** S2, S3, S7 of what is out as rights: one hold of each kind, hard and the newest, or none. */
function rightsFaults(state: StockState): string[] {
  const { b, holds, detail } = state;
  const found: string[] = [];
  let granted = 0;
  for (const [id, last] of [
    [RIGHTS, LAST],
    [PRESALE, LAST_BUT_ONE],
  ] as const) {
    const rights = openHold(state, id);
    if (rights !== undefined) granted += backed(rights);
    if (holds?.has(id) !== true) continue;
    const isHard = rights !== undefined && rights.hard > 0 && rights.soft.length === 0;
    const isOnShelf = rights?.picked === 0 && rights.packed === 0 && rights.shipped === 0;
    const isLast = rights?.order === last && rights.quality === 0 && rights.doc === '';
    if (!(isHard && isOnShelf && isLast)) found.push(`S7 rights ${JSON.stringify(rights)}`);
    if (detail?.pins.has(id)) found.push('S3 rights are pinned');
  }
  if (granted !== b[GRANTED]) found.push(`S2 ${b[GRANTED]} granted, ${granted} of rights`);
  found.push(...presaleFaults(state));
  return found;
}

/** S3, S7 of what is promised of goods in transit, no more than there are, and of nothing. */
function presaleFaults({ b, holds, presale, oversell }: StockState): string[] {
  let sum = 0;
  let bare = 0;
  const found: string[] = [];
  for (const [id, hold] of holds ?? []) {
    if (!isOpen(hold)) continue;
    sum += hold.presale;
    bare += hold.oversell;
    const both = hold.presale + hold.oversell;
    const isSound = Math.min(hold.presale, hold.oversell) >= 0 && both <= hold.waiting;
    if (!isSound || (hold.quality !== 0 && both > 0)) found.push(`S7 pre-sale of ${id}`);
  }
  if (sum !== presale) found.push(`S3 ${presale} of pre-sale, holds sum to ${sum}`);
  if (bare !== oversell) found.push(`S3 ${oversell} oversold, holds sum to ${bare}`);
  if (presale > (b[TRANSIT] as number)) found.push(`S7 ${presale} promised of goods in transit`);
  return found;
}

/** S1 of lines: no more of them than the counters have, pins and serials within them. */
function detailFaults(state: StockState, detail: Detail): string[] {
  const found: string[] = [];
  const say = (rule: string, what: string): void => {
    found.push(`${rule} ${what}`);
  };
  const sums = new Map<string, number>();
  const count = (what: string, qty: number): void => {
    sums.set(what, (sums.get(what) ?? 0) + qty);
  };
  for (const line of detail.lines.values()) {
    count(`${line.stage}${line.quality}`, line.qty);
    if (line.hold !== '') count(`${line.stage} ${line.hold}`, line.qty);
    found.push(...lineFaults(line, detail));
  }
  for (const stage of [0, 1, 2, 3] as const) {
    for (const quality of [0, 1, 2, 3] as const) {
      const lines = sums.get(`${stage}${quality}`) ?? 0;
      if (lines !== detail.named(stage, quality)) say('S1', `sum of ${stage} ${quality}`);
      const bare = lineKey({ stage, quality, why: '', hold: '', ...NO_LOT });
      if (detail.claims.sumAt(bare) > get(state.b, quality, stage) - lines)
        say('S3', `pinned without a line in ${stage} ${quality}`);
      if (lines > get(state.b, quality, stage))
        say('S1', `${lines} on lines of ${stage} ${quality}`);
    }
  }
  for (const [id, hold] of state.holds ?? []) {
    if (!isOpen(hold)) continue;
    if ((sums.get(`2 ${id}`) ?? 0) > hold.picked) say('S1', `picked lines of ${id}`);
    if ((sums.get(`3 ${id}`) ?? 0) > hold.packed) say('S1', `packed lines of ${id}`);
    const wanted = detail.pins.get(id);
    let pinned = 0;
    for (const qty of wanted?.lines.values() ?? []) pinned += qty;
    if (wanted !== undefined && pinned !== backed(hold)) say('S3', `${id} is pinned to ${pinned}`);
    if (wanted !== undefined) found.push(...claimFaults(state, detail, id, hold, wanted));
  }
  for (const id of detail.pins.keys()) if (!openHold(state, id)) say('S3', `${id} has ended`);
  for (const [serial, key] of detail.serials) {
    if (!detail.serialsAt(key).has(serial)) say('S6', `serial ${serial}`);
  }
  return found;
}

/** S3, S6, S9 of a pinned hold: a serial for each unit, and none of what it waits for is available. */
function claimFaults(
  { b }: StockState,
  detail: Detail,
  id: HoldId,
  { waiting, quality }: Hold,
  { serials, held, lines, want }: Wanted,
): string[] {
  const found: string[] = [];
  const most = Math.min(waiting, available(b, quality));
  let could = 0;
  if (serials.length > 0) {
    for (const [key, qty] of lines) {
      const its = [...held].filter((serial) => detail.serials.get(serial) === key);
      if (its.length !== qty) found.push(`S6 ${id} has ${its} at ${key}`);
    }
    const there = new Map<LineKey, number>();
    for (const serial of most > 0 ? serials : []) {
      const key = detail.serials.get(serial) ?? '';
      if (isToHave(detail, serial, quality, want)) there.set(key, (there.get(key) ?? 0) + 1);
    }
    for (const [key, units] of there) could += loose(key, units, most, detail);
  } else if (most > 0) {
    for (const line of detail.find(0, quality, want)) {
      if (line.why === '') could += loose(line.key, line.qty, most, detail);
    }
  }
  for (const serial of held) if (detail.claims.held.get(serial) !== id) found.push(`S6 ${serial}`);
  if (could > 0) found.push(`S9 ${id} waits for ${could} that are available`);
  return found;
}

/** Of units of a line those that it could have. Whole boxes may have to wait until enough is lacking. */
function loose(key: LineKey, units: number, most: number, { lines }: Detail): number {
  const line = lines.get(key);
  if (line === undefined) return Math.min(units, most);
  return line.box > 1 ? 0 : Math.min(units, most, line.qty - line.pinned);
}

function isToHave(detail: Detail, serial: string, quality: Quality, want: LotFilter): boolean {
  const key = detail.serials.get(serial);
  if (key === undefined || detail.claims.held.has(serial)) return false;
  const name = lineName(key);
  const isThere = name.stage === 0 && name.quality === quality && name.why === '';
  return isThere && matches(name, want);
}

function lineFaults(line: Line, detail: Detail): string[] {
  const found: string[] = [];
  let pinned = 0;
  for (const { lines } of detail.pins.values()) pinned += lines.get(line.key) ?? 0;
  if (pinned !== line.pinned) found.push(`S3 ${line.pinned} pinned at ${line.key}, not ${pinned}`);
  if (!(line.qty > 0 && line.pinned >= 0 && line.pinned <= line.qty)) found.push(`S7 ${line.key}`);
  if (line.box > 0 && line.qty % line.box > 0) found.push(`S1 a part of a box at ${line.key}`);
  if (detail.serialsAt(line.key).size > line.qty) found.push(`S6 serials at ${line.key}`);
  return found;
}

function faultsOf(state: StockState, quality: Quality): string[] {
  const found: string[] = [];
  const say = (rule: string, what: string): void => {
    found.push(`${rule} quality ${quality}: ${what}`);
  };
  for (let field = 0; field < WIDTH; field++) {
    const v = get(state.b, quality, field);
    if (!Number.isSafeInteger(v) || v < 0) say('S7', `field ${field} is ${v}`);
  }
  const units = free(state.b, quality);
  if (units < 0) say('S2', `free is ${units}`);
  let allocated = 0;
  let waiting = 0;
  let pinnedWaiting = 0;
  let patient = 0;
  const queued = new Set(state.queue);
  for (const [id, hold] of state.holds ?? []) {
    if (!isOpen(hold) || hold.quality !== quality) continue;
    if (!isRights(id)) allocated += allocatedBy(hold);
    waiting += hold.waiting;
    patient += hold.presale + hold.oversell;
    if (state.detail?.pins.has(id)) pinnedWaiting += hold.waiting;
    if (!areCounts(hold)) say('S7', `hold ${id} ${JSON.stringify(hold)}`);
    if (hold.waiting > 0 !== queued.has(id)) say('S3', `queue and hold ${id}`);
  }
  if (allocated !== get(state.b, quality, ALLOCATED)) say('S3', `holds sum to ${allocated}`);
  if (waiting !== get(state.b, quality, WAITING)) say('S3', `waiting holds sum to ${waiting}`);
  const unserved = waiting - patient - pinnedWaiting;
  const sellable = available(state.b, quality);
  if (unserved > 0 && sellable > 0) say('S9', `${sellable} available while ${unserved} wait`);
  let kept = 0;
  for (const line of state.detail?.find(0, quality, {}) ?? [])
    if (line.why !== '') kept += line.qty;
  if (get(state.b, quality, BLOCKED) !== get(state.b, quality, RECEIVING) + kept) {
    say('S1', 'what is blocked is not what awaits a place and what is kept from sale');
  }
  if (get(state.b, quality, SHELF) < kept) say('S1', `${kept} are kept from sale`);
  return found;
}

const areCounts = (hold: Hold): boolean =>
  isCount(hold.hard) &&
  isCount(hold.waiting) &&
  isCount(hold.picked) &&
  isCount(hold.packed) &&
  isCount(hold.shipped) &&
  isCount(backed(hold));

const isCount = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;
