import type { HoldId } from '../actors/ids.ts';
import { WIDTH } from '../actors/stock/balances.ts';
import { QUALITIES, type Quality } from '../actors/stock/commands.ts';
import type { EventDetail } from '../actors/stock/detail.ts';
import {
  EVENT_KINDS,
  type EventKind,
  NO_SHIFTS,
  type Shift,
  type StockEvent,
} from '../actors/stock/events.ts';
import { unpackDetail } from './event-detail.ts';
import { MsgpackReader } from './msgpack-reader.ts';
import { BATCH, type Head, hashOf, RECORD_FORMAT } from './record.ts';
import { DOCUMENT, EACH, RIGHTS } from './record-batch.ts';

/** A record whose head has been read; {@link ChangeReader} reads the rest. */
export interface UnreadRecord extends Head {
  readonly shard: number;
  /** Hash of the record before. */
  readonly prev: string;
  readonly bytes: Uint8Array;
  /** Where its batch begins; undefined in a record of another kind. */
  readonly batchAt: number | undefined;
}

const KINDS = 4;
const HEAD_FIELDS = 7;
/** Counters of all qualities. */
const MOST_COUNTERS = QUALITIES.length * WIDTH;
/** Fields of an entry before its changes, and of a change up to its counters. */
const ENTRY_FIELDS = 5;
const CHANGE_FIELDS = 5;

const head = new MsgpackReader();

/** Reads the head of a record. Throws on anything that is not one. `hash` is that of the bytes. */
export function openHead(bytes: Uint8Array, hash = hashOf(bytes)): UnreadRecord {
  head.begin(bytes);
  if (head.array() < HEAD_FIELDS) throw new Error('not a journal record');
  const format = head.number();
  if (format !== RECORD_FORMAT) throw new Error(`record format ${format} is not known here`);
  const [shard, epoch, number] = [head.number(), head.number(), head.number()];
  head.binary();
  const prev = Buffer.from(bytes.buffer, bytes.byteOffset + head.from, head.to - head.from);
  const timeMs = head.number();
  const kind = head.number();
  if (!(kind >= 0 && kind < KINDS)) throw new Error(`record kind ${kind} is not known here`);
  const batchAt = kind === BATCH ? head.at : undefined;
  return { shard, epoch, number, prev: prev.toString('hex'), timeMs, hash, bytes, batchAt };
}

/**
 * Reads the changes of a record one after another in place: no object is made
 * for any of them. What is refused is passed over. Texts are told as the bytes
 * between two places in {@link bytes}.
 */
export class ChangeReader {
  readonly #in = new MsgpackReader();
  /** Begin and end of each key, and of each name. */
  #keys: Int32Array = new Int32Array(2 * 1024);
  #names: Int32Array = new Int32Array(2 * 64);
  /** How many actors the record names. */
  keys = 0;
  #entries = 0;
  /** Of the entry at hand. */
  #changes = 0;
  #nameCount = 0;
  #isDone = true;

  /** What became of its document, of an act on one; {@link unpackDocument} reads it. */
  document: Uint8Array | undefined;
  /** Its caller: which of the names. */
  #client = 0;
  /** Number of the command, 0 where there is no session. */
  n = 0;
  /** Which of the record's actors. */
  key = 0;
  /** The actor's sequence. */
  seq = 0;
  /** Index into EVENT_KINDS. */
  kind = 0;
  qty = 0;
  /** The actor's counters afterwards: the first {@link width} are told, the others 0. */
  readonly after = new Float64Array(MOST_COUNTERS);
  width = 0;
  holdFrom = 0;
  holdTo = 0;
  docFrom = 0;
  docTo = 0;
  reasonFrom = 0;
  reasonTo = 0;
  #expiresAtMs = 0;
  /** By the device's clock, epoch ms; 0 where it is the record's time. */
  occurredAtMs = 0;
  /** Only qualified units, and nothing but `qty` says how many: no shifts, no units at other stages. */
  isPlain = true;
  /** Places of the rarer fields, of an event that is not plain. */
  #rareAt = 0;
  #rareFields = 0;

  get bytes(): Uint8Array {
    return this.#in.bytes;
  }

  /** Goes before the first change. */
  begin({ bytes, batchAt }: UnreadRecord): void {
    this.#in.begin(bytes, batchAt ?? bytes.length);
    this.#changes = 0;
    this.#entries = 0;
    this.keys = 0;
    this.document = undefined;
    this.#isDone = batchAt === undefined;
    if (this.#isDone) return;
    this.keys = this.#in.array();
    this.#keys = this.#spans(this.keys, this.#keys);
    this.#nameCount = this.#in.array();
    this.#names = this.#spans(this.#nameCount, this.#names);
    this.#entries = this.#in.array();
  }

  /** Goes to the next change. False behind the last. */
  next(): boolean {
    while (this.#changes === 0) {
      if (this.#isDone) return false;
      if (this.#entries === 0) return this.#finish();
      this.#entries--;
      this.#entry();
    }
    this.#changes--;
    this.#change();
    return true;
  }

  keyFrom(key = this.key): number {
    return this.#keys[2 * key] as number;
  }

  keyTo(key = this.key): number {
    return this.#keys[2 * key + 1] as number;
  }

  get clientFrom(): number {
    return this.#names[2 * this.#client] as number;
  }

  get clientTo(): number {
    return this.#names[2 * this.#client + 1] as number;
  }

  text(from: number, to: number): string {
    const { buffer, byteOffset } = this.#in.bytes;
    return Buffer.from(buffer, byteOffset + from, to - from).toString('utf8');
  }

  /** Which units the change at hand is about, where more is known of them than how many. */
  get detail(): EventDetail | undefined {
    return this.#rareFields < RARE_FIELDS ? undefined : this.event().detail;
  }

  /** The change at hand as an event of its own. */
  event(): StockEvent {
    const numbers = [0, 0, 0, 0, 0, 0];
    let shifts = NO_SHIFTS;
    let arrived = 0;
    let why = '';
    let detail: EventDetail | undefined;
    const end = this.#in.at;
    this.#in.at = this.#rareAt;
    for (let i = 0; i < this.#rareFields; i++) {
      if (i < numbers.length) numbers[i] = this.#in.number();
      else if (i === numbers.length) shifts = this.#shifts();
      else if (i === numbers.length + 1) arrived = this.#in.number();
      else if (i === numbers.length + 2) why = this.#text();
      else detail = this.#detail();
    }
    this.#in.at = end;
    const [quality, toQuality, waiting, picked, packed, blocked] = numbers as Six;
    return {
      kind: EVENT_KINDS[this.kind] as EventKind,
      hold: this.text(this.holdFrom, this.holdTo) as HoldId,
      doc: this.text(this.docFrom, this.docTo),
      reason: this.text(this.reasonFrom, this.reasonTo),
      quality: qualityOf(quality),
      toQuality: qualityOf(toQuality),
      ...{ qty: this.qty, waiting, picked, packed, blocked, arrived, shifts, detail },
      why: why as StockEvent['why'],
      expiresAtMs: this.#expiresAtMs,
      occurredAtMs: this.occurredAtMs,
    };
  }

  #spans(count: number, into: Int32Array): Int32Array {
    const spans = into.length < 2 * count ? new Int32Array(4 * count) : into;
    for (let i = 0; i < count; i++) {
      this.#in.text();
      spans[2 * i] = this.#in.from;
      spans[2 * i + 1] = this.#in.to;
    }
    return spans;
  }

  /** Passes over what was acknowledged. */
  #finish(): false {
    this.#in.skip();
    this.#in.end();
    this.#isDone = true;
    return false;
  }

  #entry(): void {
    const reader = this.#in;
    let more = reader.array() - ENTRY_FIELDS;
    this.#client = reader.number();
    reader.skip();
    this.n = reader.number();
    reader.skip();
    const code = reader.number();
    this.document = undefined;
    if (code === EACH) {
      reader.skip();
      more--;
    } else if (code === DOCUMENT) {
      reader.binary();
      this.document = this.#in.bytes.subarray(reader.from, reader.to);
      more--;
    } else if (code === RIGHTS) {
      reader.skip();
      more--;
    }
    const isKnown = code >= RIGHTS && this.#client < this.#nameCount;
    if (more < 0 || !isKnown) throw new Error('not an entry');
    if (code < 0) this.#changes = more;
    else for (let left = more; left > 0; left--) reader.skip();
  }

  #change(): void {
    const reader = this.#in;
    const fields = reader.array();
    this.key = reader.number();
    this.seq = reader.number();
    this.kind = reader.number();
    this.qty = reader.number();
    if (!(this.key < this.keys && this.kind >= 0 && this.kind < EVENT_KINDS.length))
      throw new Error('not an event');
    this.#counters();
    this.#texts(fields);
    this.#expiresAtMs = fields > 8 ? reader.number() : 0;
    this.occurredAtMs = fields > 9 ? reader.number() : 0;
    this.#rare(fields - 10);
    if (fields < CHANGE_FIELDS) throw new Error('not an event');
  }

  #counters(): void {
    const { after } = this;
    const width = this.#in.array();
    if (width > MOST_COUNTERS) throw new Error('not an event');
    for (let i = 0; i < width; i++) after[i] = this.#in.number();
    if (width < this.width) after.fill(0, width, this.width);
    this.width = width;
  }

  #texts(fields: number): void {
    const reader = this.#in;
    this.holdTo = this.holdFrom = this.docTo = this.docFrom = 0;
    this.reasonTo = this.reasonFrom = 0;
    if (fields <= 5) return;
    reader.text();
    this.holdFrom = reader.from;
    this.holdTo = reader.to;
    if (fields <= 6) return;
    reader.text();
    this.docFrom = reader.from;
    this.docTo = reader.to;
    if (fields <= 7) return;
    reader.text();
    this.reasonFrom = reader.from;
    this.reasonTo = reader.to;
  }

  #rare(fields: number): void {
    this.#rareAt = this.#in.at;
    this.#rareFields = Math.max(0, fields);
    this.isPlain = fields <= 0 && this.width <= WIDTH && this.qty > 0;
    for (let left = fields; left > 0; left--) this.#in.skip();
  }

  #text(): string {
    this.#in.text();
    return this.text(this.#in.from, this.#in.to);
  }

  #detail(): EventDetail {
    this.#in.binary();
    return unpackDetail(this.#in.bytes.subarray(this.#in.from, this.#in.to));
  }

  #shifts(): readonly Shift[] {
    const reader = this.#in;
    const shifts: Shift[] = [];
    for (let left = reader.array(); left > 0; left -= 4) {
      const hold = this.#text() as HoldId;
      shifts.push({
        hold,
        qty: reader.number(),
        picked: reader.number(),
        packed: reader.number(),
      });
    }
    return shifts;
  }
}

/** Of an event that has a detail. */
const RARE_FIELDS = 10;

type Six = [number, number, number, number, number, number];

function qualityOf(n: number): Quality {
  if (QUALITIES[n] === undefined) throw new Error(`quality ${n} is not known here`);
  return n as Quality;
}
