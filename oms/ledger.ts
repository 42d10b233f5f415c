import { ALLOCATED, type Balances, get, onHand } from '../actors/stock/balances.ts';
import type { Quality } from '../actors/stock/commands.ts';
import { EVENT_KINDS, type StockEvent } from '../actors/stock/events.ts';
import { type Posting, postings } from '../actors/stock/postings.ts';
import type { Change } from '../actors/stock/stockroom.ts';
import type { Entry } from '../engine/record.ts';

/** Accounts of the ledger, in the order of their numbers in SQL. */
export const ACCOUNTS = ['onHand', 'allocated', 'inTransit'] as const;
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

/** An event as the ledger keeps it: what all its lines have in common, and the lines. */
export interface LedgerEvent {
  /** The stock actor's number in SQL. */
  readonly actor: number;
  readonly actorSeq: number;
  /** By the device's clock, epoch ms; 0 where it is the record's time. */
  readonly occurredAtMs: number;
  /** Index into EVENT_KINDS; SQL derives the document's type from it. */
  readonly kind: number;
  readonly doc: string;
  /** The hold, or ''. */
  readonly docLine: string;
  /** '' where the kind says it all. */
  readonly reason: string;
  /** Who asked for it. */
  readonly client: string;
  readonly lines: readonly Movement[];
}

/** A change as ledger lines; undefined where it moved nothing, as a pick does. Pure. */
export function ledgerEvent(
  { caller, n }: Entry,
  { seq, event, after }: Change,
  actor: number,
): LedgerEvent | undefined {
  const lines = movements(event, after);
  if (lines.length === 0) return undefined;
  return {
    actor,
    actorSeq: seq,
    occurredAtMs: event.occurredAtMs,
    kind: EVENT_KINDS.indexOf(event.kind),
    doc: event.doc || event.hold || (n > 0 ? `${caller.client}#${n}` : caller.client),
    docLine: event.hold,
    reason: event.reason,
    client: caller.client,
    lines,
  };
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
  look(event.quality);
  if (event.toQuality !== event.quality) look(event.toQuality);
  return found;
}

const isOnHand = (account: string): boolean => account !== 'outside';
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
