import { messageOfError, ShardStopped } from './errors.ts';
import type { Stored } from './journal/journal.ts';
import { type Head, hashOf, type JournalRecord, open } from './record.ts';
import { openHead, type UnreadRecord } from './record-reader.ts';

/**
 * What whoever reads a journal, be it a recovering shard or the centre, asks of a
 * record before it believes it. What is wrong is thrown as {@link ShardStopped}.
 */

/** Opens a record by itself. */
export const openStored = (shard: number, stored: Stored): JournalRecord =>
  opened(shard, stored, open);

/** Opens a record and checks that it follows `previous`. */
export function verified(shard: number, stored: Stored, previous: Head): JournalRecord {
  const record = openStored(shard, stored);
  requireNext(shard, stored.seq, record, previous);
  return record;
}

/** The same of a record whose body is to be read later. */
export function verifiedHead(shard: number, stored: Stored, previous: Head): UnreadRecord {
  const record = opened(shard, stored, openHead);
  requireNext(shard, stored.seq, record, previous);
  return record;
}

export function damaged(shard: number, seq: number, what: string, number?: number): ShardStopped {
  const record = number === undefined ? 'the record' : `record ${number}`;
  return new ShardStopped(
    `${record} at ${seq} in the journal of shard ${shard} is damaged: ${what}`,
  );
}

function opened<Opened>(
  shard: number,
  { seq, id, bytes }: Stored,
  open: (bytes: Uint8Array, hash: string) => Opened,
): Opened {
  const hash = hashOf(bytes);
  if (hash !== id) throw damaged(shard, seq, 'its content does not match its hash');
  try {
    return open(bytes, hash);
  } catch (e) {
    throw damaged(shard, seq, messageOfError(e));
  }
}

type Link = JournalRecord | UnreadRecord;

function requireNext(shard: number, seq: number, record: Link, previous: Head): void {
  const wrong = wrongAfter(shard, record, previous);
  if (wrong !== undefined) throw damaged(shard, seq, wrong, record.number);
}

function wrongAfter(shard: number, record: Link, previous: Head): string | undefined {
  if (record.shard !== shard) return `it is of shard ${record.shard}`;
  if (record.number !== previous.number + 1) return `it should be number ${previous.number + 1}`;
  if (record.prev !== previous.hash) return 'it does not follow the record before it';
  if (record.epoch < previous.epoch) return 'its epoch is older than the one before';
  if (record.timeMs < previous.timeMs) return 'its time is before the one before';
  return undefined;
}
