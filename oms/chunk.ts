import { type ActorKey, parseActorKey } from '../actors/ids.ts';
import type { Change } from '../actors/stock/stockroom.ts';
import type { JournalRecord } from '../engine/record.ts';
import { ledgerLines } from './ledger.ts';
import type { Position } from './position.ts';
import type { Chunk } from './store/store.ts';

/** A record of the journal that has been checked, and where it lies. */
export interface Arrived {
  readonly seq: number;
  readonly record: JournalRecord;
}

export const positionOf = ({ seq, record }: Arrived): Position => ({
  seq,
  epoch: record.epoch,
  number: record.number,
  hash: record.hash,
  timeMs: record.timeMs,
});

/** What the records change, in commit order. */
export function* changesOf({ body }: JournalRecord): Generator<Change> {
  if (body.kind !== 'batch') return;
  for (const { outcome } of body.entries) if (outcome.ok) yield* outcome.changes;
}

/** Records as the rows that the store writes. `numberOf` is an actor's number. */
export function chunkOf(
  from: Position,
  arrived: readonly Arrived[],
  numberOf: (key: ActorKey, shard: number) => number,
): Chunk {
  const last = arrived.at(-1) as Arrived;
  const { shard } = last.record;
  const changed = new Map<ActorKey, Change>();
  const lines: Chunk['lines'][number][] = [];
  for (const { record } of arrived) {
    for (const change of changesOf(record)) changed.set(change.key, change);
    for (const line of ledgerLines(record)) {
      lines.push({ ...line, actorId: numberOf(line.key, shard) });
    }
  }
  const parts = [...changed.values()].map(({ key, seq, after }) => ({
    id: numberOf(key, shard),
    ...parseActorKey(key),
    shard,
    seq,
    balances: after,
  }));
  return { shard, from, to: positionOf(last), lines, parts };
}
