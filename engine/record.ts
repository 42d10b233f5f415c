import { hash } from 'node:crypto';
import { Packr, Unpackr } from 'msgpackr';
import type { ActorKey, HoldId } from '../actors/ids.ts';
import { CODES, type Refused } from '../actors/outcomes.ts';
import type { Quality } from '../actors/stock/commands.ts';
import { EVENT_KINDS, NO_SHIFTS, type Shift, type StockEvent } from '../actors/stock/events.ts';
import type { Accepted, Change } from '../actors/stock/stockroom.ts';

/** Version of the journal's format, first field of every record. */
export const RECORD_FORMAT = 2;
/** Hash of the record before the first one. */
export const GENESIS = '0'.repeat(32);

/** Where a record stands in its shard's chain. */
export interface Head {
  readonly epoch: number;
  readonly number: number;
  /** Hash of the record with that number, 32 hex digits. */
  readonly hash: string;
  /** Record time, epoch ms; never falls along the chain. */
  readonly timeMs: number;
}

export interface Caller {
  readonly client: string;
  /** Chosen at hello; numbers are counted within it. '' where there is no session. */
  readonly incarnation: string;
}

/** One command of a batch: who asked under which number, what came of it. */
export interface Entry {
  readonly caller: Caller;
  /** 0 where the caller has no session: such a command has no number and is not remembered. */
  readonly n: number;
  /** Of the command's content: the same number with another one is `id_reused`. */
  readonly fingerprint: number;
  readonly all: boolean;
  readonly outcome: Accepted | Refused;
}

/** Outcomes of this session below `below` are dropped when the record is applied. */
export interface Acknowledged {
  readonly caller: Caller;
  readonly below: number;
}

export type Body =
  /** A new owner; the nonce tells two candidates apart (C2). */
  | { readonly kind: 'owner'; readonly node: string; readonly nonce: string }
  | {
      readonly kind: 'batch';
      readonly entries: readonly Entry[];
      readonly acknowledged: readonly Acknowledged[];
    }
  /** A snapshot that is safely stored and may be used (C3). */
  | ({ readonly kind: 'snapshot' } & SnapshotName)
  /** Proves that the shard still owned its journal when it answered a strict read (C6). */
  | { readonly kind: 'fence' };

/**
 * A snapshot's name and where it fits. Its slices were taken between `from` and
 * `to`; every record up to `from` is in it whole.
 */
export interface SnapshotName {
  readonly name: string;
  readonly fromSeq: number;
  readonly fromNumber: number;
  readonly fromHash: string;
  readonly toNumber: number;
  readonly toHash: string;
  /** SHA-256 of its bytes, hex. */
  readonly digest: string;
}

export interface JournalRecord extends Head {
  readonly shard: number;
  readonly prev: string;
  readonly body: Body;
}

/** A record as bytes, with the hash that names it. */
export interface Sealed {
  readonly bytes: Uint8Array;
  readonly hash: string;
  readonly head: Head;
}

const packr = new Packr({ useRecords: false, variableMapSize: true });
const unpackr = new Unpackr({ useRecords: false });

/** First 128 bits of SHA-256, hex. */
export const hashOf = (bytes: Uint8Array): string => hash('sha256', bytes, 'hex').slice(0, 32);

/** Encodes the record that follows `prev` and hashes it. */
export function seal(shard: number, prev: Head, epoch: number, timeMs: number, body: Body): Sealed {
  const number = prev.number + 1;
  const wire = [
    RECORD_FORMAT,
    shard,
    epoch,
    number,
    Buffer.from(prev.hash, 'hex'),
    timeMs,
    ...packBody(body),
  ];
  const bytes = new Uint8Array(packr.pack(wire));
  const hash = hashOf(bytes);
  return { bytes, hash, head: { epoch, number, hash, timeMs } };
}

/** Decodes a record. Throws on anything that is not one; the caller names the place. */
export function open(bytes: Uint8Array): JournalRecord {
  const wire: unknown = unpackr.unpack(bytes);
  if (!Array.isArray(wire) || wire.length < 7) throw new Error('not a journal record');
  const [format, shard, epoch, number, prev, timeMs, kind, ...rest] = wire;
  if (format !== RECORD_FORMAT)
    throw new Error(`record format ${String(format)} is not known here`);
  if (!(prev instanceof Uint8Array)) throw new Error('not a journal record');
  return {
    shard,
    epoch,
    number,
    prev: Buffer.from(prev).toString('hex'),
    timeMs,
    hash: hashOf(bytes),
    body: unpackBody(kind, rest),
  };
}

const OWNER = 0;
const BATCH = 1;
const SNAPSHOT = 2;
const FENCE = 3;

function packBody(body: Body): unknown[] {
  switch (body.kind) {
    case 'owner':
      return [OWNER, body.node, body.nonce];
    case 'batch':
      return [BATCH, ...packBatch(body.entries, body.acknowledged)];
    case 'snapshot':
      return [
        SNAPSHOT,
        body.name,
        body.fromSeq,
        body.fromNumber,
        body.fromHash,
        body.toNumber,
        body.toHash,
        body.digest,
      ];
    case 'fence':
      return [FENCE];
  }
}

function unpackBody(kind: number, wire: unknown[]): Body {
  switch (kind) {
    case OWNER:
      return { kind: 'owner', node: wire[0] as string, nonce: wire[1] as string };
    case BATCH:
      return unpackBatch(wire as [ActorKey[], string[], unknown[][], unknown[][]]);
    case SNAPSHOT:
      return {
        kind: 'snapshot',
        name: wire[0] as string,
        fromSeq: wire[1] as number,
        fromNumber: wire[2] as number,
        fromHash: wire[3] as string,
        toNumber: wire[4] as number,
        toHash: wire[5] as string,
        digest: wire[6] as string,
      };
    case FENCE:
      return { kind: 'fence' };
    default:
      throw new Error(`record kind ${kind} is not known here`);
  }
}

/** Strings that recur in a batch, told once and then by number. */
class Interned<T extends string> {
  readonly list: T[] = [];
  readonly #at = new Map<T, number>();

  of(text: T): number {
    let at = this.#at.get(text);
    if (at === undefined) {
      at = this.list.push(text) - 1;
      this.#at.set(text, at);
    }
    return at;
  }
}

/** A caller as two strings of the interned list, client and incarnation. */
function packBatch(entries: readonly Entry[], acknowledged: readonly Acknowledged[]): unknown[] {
  const keys = new Interned<ActorKey>();
  const names = new Interned<string>();
  const lines = entries.map(({ caller, n, fingerprint, all, outcome }) => {
    const head = [names.of(caller.client), names.of(caller.incarnation), n, fingerprint];
    if (!outcome.ok) return [...head, ...packRefused(outcome)];
    return [...head, all ? -2 : -1, ...outcome.changes.map((c) => packChange(c, keys))];
  });
  const acks = acknowledged.map((a) => [
    names.of(a.caller.client),
    names.of(a.caller.incarnation),
    a.below,
  ]);
  return [keys.list, names.list, lines, acks];
}

function unpackBatch([keys, names, lines, acks]: [
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
    const outcome =
      code < 0
        ? {
            ok: true as const,
            changes: line.slice(5).map((c) => unpackChange(c as unknown[], keys)),
          }
        : unpackRefused(line);
    return { caller: callerOf(line), n, fingerprint, all: code === -2, outcome };
  });
  const acknowledged = acks.map((a) => ({ caller: callerOf(a), below: a[2] as number }));
  return { kind: 'batch', entries, acknowledged };
}

function packRefused(r: Refused): unknown[] {
  return [CODES.indexOf(r.code), r.asked, r.available, r.line, r.detail];
}

function unpackRefused(line: unknown[]): Refused {
  const [, , , , code, asked, available, at, detail] = line as [
    ...[number, number, number, number],
    ...[number, number, number, number, string],
  ];
  const name = CODES[code];
  if (name === undefined) throw new Error(`outcome ${code} is not known here`);
  return { ok: false, code: name, asked, available, line: at, detail };
}

/** Fields in order of how often they are used; blanks at the end are left out. */
function packChange({ key, seq, event: e, after }: Change, keys: Interned<ActorKey>): unknown[] {
  const wire: unknown[] = [
    keys.of(key),
    seq,
    EVENT_KINDS.indexOf(e.kind),
    e.qty,
    after,
    e.hold,
    e.doc,
    e.reason,
    e.expiresAtMs,
    e.occurredAtMs,
    e.quality,
    e.toQuality,
    e.waiting,
    e.picked,
    e.packed,
    e.blocked,
  ];
  if (e.shifts.length > 0) {
    wire.push(e.shifts.flatMap((s) => [s.hold, s.qty, s.picked, s.packed]));
    return wire;
  }
  while (isBlank(wire[wire.length - 1])) wire.pop();
  return wire;
}

const isBlank = (v: unknown): boolean => v === 0 || v === '';

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
    expiresAtMs: whole(8),
    occurredAtMs: whole(9),
    shifts: unpackShifts(wire[16] as unknown[] | undefined),
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
