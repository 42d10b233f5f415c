import { GENESIS, type Head } from '../engine/record.ts';

/** A record that has been read, and where it lies in its stream. */
export interface Position extends Head {
  readonly seq: number;
}

/** Before the first record. */
export const NOWHERE: Position = { seq: 0, epoch: 0, number: 0, hash: GENESIS, timeMs: 0 };
