import type { ActorKey } from '../actors/ids.ts';
import { ALLOCATED, type Balances, get, onHand } from '../actors/stock/balances.ts';
import type { Quality } from '../actors/stock/commands.ts';
import { EVENT_KINDS, type StockEvent } from '../actors/stock/events.ts';
import { type Posting, postings } from '../actors/stock/postings.ts';
import type { Change } from '../actors/stock/stockroom.ts';
import type { Entry, JournalRecord } from '../engine/record.ts';

/** Accounts of the ledger, in the order of their numbers in SQL. */
export const ACCOUNTS = ['onHand', 'allocated', 'inTransit'] as const;
export type AccountName = (typeof ACCOUNTS)[number];

/**
 * One account of one quality that one event changed. Keyed by (shard, epoch,
 * number, line); the balance before is `after − change`. Base units, epoch ms.
 */
export interface LedgerLine {
  readonly shard: number;
  readonly epoch: number;
  readonly number: number;
  /** Counted through the record, from 0. */
  readonly line: number;
  /** Of the record. */
  readonly hash: string;
  readonly key: ActorKey;
  readonly actorSeq: number;
  readonly occurredAtMs: number;
  readonly recordedAtMs: number;
  /** Index into EVENT_KINDS; SQL derives the document's type from it. */
  readonly kind: number;
  readonly doc: string;
  readonly docLine: string;
  /** '' where the kind says it all. */
  readonly reason: string;
  readonly client: string;
  readonly quality: Quality;
  /** Index into {@link ACCOUNTS}. */
  readonly account: number;
  readonly change: number;
  readonly after: number;
}

/** The ledger lines of a record, in commit order. Pure. */
export function ledgerLines(record: JournalRecord): LedgerLine[] {
  const lines: LedgerLine[] = [];
  if (record.body.kind !== 'batch') return lines;
  for (const entry of record.body.entries) {
    if (!entry.outcome.ok) continue;
    for (const change of entry.outcome.changes) {
      for (const moved of movements(change))
        lines.push(lineOf(record, entry, change, lines.length, moved));
    }
  }
  return lines;
}

type Movement = Pick<LedgerLine, 'quality' | 'account' | 'change' | 'after'>;

/** What an event did to each account of each quality it touched; nothing where it did nothing. */
function movements({ event, after }: Change): Movement[] {
  const { physical, commitment } = postings(event);
  const found: Movement[] = [];
  for (const quality of qualitiesOf(event)) {
    const onHandChange = net(physical, quality, isOnHand);
    const allocatedChange = net(commitment, quality, isAllocated);
    if (onHandChange !== 0) {
      found.push({ quality, account: 0, change: onHandChange, after: onHand(after, quality) });
    }
    if (allocatedChange !== 0) {
      found.push({
        quality,
        account: 1,
        change: allocatedChange,
        after: allocated(after, quality),
      });
    }
  }
  return found;
}

const qualitiesOf = (e: StockEvent): readonly Quality[] =>
  e.quality === e.toQuality ? [e.quality] : [e.quality, e.toQuality];

const allocated = (after: Balances, quality: Quality): number => get(after, quality, ALLOCATED);
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

function lineOf(
  record: JournalRecord,
  { caller, n }: Entry,
  { key, seq, event }: Change,
  line: number,
  moved: Movement,
): LedgerLine {
  return {
    shard: record.shard,
    epoch: record.epoch,
    number: record.number,
    line,
    hash: record.hash,
    key,
    actorSeq: seq,
    occurredAtMs: event.occurredAtMs || record.timeMs,
    recordedAtMs: record.timeMs,
    kind: EVENT_KINDS.indexOf(event.kind),
    doc: event.doc || event.hold || (n > 0 ? `${caller.client}#${n}` : caller.client),
    docLine: event.hold,
    reason: event.reason,
    client: caller.client,
    quality: moved.quality,
    account: moved.account,
    change: moved.change,
    after: moved.after,
  };
}
