import type { UnreadRecord } from '../engine/record-reader.ts';
import type { Actors } from './actors.ts';
import type { Position } from './position.ts';
import type { Chunk } from './store/store.ts';

/** A record of the journal that has been checked, and where it lies. Its changes are still to be read. */
export interface Arrived {
  readonly seq: number;
  readonly record: UnreadRecord;
}

export const positionOf = ({ seq, record }: Arrived): Position => ({
  seq,
  epoch: record.epoch,
  number: record.number,
  hash: record.hash,
  timeMs: record.timeMs,
});

/** Some records of one shard, by the centre's number of it, for the store. `actors` knows every actor in them. */
export function chunkOf(
  shard: number,
  from: Position,
  arrived: readonly Arrived[],
  actors: Actors,
): Chunk {
  const last = arrived.at(-1) as Arrived;
  const records = arrived.map(({ record }) => record);
  return { shard, from, to: positionOf(last), records, actors };
}
