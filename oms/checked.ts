import { messageOfError, ShardStopped } from '../engine/errors.ts';
import { type Head, hashOf } from '../engine/record.ts';
import { openHead, type UnreadRecord } from '../engine/record-reader.ts';
import type { Delivered } from './source.ts';

type Stored = Pick<Delivered, 'seq' | 'id' | 'bytes'>;

/**
 * Reads the head of a record and checks that it follows `previous`, as a
 * recovering shard does. Throws {@link ShardStopped}.
 */
export function checked(shard: number, stored: Stored, previous: Head): UnreadRecord {
  const record = opened(shard, stored);
  const say = (what: string): ShardStopped =>
    damaged(`record ${record.number}`, shard, stored.seq, what);
  if (record.shard !== shard) throw say(`it is of shard ${record.shard}`);
  if (record.number !== previous.number + 1)
    throw say(`it should be number ${previous.number + 1}`);
  if (record.prev !== previous.hash) throw say('it does not follow the record before it');
  if (record.epoch < previous.epoch) throw say('its epoch is older than the one before');
  if (record.timeMs < previous.timeMs) throw say('its time is before the one before');
  return record;
}

function opened(shard: number, { seq, id, bytes }: Stored): UnreadRecord {
  const hash = hashOf(bytes);
  if (hash !== id) throw damaged('the record', shard, seq, 'its content does not match its hash');
  try {
    return openHead(bytes, hash);
  } catch (e) {
    throw damaged('the record', shard, seq, messageOfError(e));
  }
}

const damaged = (which: string, shard: number, seq: number, what: string): ShardStopped =>
  new ShardStopped(`${which} at ${seq} in the journal of shard ${shard} is damaged: ${what}`);
