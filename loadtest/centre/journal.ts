import { actorKey, type OwnerId, type SkuId, type WarehouseId } from '../../actors/ids.ts';
import { BLANK, type StockCommand } from '../../actors/stock/commands.ts';
import { Stockroom } from '../../actors/stock/stockroom.ts';
import {
  type Acknowledged,
  type Caller,
  type Entry,
  GENESIS,
  type Head,
  seal,
} from '../../engine/record.ts';
import { slotOf } from '../../engine/subjects.ts';
import { NOW_MS, shuffled } from '../actors/goods.ts';

/** A record as it lies in its stream. */
export interface StoredRecord {
  readonly seq: number;
  readonly id: string;
  readonly bytes: Uint8Array;
}

export interface MadeJournal {
  readonly shard: number;
  readonly shards: number;
  readonly stored: readonly StoredRecord[];
  /** Each is one change, and one ledger line. */
  readonly changes: number;
}

export interface Shape {
  readonly shard: number;
  readonly shards: number;
  readonly skus: number;
  /** After the receipts. */
  readonly reservations: number;
}

/** Commands of one record: four frames of 128, as a busy shard commits them. */
const RECORD_COMMANDS = 512;
const CLIENTS = 16;
const OWNER = 'demo' as OwnerId;
const UNITS = 1_000_000;
/** Of record time between two records, ms. */
const STEP_MS = 2;

/** One shard's journal by real decisions: receipts of every SKU, then reservations over them in random order. */
export function madeJournal({ shard, shards, skus, reservations }: Shape): MadeJournal {
  const room = new Stockroom();
  const warehouse = warehouseOf(shard, shards);
  const order = shuffled(skus, 7);
  const stored: StoredRecord[] = [];
  const changes = skus + reservations;
  let head: Head = { epoch: 1, number: 0, hash: GENESIS, timeMs: NOW_MS };
  for (let from = 0; from < changes; from += RECORD_COMMANDS) {
    const timeMs = head.timeMs + STEP_MS;
    const entries: Entry[] = [];
    for (let i = from; i < Math.min(from + RECORD_COMMANDS, changes); i++) {
      const sku = `SKU-${i < skus ? i : order[i % skus]}` as SkuId;
      const base = { ...BLANK, key: actorKey(OWNER, sku, warehouse), owner: OWNER, sku, warehouse };
      entries.push(entryOf(room, i < skus ? receipt(base, i) : reservation(base, i), i, timeMs));
    }
    const acknowledged = acknowledgedBy(from);
    const sealed = seal(shard, head, 1, timeMs, { kind: 'batch', entries, acknowledged });
    stored.push({ seq: stored.length + 1, id: sealed.hash, bytes: sealed.bytes });
    head = sealed.head;
  }
  return { shard, shards, stored, changes };
}

type Base = Omit<StockCommand, 'op'>;

const receipt = (base: Base, i: number): StockCommand => ({
  ...base,
  op: 'receive',
  qty: UNITS,
  doc: `PO-${i % 100}`,
});

const reservation = (base: Base, i: number): StockCommand => ({
  ...base,
  op: 'reserve',
  qty: 1,
  hold: `${i % CLIENTS}-${Math.floor(i / CLIENTS)}` as StockCommand['hold'],
});

function entryOf(room: Stockroom, command: StockCommand, i: number, nowMs: number): Entry {
  const outcome = room.run(command, nowMs);
  if (!outcome.ok) throw new Error(`${command.op} was refused: ${outcome.code}`);
  const n = 1 + Math.floor(i / CLIENTS);
  const fingerprint = (Math.imul(i, 2_654_435_761) >>> 0) * 2 ** 20;
  return { caller: callerOf(i % CLIENTS), n, fingerprint, all: false, outcome };
}

const callerOf = (i: number): Caller => ({
  client: `batch-${i}`,
  incarnation: `lb5c2k9q.0123456789abcd${i.toString(16).padStart(2, '0')}`,
});

/** Every client has its answers up to the record before. */
const acknowledgedBy = (from: number): Acknowledged[] =>
  Array.from({ length: CLIENTS }, (_, i) => ({
    caller: callerOf(i),
    below: 1 + Math.floor(from / CLIENTS),
  }));

function warehouseOf(shard: number, shards: number): WarehouseId {
  for (let i = 1; ; i++) if (slotOf(`W${i}`, shards) === shard) return `W${i}` as WarehouseId;
}
