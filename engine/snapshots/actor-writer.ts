import type { ActorKey, HoldId } from '../../actors/ids.ts';
import { type EndedHold, type Hold, isOpen, type StockState } from '../../actors/stock/state.ts';
import { MsgpackWriter, NUMBER_BYTES, textBytes } from '../msgpack.ts';
import { detailLine } from './detail-line.ts';
import { pack } from './slices.ts';

export type NamedActor = readonly [key: ActorKey, state: StockState];

const CAPACITY = 64 * 1024;
const LENGTH_BYTES = 5;
/** Of an open hold, all but its texts and soft parts. */
const HOLD_BYTES = 2 * LENGTH_BYTES + 10 * NUMBER_BYTES;
const NOTHING = pack(0);
const HEAD = pack({ actors: [] }).subarray(0, -1);

const out = new MsgpackWriter(CAPACITY);

/**
 * The piece of a snapshot with these actors: the same bytes as `pack({ actors })` of their lines, without the lines. They are there
 * until the next call.
 */
export function packActors(actors: readonly NamedActor[]): Uint8Array {
  out.clear();
  out.reserve(HEAD.length + LENGTH_BYTES);
  out.raw(HEAD);
  out.array(actors.length);
  for (const [key, state] of actors) writeActor(key, state);
  return out.written;
}

function writeActor(key: ActorKey, { seq, b, holds, ended, detail }: StockState): void {
  out.reserve(4 * LENGTH_BYTES + textBytes(key) + (1 + b.length) * NUMBER_BYTES);
  out.array(6);
  out.text(key);
  out.number(seq);
  out.array(b.length);
  for (let i = 0; i < b.length; i++) out.number(b[i] as number);
  out.array(holds?.size ?? 0);
  if (holds !== undefined) for (const [id, hold] of holds) writeHold(id, hold);
  out.reserve(LENGTH_BYTES);
  out.array(ended?.length ?? 0);
  for (const id of ended ?? []) writeText(id);
  const told = detail === undefined ? NOTHING : pack(detailLine(detail));
  out.reserve(told.length);
  out.raw(told);
}

function writeHold(id: HoldId, hold: Hold | EndedHold): void {
  out.reserve(LENGTH_BYTES);
  if (!isOpen(hold)) {
    out.array(2);
    writeText(id);
    writeText(hold.ended);
    return;
  }
  const { doc, soft } = hold;
  out.array(12);
  writeText(id);
  out.reserve(HOLD_BYTES + textBytes(doc) + 2 * soft.length * NUMBER_BYTES);
  out.number(hold.order);
  out.number(hold.quality);
  out.text(doc);
  out.number(hold.hard);
  out.array(2 * soft.length);
  for (const part of soft) {
    out.number(part.qty);
    out.number(part.expiresAtMs);
  }
  out.number(hold.waiting);
  out.number(hold.presale);
  out.number(hold.oversell);
  out.number(hold.picked);
  out.number(hold.packed);
  out.number(hold.shipped);
}

function writeText(text: string): void {
  out.reserve(textBytes(text));
  out.text(text);
}
