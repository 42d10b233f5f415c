import { isQty, isText, PRESALE, RIGHTS } from '../actors/ids.ts';
import { type Refused, refuse } from '../actors/outcomes.ts';
import { QUALITIES } from '../actors/stock/commands.ts';
import { LIMITS } from '../engine/limits.ts';

/** A message as it was read: any names, any types. */
export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (v: unknown): v is Fields =>
  typeof v === 'object' && v !== null && !Array.isArray(v) && !(v instanceof Uint8Array);

export const field = (name: string, what: string): Refused =>
  refuse('bad_field', 0, -1, `${name}: ${what}`);

export const TEXT = '1 to 64 printable characters';
export const HOLD = `${TEXT}, not ${RIGHTS} or ${PRESALE}`;
export const PLAIN = '1 to 32 of A-Z a-z 0-9 _ -';
export const TIME = 'milliseconds since 1970';

export const isLine = (v: unknown): v is string => typeof v === 'string' && isText(v);
export const isTtl = (v: unknown): boolean => isQty(v) && v <= LIMITS.softTtlMs;
export const isDelta = (v: unknown): v is number => Number.isSafeInteger(v) && v !== 0;

/** What was checked and may be left out, or its blank. */
export const textOf = (v: unknown): string => (v as string | undefined) ?? '';
export const wholeOf = (v: unknown): number => (v as number | undefined) ?? 0;

/** −1 for what is no quality. Left out means qualified. */
export function qualityOf(v: unknown): number {
  return v === undefined ? 0 : QUALITIES.indexOf(v as (typeof QUALITIES)[number]);
}
