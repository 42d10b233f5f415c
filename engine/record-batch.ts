import type { DocumentOutcome } from '../actors/documents/documents.ts';
import type { ActorKey, HoldId } from '../actors/ids.ts';
import { CODES, type OutcomeCode, type Refused } from '../actors/outcomes.ts';
import type { RightsOutcome } from '../actors/rights/acts.ts';
import type { Quality } from '../actors/stock/commands.ts';
import { EVENT_KINDS, NO_SHIFTS, type Shift, type StockEvent } from '../actors/stock/events.ts';
import type { Accepted, Change } from '../actors/stock/stockroom.ts';
import { packDocument, unpackDocument } from './document-event.ts';
import { packDetail, unpackDetail } from './event-detail.ts';
import { MsgpackWriter, NUMBER_BYTES, textBytes } from './msgpack.ts';
import type { Acknowledged, Body, Caller, Entry } from './record.ts';
import { readRights, writeRights } from './rights-event.ts';

/**
 * A batch as four fields of its record: actor keys, names of callers, entries,
 * what was acknowledged. Keys and names are told once and then by number; a
 * caller is two names, client and incarnation.
 *
 * An entry is written as soon as it is decided, so that nothing keeps what it was decided from.
 */
export class BatchWriter {
  readonly #lines = new MsgpackWriter(64 * 1024);
  #keys = new Interned<ActorKey>();
  #names = new Interned<string>();
  #entries = 0;

  static of(entries: readonly Entry[]): BatchWriter {
    const batch = new BatchWriter();
    for (const entry of entries) batch.write(entry);
    return batch;
  }

  get entries(): number {
    return this.#entries;
  }

  /** Of what is written, at most. */
  get bytes(): number {
    return this.#lines.length + this.#keys.bytes + this.#names.bytes;
  }

  write({ caller, n, fingerprint, all, outcome }: Entry): void {
    const lines = this.#lines;
    this.#entries++;
    lines.reserve(FIXED_BYTES);
    lines.array(outcome.ok ? fieldsBefore(outcome) + outcome.changes.length : 9);
    this.#caller(caller);
    lines.number(n);
    lines.number(fingerprint);
    if (!outcome.ok) return writeRefused(lines, outcome);
    if ('document' in outcome) {
      lines.number(DOCUMENT);
      writeBytes(lines, packDocument(outcome.document));
    } else if ('rights' in outcome) {
      lines.number(RIGHTS);
      writeRights(lines, outcome);
    } else if (outcome.refused === undefined) {
      lines.number(all ? ALL : ONE);
    } else {
      lines.number(EACH);
      lines.array(outcome.refused.length);
      for (const refused of outcome.refused) {
        lines.reserve(FIXED_BYTES);
        lines.array(5);
        writeRefused(lines, refused);
      }
    }
    for (const change of outcome.changes) writeChange(lines, this.#keys.of(change.key), change);
  }

  /** All of it into a record; what is written next is another batch. */
  seal(into: MsgpackWriter, acknowledged: readonly Acknowledged[]): void {
    const lines = this.#lines;
    lines.reserve(LENGTH_BYTES);
    lines.array(acknowledged.length);
    for (const { caller, below } of acknowledged) {
      lines.reserve(LENGTH_BYTES + 3 * NUMBER_BYTES);
      lines.array(3);
      this.#caller(caller);
      lines.number(below);
    }
    writeList(into, this.#keys.list);
    writeList(into, this.#names.list);
    into.reserve(LENGTH_BYTES + lines.length);
    into.array(this.#entries);
    into.raw(lines.written);
    lines.clear();
    this.#keys = new Interned();
    this.#names = new Interned();
    this.#entries = 0;
  }

  #caller({ client, incarnation }: Caller): void {
    this.#lines.number(this.#names.of(client));
    this.#lines.number(this.#names.of(incarnation));
  }
}

const LENGTH_BYTES = 5;
/** Entry and change without their texts and lists. */
const FIXED_BYTES = 24 * NUMBER_BYTES;

/** What stands in place of a refusal's code where the command was carried out. */
const ONE = -1;
const ALL = -2;
/** The lines that were refused follow, then the changes. */
export const EACH = -3;
/** What became of a document follows, then the changes of stock. */
export const DOCUMENT = -4;
/** What became of rights follows, then the changes of stock. */
export const RIGHTS = -5;

const CODE_NUMBER = numbersOf(CODES);
const KIND_NUMBER = numbersOf(EVENT_KINDS);

function numbersOf<T extends string>(list: readonly T[]): Readonly<Record<T, number>> {
  return Object.fromEntries(list.map((name, i) => [name, i])) as Record<T, number>;
}

/** Strings that recur in a batch, told once and then by number. */
class Interned<T extends string> {
  readonly list: T[] = [];
  readonly #at = new Map<T, number>();
  /** Of the list, at most. */
  bytes = LENGTH_BYTES;

  of(text: T): number {
    let at = this.#at.get(text);
    if (at === undefined) {
      at = this.list.push(text) - 1;
      this.#at.set(text, at);
      this.bytes += textBytes(text);
    }
    return at;
  }
}

function writeList(into: MsgpackWriter, list: readonly string[]): void {
  into.reserve(LENGTH_BYTES);
  into.array(list.length);
  for (const text of list) {
    into.reserve(textBytes(text));
    into.text(text);
  }
}

/** Of an entry that was carried out, up to its changes. */
const fieldsBefore = (outcome: Accepted | DocumentOutcome | RightsOutcome): number =>
  'document' in outcome || 'rights' in outcome || outcome.refused !== undefined ? 6 : 5;

function writeRefused(
  lines: MsgpackWriter,
  { code, asked, available, line, detail }: Refused,
): void {
  lines.number(CODE_NUMBER[code as OutcomeCode]);
  lines.number(asked);
  lines.number(available);
  lines.number(line);
  lines.reserve(textBytes(detail));
  lines.text(detail);
}

/** Fields in order of how often they are used; blanks at the end are left out. */
function writeChange(lines: MsgpackWriter, key: number, { seq, event: e, after }: Change): void {
  const texts = textBytes(e.hold) + textBytes(e.doc) + textBytes(e.reason);
  lines.reserve(FIXED_BYTES + after.length * NUMBER_BYTES + texts);
  const fields = fieldsOf(e);
  lines.array(fields);
  lines.number(key);
  lines.number(seq);
  lines.number(KIND_NUMBER[e.kind]);
  lines.number(e.qty);
  lines.array(after.length);
  for (let i = 0; i < after.length; i++) lines.number(after[i] as number);
  if (fields > 5) lines.text(e.hold);
  if (fields > 6) lines.text(e.doc);
  if (fields > 7) lines.text(e.reason);
  if (fields > 8) lines.number(e.expiresAtMs);
  if (fields > 9) lines.number(e.occurredAtMs);
  if (fields > 10) lines.number(e.quality);
  if (fields > 11) lines.number(e.toQuality);
  if (fields > 12) lines.number(e.waiting);
  if (fields > 13) lines.number(e.picked);
  if (fields > 14) lines.number(e.packed);
  if (fields > 15) lines.number(e.blocked);
  if (fields > 16) writeShifts(lines, e.shifts);
  if (fields > 17) lines.number(e.arrived);
  if (fields > 18) lines.text(e.why);
  if (e.detail !== undefined) writeBytes(lines, packDetail(e.detail));
}

/** How many fields there are up to the last that is not blank. */
function fieldsOf(e: StockEvent): number {
  if (e.detail !== undefined) return 20;
  if (e.why !== '') return 19;
  if (e.arrived !== 0) return 18;
  if (e.shifts.length > 0) return 17;
  if (e.blocked !== 0) return 16;
  if (e.packed !== 0) return 15;
  if (e.picked !== 0) return 14;
  if (e.waiting !== 0) return 13;
  if (e.toQuality !== 0) return 12;
  if (e.quality !== 0) return 11;
  if (e.occurredAtMs !== 0) return 10;
  if (e.expiresAtMs !== 0) return 9;
  if (e.reason !== '') return 8;
  if (e.doc !== '') return 7;
  return e.hold === '' ? 5 : 6;
}

function writeBytes(lines: MsgpackWriter, bytes: Uint8Array): void {
  lines.reserve(LENGTH_BYTES + bytes.length);
  lines.binary(bytes);
}

function writeShifts(lines: MsgpackWriter, shifts: readonly Shift[]): void {
  lines.reserve(LENGTH_BYTES);
  lines.array(4 * shifts.length);
  for (const { hold, qty, picked, packed } of shifts) {
    lines.reserve(textBytes(hold) + 3 * NUMBER_BYTES);
    lines.text(hold);
    lines.number(qty);
    lines.number(picked);
    lines.number(packed);
  }
}

export function unpackBatch([keys, names, lines, acks]: [
  ActorKey[],
  string[],
  unknown[][],
  unknown[][],
]): Body {
  const callerOf = (line: unknown[]): Caller => ({
    client: names[line[0] as number] as string,
    incarnation: names[line[1] as number] as string,
  });
  const entries = lines.map((line): Entry => {
    const [, , n, fingerprint, code] = line as [number, number, number, number, number];
    const all = code === ALL;
    return {
      caller: callerOf(line),
      n,
      fingerprint,
      all,
      outcome: unpackOutcome(line, code, keys),
    };
  });
  const acknowledged = acks.map((a) => ({ caller: callerOf(a), below: a[2] as number }));
  return { kind: 'batch', entries, acknowledged };
}

function unpackOutcome(
  line: readonly unknown[],
  code: number,
  keys: readonly ActorKey[],
): Entry['outcome'] {
  if (code >= 0) return unpackRefused(line.slice(4));
  const changesOf = (from: number): Change[] =>
    line.slice(from).map((c) => unpackChange(c as unknown[], keys));
  if (code === DOCUMENT) {
    const document = unpackDocument(line[5] as Uint8Array);
    return { ok: true, changes: changesOf(6), document, again: document.event === undefined };
  }
  if (code === RIGHTS) {
    const told = readRights(line[5]);
    return { ok: true, changes: changesOf(6), ...told, told: undefined };
  }
  if (code !== EACH) return { ok: true, changes: changesOf(5) };
  const refused = (line[5] as unknown[][]).map(unpackRefused);
  return { ok: true, changes: changesOf(6), refused };
}

function unpackRefused(wire: readonly unknown[]): Refused {
  const [code, asked, available, line, detail] = wire as [number, number, number, number, string];
  const name = CODES[code];
  if (name === undefined) throw new Error(`outcome ${code} is not known here`);
  return { ok: false, code: name, asked, available, line, detail };
}

function unpackChange(wire: unknown[], keys: readonly ActorKey[]): Change {
  const text = (at: number): string => (wire[at] as string | undefined) ?? '';
  const whole = (at: number): number => (wire[at] as number | undefined) ?? 0;
  const kind = EVENT_KINDS[whole(2)];
  const key = keys[whole(0)];
  if (kind === undefined || key === undefined) throw new Error('not an event');
  const event: StockEvent = {
    kind,
    hold: text(5) as HoldId,
    doc: text(6),
    reason: text(7),
    quality: whole(10) as Quality,
    toQuality: whole(11) as Quality,
    qty: whole(3),
    waiting: whole(12),
    picked: whole(13),
    packed: whole(14),
    blocked: whole(15),
    arrived: whole(17),
    why: text(18) as StockEvent['why'],
    expiresAtMs: whole(8),
    occurredAtMs: whole(9),
    shifts: unpackShifts(wire[16] as unknown[] | undefined),
    detail: wire[19] === undefined ? undefined : unpackDetail(wire[19] as Uint8Array),
  };
  return { key, seq: whole(1), event, after: wire[4] as number[] };
}

function unpackShifts(flat: unknown[] | undefined): readonly Shift[] {
  if (flat === undefined) return NO_SHIFTS;
  const shifts: Shift[] = [];
  for (let i = 0; i < flat.length; i += 4) {
    const [hold, qty, picked, packed] = flat.slice(i, i + 4) as [HoldId, number, number, number];
    shifts.push({ hold, qty, picked, packed });
  }
  return shifts;
}
