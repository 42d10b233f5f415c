import { isOwnerId, type OwnerId } from '../../actors/ids.ts';
import type { ByChannel, OwnerSales } from './channel-tallies.ts';

/** What is read from outside is what it should be, or is passed over: a report comes again. */

/** A start of a node is named by so many characters at most. */
const RUN = 64;

/** What a node reports, as far as it can be read; undefined where it is no report. */
export function soldIn(
  message: unknown,
): { readonly run: string; readonly sold: readonly (readonly [OwnerId, ByChannel])[] } | undefined {
  if (!isMap(message) || !isMap(message.sold)) return undefined;
  const { run, sold } = message;
  if (typeof run !== 'string' || run === '' || run.length > RUN) return undefined;
  const owners = Object.entries(sold).flatMap(([owner, its]) =>
    isOwnerId(owner) && isMap(its) ? [[owner, unitsIn(its)] as const] : [],
  );
  return { run, sold: owners };
}

/** What was kept of an owner; undefined where that cannot be read. */
export function keptSales(text: string): OwnerSales | undefined {
  let kept: unknown;
  try {
    kept = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isMap(kept) || !isUnits(kept.sold) || !isMap(kept.runs)) return undefined;
  const isRun = (run: unknown): boolean => isMap(run) && isUnits(run.sold) && isNumber(run.atMs);
  const isWhole =
    Object.values(kept.runs).every(isRun) && [kept.atMs, kept.writtenMs].every(isNumber);
  return isWhole ? (kept as unknown as OwnerSales) : undefined;
}

const unitsIn = (its: Fields): ByChannel =>
  Object.fromEntries(
    Object.entries(its).filter(
      (one): one is [string, number] => Number.isSafeInteger(one[1]) && (one[1] as number) > 0,
    ),
  );

type Fields = Readonly<Record<string, unknown>>;
const isMap = (v: unknown): v is Fields => typeof v === 'object' && v !== null && !Array.isArray(v);
const isNumber = (v: unknown): boolean => typeof v === 'number' && Number.isFinite(v);
const isUnits = (v: unknown): boolean => isMap(v) && Object.values(v).every(isNumber);
