import { Packr } from 'msgpackr';
import {
  ALLOCATED,
  available,
  BLOCKED,
  GRANTED,
  onHand,
  PACKED,
  PICKED,
  safetyHeld,
  TRANSIT,
  WAITING,
  WIDTH,
} from '../actors/stock/balances.ts';
import { MsgpackWriter, NUMBER_BYTES } from '../engine/msgpack.ts';
import type { Result } from '../engine/settled.ts';
import { Answered } from './answered.ts';

const packr = new Packr({ useRecords: false, variableMapSize: true });
const writer = new MsgpackWriter(64 * 1024);

/**
 * One message as msgpack, or a list of them. The commonest, one line that was
 * done, is written field by field: the bytes that msgpackr makes of its reply
 * without the reply, which costs ten times as much.
 */
export function encodeMessage(message: unknown): Uint8Array {
  writer.clear();
  if (Array.isArray(message)) {
    writer.reserve(NUMBER_BYTES);
    writer.array(message.length);
    for (const one of message) writeOne(one);
  } else {
    writeOne(message);
  }
  return Buffer.from(writer.written); // a copy: it may still be queued when the next is written
}

function writeOne(message: unknown): void {
  if (!(message instanceof Answered)) return writeAny(message);
  const { n, answer, committed } = message;
  if (answer.ok && answer.kind === 'done' && !answer.all && committed && n > 0) {
    const result = answer.results[0] as Result;
    const isPlain = result.after.length === WIDTH && answer.next === undefined;
    if (isPlain && result.expiresAtMs === 0) return writeDone(n, result);
  }
  writeAny(message.toJSON());
}

function writeAny(message: unknown): void {
  const bytes = packr.pack(message);
  writer.reserve(bytes.length);
  writer.raw(bytes);
}

const NO = Buffer.from([0]);
const YES = Buffer.from([0xc3]);
const map = (fields: number): Buffer => Buffer.from([0x80 + fields]);
const key = (name: string): Buffer => Buffer.from([0xa0 + name.length, ...Buffer.from(name)]);
const zero = (name: string): Buffer => Buffer.concat([key(name), NO]);
const parts = (...bytes: readonly Buffer[]): Buffer => Buffer.concat(bytes);

/** What stands before each number of a reply. */
const N = parts(map(5), key('n'));
const SEQ = parts(key('ok'), YES, key('seq'));
const QTY = key('qty');
const ON_HAND = parts(key('stock'), map(14), key('onHand'));
const QUALIFIED = key('qualified');
const ALLOCATED_AT = parts(
  ...['defective', 'pending', 'supplierReturn'].map(zero),
  key('allocated'),
);
const PICKED_AT = key('picked');
const PACKED_AT = key('packed');
const IN_TRANSIT = key('inTransit');
const AVAILABLE = key('available');
const BLOCKED_AT = key('blocked');
const GRANTED_AT = key('granted');
const SAFETY_HELD = key('safetyHeld');
const WAITING_AT = key('waiting');
const KEYS_BYTES = [
  ...[N, SEQ, QTY, ON_HAND, QUALIFIED, ALLOCATED_AT],
  ...[PICKED_AT, PACKED_AT, IN_TRANSIT, AVAILABLE, BLOCKED_AT, GRANTED_AT, SAFETY_HELD, WAITING_AT],
].reduce((sum, { length }) => sum + length, 0);
const DONE_BYTES = KEYS_BYTES + 14 * NUMBER_BYTES;

function writeDone(n: number, { seq, qty, after }: Result): void {
  const here = onHand(after, 0);
  writer.reserve(DONE_BYTES);
  writeField(N, n);
  writeField(SEQ, seq);
  writeField(QTY, qty);
  writeField(ON_HAND, here);
  writeField(QUALIFIED, here);
  writeField(ALLOCATED_AT, after[ALLOCATED] as number);
  writeField(PICKED_AT, after[PICKED] as number);
  writeField(PACKED_AT, after[PACKED] as number);
  writeField(IN_TRANSIT, after[TRANSIT] as number);
  writeField(AVAILABLE, available(after, 0));
  writeField(BLOCKED_AT, after[BLOCKED] as number);
  writeField(GRANTED_AT, after[GRANTED] as number);
  writeField(SAFETY_HELD, safetyHeld(after, 0));
  writeField(WAITING_AT, after[WAITING] as number);
}

function writeField(before: Uint8Array, value: number): void {
  writer.few(before);
  writer.number(value);
}
