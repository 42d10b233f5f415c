import { isQty } from '../actors/ids.ts';
import type { Refused } from '../actors/outcomes.ts';
import { type BatchDates, NO_MORE } from '../actors/stock/commands.ts';
import { ANY_LOT, type Lot, type LotFilter } from '../actors/stock/lot.ts';
import { LIMITS } from '../engine/limits.ts';
import { type Fields, field, isDelta, isLine, TEXT, TIME, wholeOf } from './fields.ts';
import type { Shape } from './shapes.ts';

/** Which units, or what they are. Blank (or 0) says that they have none; left out, any. */
const LOT = {
  location: 'location',
  container: 'container',
  batch: 'batch',
  box: 'box',
  fnsku: 'fnsku',
} as const satisfies Record<string, keyof Lot>;

/** What is different of them afterwards. No batch: units stay of the one they were made in. */
const TO = {
  toLocation: 'location',
  toContainer: 'container',
  toBox: 'box',
  toFnsku: 'fnsku',
} as const satisfies Record<string, keyof Lot>;

type Names = Readonly<Record<string, keyof Lot>>;
const keysOf = <T extends Names>(names: T) => Object.keys(names) as (keyof T)[];

export const LOT_FIELDS = keysOf(LOT);
export const TO_FIELDS = keysOf(TO);
/** What is printed on a batch. */
export const DATE_FIELDS = ['startAt', 'expiresAt', 'sellUntil'] as const;

/** Missing, or wrong even if this op does not use it, in the order of this list. */
export function badLots(v: Fields, needs: Shape): Refused | undefined {
  const bad = badLot(v, LOT) ?? badLot(v, TO);
  if (bad !== undefined) return bad;
  if (needs.to && !hasAny(v, TO_FIELDS)) {
    return field('toLocation', `or another of ${TO_FIELDS.join(', ')}: what changes`);
  }
  return badSerials(v, needs) ?? badDates(v);
}

function badLot(v: Fields, names: Names): Refused | undefined {
  for (const [name, of] of Object.entries(names)) {
    const value = v[name];
    if (value === undefined) continue;
    if (of === 'box' ? !isBox(value) : value !== '' && !isLine(value)) {
      return field(name, of === 'box' ? BOX : `${TEXT}, or "" for none`);
    }
  }
  return undefined;
}

const BOX = `pieces in a closed box, ${LIMITS.boxPieces} at most, or 0 for loose ones`;
const isBox = (v: unknown): boolean => v === 0 || (isQty(v) && v <= LIMITS.boxPieces);

function badSerials(v: Fields, needs: Shape): Refused | undefined {
  const { serials } = v;
  if (serials === undefined) return undefined;
  if (!Array.isArray(serials) || serials.length === 0 || serials.length > LIMITS.serials) {
    return field('serials', `a list of 1 to ${LIMITS.serials}`);
  }
  if (!serials.every(isLine)) return field('serials', `each ${TEXT}`);
  if (new Set(serials).size < serials.length) return field('serials', 'each of them once');
  const units = unitsOf(v, needs);
  return units === undefined || units === serials.length
    ? undefined
    : field('serials', 'one for each unit');
}

/** How many units a message speaks of, where it says so rightly. */
function unitsOf({ qty, delta }: Fields, needs: Shape): number | undefined {
  if (needs.delta) return isDelta(delta) ? Math.abs(delta) : undefined;
  return isQty(qty) ? qty : undefined;
}

function badDates(v: Fields): Refused | undefined {
  const { startAt, expiresAt, sellUntil } = v;
  for (const name of DATE_FIELDS) {
    if (v[name] === undefined) continue;
    if (!isQty(v[name])) return field(name, TIME);
    if (v.batch === undefined || v.batch === '') return field(name, 'only with a batch');
  }
  if (wholeOf(sellUntil) > wholeOf(expiresAt)) return field('sellUntil', 'no later than expiresAt');
  if (expiresAt !== undefined && wholeOf(startAt) > wholeOf(expiresAt)) {
    return field('startAt', 'no later than expiresAt');
  }
  return undefined;
}

export const lotOf = (v: Fields): LotFilter => filterOf(v, LOT);
export const toOf = (v: Fields): LotFilter => filterOf(v, TO);

/** Has what was said, and nothing else: `undefined` would be something. */
function filterOf(v: Fields, names: Names): LotFilter {
  const said = Object.entries(names).filter(([name]) => v[name] !== undefined);
  if (said.length === 0) return ANY_LOT;
  return Object.fromEntries(said.map(([name, of]) => [of, v[name]]));
}

export const serialsOf = (v: Fields): readonly string[] =>
  (v.serials as readonly string[] | undefined) ?? NO_MORE.serials;

/** How many units a message names one by one. */
export const unitsNamed = (v: Fields): number => serialsOf(v).length;

export function datesOf(v: Fields): BatchDates | undefined {
  if (!hasAny(v, DATE_FIELDS)) return undefined;
  const expiresAtMs = wholeOf(v.expiresAt);
  return {
    startMs: wholeOf(v.startAt),
    expiresAtMs,
    sellUntilMs: (v.sellUntil as number | undefined) ?? expiresAtMs,
  };
}

/** Whether a message says which units, and not only how many. */
export const namesUnits = (v: Fields): boolean => v.serials !== undefined || hasAny(v, LOT_FIELDS);

const hasAny = (v: Fields, names: readonly string[]): boolean =>
  names.some((name) => v[name] !== undefined);
