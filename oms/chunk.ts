import { type ActorKey, parseActorKey } from '../actors/ids.ts';
import type { Change } from '../actors/stock/stockroom.ts';
import type { JournalRecord } from '../engine/record.ts';
import type { Part } from './availability.ts';
import { type LedgerEvent, ledgerEvent } from './ledger.ts';
import type { Position } from './position.ts';
import type { Chunk, RecordRows } from './store/store.ts';

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

/** Records of one shard as the rows that the store writes. `numberOf` is an actor's number. */
export function chunkOf(
  from: Position,
  arrived: readonly Arrived[],
  numberOf: (key: ActorKey) => number,
): Chunk {
  const last = arrived.at(-1) as Arrived;
  const { shard } = last.record;
  const changed = new Map<number, Change>();
  const records = arrived.map(({ record }) => rowsOf(record, numberOf, changed));
  const parts: Part[] = [];
  for (const [id, { key, seq, after }] of changed) {
    const { owner, sku, warehouse } = parseActorKey(key);
    parts.push({ id, owner, sku, warehouse, shard, seq, balances: after });
  }
  return { shard, from, to: positionOf(last), records, parts };
}

/** Notes in `changed` what each actor was left with. */
function rowsOf(
  { shard, epoch, number, hash, timeMs, body }: JournalRecord,
  numberOf: (key: ActorKey) => number,
  changed: Map<number, Change>,
): RecordRows {
  const events: LedgerEvent[] = [];
  for (const entry of body.kind === 'batch' ? body.entries : []) {
    if (!entry.outcome.ok) continue;
    for (const change of entry.outcome.changes) {
      const id = numberOf(change.key);
      changed.set(id, change);
      const event = ledgerEvent(entry, change, id);
      if (event !== undefined) events.push(event);
    }
  }
  return { shard, epoch, number, hash, timeMs, events };
}
