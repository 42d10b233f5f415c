import type { Place } from './places.ts';
import type { Position } from './position.ts';

/** The journal position that a figure is as of. */
export interface AsOf {
  readonly region: string;
  readonly shard: number;
  readonly epoch: number;
  /** Of the last record seen; 0 before the first. */
  readonly number: number;
  /** Its sequence in the journal's stream. */
  readonly seq: number;
  /** When it was recorded, ISO; null before the first. */
  readonly recordedAt: string | null;
}

export const asOf = ({ region, shard }: Place, { epoch, number, seq, timeMs }: Position): AsOf => ({
  region,
  shard,
  epoch,
  number,
  seq,
  recordedAt: number === 0 ? null : new Date(timeMs).toISOString(),
});
