import type { OwnerId, SkuId } from '../../actors/ids.ts';
import type { QualityName } from '../../actors/stock/commands.ts';
import type { UnreadRecord } from '../../engine/record-reader.ts';
import type { Actors } from '../actors.ts';
import type { Part } from '../availability.ts';
import type { AccountName } from '../ledger.ts';
import type { NumberedRegion } from '../places.ts';
import type { Position } from '../position.ts';
import type { Sold, SoldQuery } from './sold.ts';

/**
 * Some records of one shard, one after the other. The store reads their changes:
 * the ledger lines of each record, in commit order and numbered from 0, and what
 * each actor that changed was left with.
 */
export interface Chunk {
  /** The centre's number of it (oms/places.ts), as everywhere in a store. */
  readonly shard: number;
  /** The record before the first one. */
  readonly from: Position;
  /** The last one: the watermark once the rows are written. */
  readonly to: Position;
  readonly records: readonly UnreadRecord[];
  /** Who is who in them. */
  readonly actors: Actors;
}

/** A place in the ledger: everything of that shard up to and with this line has been seen. */
export interface Mark {
  readonly shard: number;
  readonly epoch: number;
  readonly number: number;
  readonly line: number;
}

/** What is asked of the ledger. Times are record times, epoch ms. */
export interface LedgerQuery {
  readonly owner: OwnerId;
  readonly sku?: SkuId | undefined;
  readonly warehouse?: string | undefined;
  readonly doc?: string | undefined;
  readonly account?: AccountName | undefined;
  readonly quality?: QualityName | undefined;
  readonly fromMs?: number | undefined;
  /** Exclusive. */
  readonly toMs?: number | undefined;
  /** Where an earlier page ended; empty for the beginning. */
  readonly after: readonly Mark[];
  readonly limit: number;
}

/** A line as people read it. Base units; times as epoch ms. */
export interface LedgerEntry extends Mark {
  readonly hash: string;
  readonly owner: string;
  readonly sku: string;
  readonly warehouse: string;
  readonly actorSeq: number;
  readonly occurredAtMs: number;
  readonly recordedAtMs: number;
  readonly docType: string;
  readonly doc: string;
  readonly docLine: string;
  readonly reason: string;
  readonly actor: string;
  readonly quality: string;
  readonly account: string;
  readonly change: number;
  readonly before: number;
  readonly after: number;
}

export interface LedgerPage {
  /** By record time, and within a shard in commit order. May be short, even empty, before the end. */
  readonly lines: readonly LedgerEntry[];
  /** Where the next page begins; undefined at the end. */
  readonly next: readonly Mark[] | undefined;
}

/** What is asked of the batch ledger. */
export interface BatchQuery {
  readonly owner: OwnerId;
  readonly sku?: SkuId | undefined;
  readonly warehouse?: string | undefined;
  readonly batch?: string | undefined;
  readonly doc?: string | undefined;
  /** Record time, shard, number and line at which an earlier page ended. */
  readonly after?: readonly [number, number, number, number] | undefined;
  readonly limit: number;
}

/** A line of the batch ledger. Base units; times as epoch ms, 0 where the batch has none. */
export interface BatchEntry {
  readonly shard: number;
  readonly number: number;
  readonly line: number;
  readonly owner: string;
  readonly sku: string;
  readonly warehouse: string;
  readonly actorSeq: number;
  /** '' for units of no batch that lie in a known place. */
  readonly batch: string;
  readonly startMs: number;
  readonly expiresAtMs: number;
  readonly kept: string;
  readonly occurredAtMs: number;
  readonly recordedAtMs: number;
  readonly docType: string;
  readonly doc: string;
  readonly docLine: string;
  readonly reason: string;
  readonly actor: string;
  readonly quality: string;
  /** Null: from outside, or to it. */
  readonly qualityFrom: string | null;
  readonly qualityTo: string | null;
  readonly placeFrom: string;
  readonly placeTo: string;
  readonly qty: number;
  readonly change: number;
  /** On hand of the batch in that quality; null for units of no batch. */
  readonly after: number | null;
}

export interface BatchPage {
  readonly lines: readonly BatchEntry[];
  readonly next: BatchQuery['after'];
}

/** What a chunk came to. */
export interface Written {
  /** Ledger lines, 0 if it was there already. */
  readonly lines: number;
}

/**
 * The centre's memory on disk, as a port. One contract suite runs on every
 * implementation (test/contract/store.test.ts).
 */
export interface Store {
  /** How far each shard has been written. */
  watermarks(): Promise<ReadonlyMap<number, Position>>;
  /** Every actor's last balances, in pages. */
  parts(): AsyncIterable<readonly Part[]>;
  /**
   * Writes rows and watermark in one transaction; when it resolves they survive
   * a power cut. What was written before is not written twice, so a chunk whose
   * fate is unknown is simply written again. Throws if it does not begin where
   * the watermark stands, or before.
   */
  write(chunk: Chunk): Promise<Written>;
  ledger(query: LedgerQuery): Promise<LedgerPage>;
  close(): Promise<void>;
}

/** A store that also keeps the batch ledger. */
export interface Books extends Store {
  /** What these regions are numbered, for good. Throws StartError where it keeps another one. */
  regions(names: readonly string[]): Promise<readonly NumberedRegion[]>;
  /** Those it has; one of before they had names is ''. */
  keptRegions(): Promise<readonly NumberedRegion[]>;
  batchLedger(query: BatchQuery): Promise<BatchPage>;
  /** What was sold in a stretch of one shard's records, and from where. */
  sold(query: SoldQuery): Promise<Sold>;
}
