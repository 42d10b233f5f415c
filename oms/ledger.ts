import {
  ALLOCATED,
  type Balances,
  GRANTED,
  get,
  noBalances,
  onHand,
  PACKED,
  PICKED,
  RECEIVING,
  SHELF,
  TRANSIT,
} from '../actors/stock/balances.ts';
import { QUALIFIED, type Quality } from '../actors/stock/commands.ts';
import type { StockEvent } from '../actors/stock/events.ts';
import { type Posting, postings } from '../actors/stock/postings.ts';
import type { ChangeReader } from '../engine/record-reader.ts';
import { plainEvents } from './plain.ts';

/** Accounts of the ledger, in the order of their numbers in SQL. */
export const ACCOUNTS = ['onHand', 'allocated', 'inTransit', 'granted'] as const;
export type AccountName = (typeof ACCOUNTS)[number];

/** One ledger line: an account of one quality that an event changed. Base units. */
export interface Movement {
  readonly quality: Quality;
  /** Index into {@link ACCOUNTS}. */
  readonly account: number;
  /** Not 0. The balance before is `after − change`. */
  readonly change: number;
  readonly after: number;
}

/** The lines of the change at hand. They are good until they are asked for again. */
export class Movements {
  readonly #plain: Record<AccountName, { -readonly [K in keyof Movement]: Movement[K] }> = {
    onHand: { quality: QUALIFIED, account: 0, change: 0, after: 0 },
    allocated: { quality: QUALIFIED, account: 1, change: 0, after: 0 },
    inTransit: { quality: QUALIFIED, account: 2, change: 0, after: 0 },
    granted: { quality: QUALIFIED, account: 3, change: 0, after: 0 },
  };
  readonly #lines: Movement[] = [];

  /** Empty where it moved nothing, as a pick does. */
  of(change: ChangeReader): readonly Movement[] {
    if (!change.isPlain) return movements(change.event(), Array.from(change.after));
    const { qty, kind, after } = change;
    const [onHandUnits, allocatedUnits, inTransitUnits, grantedUnits] = UNIT_LINES[
      kind
    ] as UnitLines;
    const { onHand, allocated, inTransit, granted } = this.#plain;
    const lines = this.#lines;
    lines.length = 0;
    if (inTransitUnits !== 0) {
      inTransit.change = inTransitUnits * qty;
      inTransit.after = after[TRANSIT] as number;
      lines.push(inTransit);
    }
    if (onHandUnits !== 0) {
      onHand.change = onHandUnits * qty;
      onHand.after = onHandOf(after);
      lines.push(onHand);
    }
    if (allocatedUnits !== 0) {
      allocated.change = allocatedUnits * qty;
      allocated.after = after[ALLOCATED] as number;
      lines.push(allocated);
    }
    if (grantedUnits !== 0) {
      granted.change = grantedUnits * qty;
      granted.after = after[GRANTED] as number;
      lines.push(granted);
    }
    return lines;
  }
}

const onHandOf = (after: Float64Array): number =>
  (after[SHELF] as number) +
  (after[RECEIVING] as number) +
  (after[PICKED] as number) +
  (after[PACKED] as number);

/** Where the text is that names a change's document: the caller's number where there is neither. */
export function docIn({
  docFrom,
  docTo,
  holdFrom,
  holdTo,
}: ChangeReader): 'doc' | 'hold' | 'caller' {
  if (docTo > docFrom) return 'doc';
  return holdTo > holdFrom ? 'hold' : 'caller';
}

/** The document of a change that has none and no hold. */
export function callerDoc(change: ChangeReader): string {
  const client = change.text(change.clientFrom, change.clientTo);
  return change.n > 0 ? `${client}#${change.n}` : client;
}

function movements(event: StockEvent, after: Balances): Movement[] {
  const { physical, commitment } = postings(event);
  const found: Movement[] = [];
  const look = (quality: Quality): void => {
    const onHandChange = net(physical, quality, isOnHand);
    const allocatedChange = net(commitment, quality, isAllocated);
    if (onHandChange !== 0) {
      found.push({ quality, account: 0, change: onHandChange, after: onHand(after, quality) });
    }
    if (allocatedChange !== 0) {
      const left = get(after, quality, ALLOCATED);
      found.push({ quality, account: 1, change: allocatedChange, after: left });
    }
  };
  const inTransit = net(physical, event.quality, isInTransit);
  if (inTransit !== 0) {
    const { quality } = event;
    const left = get(after, quality, TRANSIT);
    found.push({ quality, account: 2, change: inTransit, after: left });
  }
  look(event.quality);
  if (event.toQuality !== event.quality) look(event.toQuality);
  const granted = net(commitment, QUALIFIED, isGranted);
  if (granted !== 0) {
    found.push({
      quality: QUALIFIED,
      account: 3,
      change: granted,
      after: after[GRANTED] as number,
    });
  }
  return found;
}

const isOnHand = (account: string): boolean => account !== 'outside' && account !== 'inTransit';
const isInTransit = (account: string): boolean => account === 'inTransit';
const isGranted = (account: string): boolean => account === 'granted';
const isAllocated = (account: string): boolean => account === 'allocated';

function net(
  all: readonly Posting<string>[],
  quality: Quality,
  counts: (account: string) => boolean,
): number {
  let sum = 0;
  for (const p of all) {
    if (p.quality === quality && counts(p.from)) sum -= p.qty;
    if (p.toQuality === quality && counts(p.to)) sum += p.qty;
  }
  return sum;
}

type UnitLines = readonly [onHand: number, allocated: number, inTransit: number, granted: number];

/** By kind: what one unit of a plain event changes of each account. */
const UNIT_LINES: readonly UnitLines[] = plainEvents(1).map((event) => {
  const lines = movements(event, noBalances());
  const of = (account: number): number => lines.find((l) => l.account === account)?.change ?? 0;
  return [of(0), of(1), of(2), of(3)];
});
