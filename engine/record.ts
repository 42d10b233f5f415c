import { hash } from 'node:crypto';
import { Unpackr } from 'msgpackr';
import type { DocumentOutcome } from '../actors/documents/documents.ts';
import type { ActorKey } from '../actors/ids.ts';
import type { Refused } from '../actors/outcomes.ts';
import type { RightsOutcome } from '../actors/rights/acts.ts';
import type { Accepted } from '../actors/stock/stockroom.ts';
import { MsgpackWriter, textBytes } from './msgpack.ts';
import { BatchWriter, unpackBatch } from './record-batch.ts';

/** Version of the journal's format, first field of every record. */
export const RECORD_FORMAT = 8;
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
  readonly outcome: Accepted | DocumentOutcome | RightsOutcome | Refused;
}

/** Outcomes of this session below `below` are dropped when the record is applied. */
export interface Acknowledged {
  readonly caller: Caller;
  readonly below: number;
}

export type Body =
  /**
   * A new owner; the nonce tells two candidates apart (C2). The lineage says how often the journal
   * began anew after it had lost its end, from 1; the points are those that may have rights of this home, which what was lost
   * may have named (E5).
   */
  | {
      readonly kind: 'owner';
      readonly node: string;
      readonly nonce: string;
      readonly lineage: number;
      readonly points: readonly string[];
    }
  | {
      readonly kind: 'batch';
      readonly entries: readonly Entry[];
      readonly acknowledged: readonly Acknowledged[];
    }
  /** A snapshot that is safely stored and may be used (C3). */
  | ({ readonly kind: 'snapshot' } & SnapshotName)
  /** Proves that the shard still owned its journal when it answered a strict read (C6). */
  | { readonly kind: 'fence' };

/** A body that is to be sealed: a batch may be written already. */
export type Draft =
  | Body
  | {
      readonly kind: 'batch';
      readonly batch: BatchWriter;
      readonly acknowledged: readonly Acknowledged[];
    };

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
  /** Hash of the record before. */
  readonly prev: string;
  readonly head: Head;
}

/** One for all shards: a record is written in one go. */
const writer = new MsgpackWriter(64 * 1024);
const unpackr = new Unpackr({ useRecords: false });

/** First 128 bits of SHA-256, hex. */
export const hashOf = (bytes: Uint8Array): string => hash('sha256', bytes, 'hex').slice(0, 32);

/** Encodes the record that follows `prev` and hashes it. */
export function seal(
  shard: number,
  prev: Head,
  epoch: number,
  timeMs: number,
  body: Draft,
): Sealed {
  const number = prev.number + 1;
  writer.clear();
  writer.reserve(HEAD_BYTES);
  writer.array(HEAD_FIELDS + BODY_FIELDS[body.kind]);
  for (const field of [RECORD_FORMAT, shard, epoch, number]) writer.number(field);
  writer.binary(Buffer.from(prev.hash, 'hex'));
  writer.number(timeMs);
  writeBody(body);
  const bytes = new Uint8Array(writer.written); // a copy: it may have to be sent again
  const hash = hashOf(bytes);
  return { bytes, hash, prev: prev.hash, head: { epoch, number, hash, timeMs } };
}

/**
 * Decodes a record. Throws on anything that is not one; the caller names the place.
 * `hash` is that of the bytes.
 */
export function open(bytes: Uint8Array, hash = hashOf(bytes)): JournalRecord {
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
    hash,
    body: unpackBody(kind, rest),
  };
}

const OWNER = 0;
export const BATCH = 1;
const SNAPSHOT = 2;
const FENCE = 3;

const HEAD_FIELDS = 6;
/** Of the fields before the body, and of the numbers in it. */
const HEAD_BYTES = 128;

/** The kind itself and what {@link writeBody} writes after it. */
const BODY_FIELDS = { owner: 5, batch: 5, snapshot: 8, fence: 1 } as const;

function writeBody(body: Draft): void {
  switch (body.kind) {
    case 'owner':
      writer.number(OWNER);
      writeTexts(body.node, body.nonce);
      writer.number(body.lineage);
      writer.array(body.points.length);
      return writeTexts(...body.points);
    case 'batch':
      writer.number(BATCH);
      return batchOf(body).seal(writer, body.acknowledged);
    case 'snapshot':
      writer.number(SNAPSHOT);
      writeTexts(body.name);
      writer.number(body.fromSeq);
      writer.number(body.fromNumber);
      writeTexts(body.fromHash);
      writer.number(body.toNumber);
      return writeTexts(body.toHash, body.digest);
    case 'fence':
      return writer.number(FENCE);
  }
}

const batchOf = (body: Extract<Draft, { kind: 'batch' }>): BatchWriter =>
  'batch' in body ? body.batch : BatchWriter.of(body.entries);

function writeTexts(...texts: readonly string[]): void {
  for (const text of texts) {
    writer.reserve(textBytes(text) + HEAD_BYTES);
    writer.text(text);
  }
}

function unpackBody(kind: number, wire: unknown[]): Body {
  switch (kind) {
    case OWNER:
      return {
        kind: 'owner',
        node: wire[0] as string,
        nonce: wire[1] as string,
        lineage: wire[2] as number,
        points: wire[3] as string[],
      };
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
