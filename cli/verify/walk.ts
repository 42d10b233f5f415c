import { setTimeout as wait } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { verified } from '../../engine/chain.ts';
import { messageOfError, ShardStopped } from '../../engine/errors.ts';
import type { Journal, Stored } from '../../engine/journal/journal.ts';
import { type Head, type JournalRecord, open, type SnapshotName } from '../../engine/record.ts';

/** A record and where it lies. */
export interface Place extends Head {
  readonly seq: number;
}

/** A shard's journal as it was found, read from its first record to its last. */
export interface Walk {
  readonly first: Place | undefined;
  /** The last record up to which all is whole and follows. */
  readonly last: Place | undefined;
  readonly records: number;
  /** Hash of every whole record, and of the one before the first. */
  readonly chain: ReadonlyMap<number, string>;
  /** Snapshots that whole records name, oldest first. */
  readonly named: readonly SnapshotName[];
  /** Why the next one is not whole. */
  readonly damage: string | undefined;
}

/** Sequences that the stream says it has, read or not. */
export interface Extent {
  readonly from: number;
  readonly to: number;
}

const TRIES = 2;

/** As the server tells it: a last record that cannot be read is still the last. */
export async function extentOf(nats: NatsConnection, stream: string): Promise<Extent> {
  const { state } = await (await jetstreamManager(nats)).streams.info(stream);
  return { from: state.first_seq, to: state.last_seq };
}

/** Reads on until the end, or until a record that is not whole. `visit` may throw to say that it is not. */
export async function walk(
  shard: number,
  journal: Journal,
  extent: Extent,
  visit: (record: JournalRecord) => void = () => {},
): Promise<Walk> {
  const chain = new Map<number, string>();
  const named: SnapshotName[] = [];
  let first: Place | undefined;
  let last: Place | undefined;
  let records = 0;
  let damage: string | undefined;
  try {
    for await (const stored of readOn(journal, extent.from, extent.to)) {
      const record = verified(shard, stored, last ?? before(stored));
      visit(record);
      const { epoch, number, hash, timeMs, body } = record;
      if (last === undefined) chain.set(number - 1, record.prev);
      last = { epoch, number, hash, timeMs, seq: stored.seq };
      first ??= last;
      chain.set(number, hash);
      if (body.kind === 'snapshot') named.push(body);
      records++;
    }
  } catch (e) {
    damage = messageOfError(e);
  }
  return { first, last, records, chain, named, damage };
}

/** What a first record says that it follows; nothing is known against it. */
function before({ bytes }: Stored): Head {
  try {
    const { epoch, number, prev, timeMs } = open(bytes);
    return { epoch, number: number - 1, hash: prev, timeMs };
  } catch {
    return { epoch: 0, number: 0, hash: '', timeMs: 0 }; // told by the check of the record itself
  }
}

/** A read that was cut off goes on; one that gets nowhere is damage. */
async function* readOn(journal: Journal, from: number, to: number): AsyncIterable<Stored> {
  let next = from;
  for (let tries = 0; next <= to; ) {
    try {
      for await (const stored of journal.read(next, to)) {
        yield stored;
        next = stored.seq + 1;
        tries = 0;
      }
    } catch (e) {
      if (e instanceof ShardStopped) throw e;
      if (++tries === TRIES) {
        const what = `the journal cannot be read from ${next} to ${to}: ${messageOfError(e)}`;
        throw new ShardStopped(what);
      }
      await wait(100);
    }
  }
}
