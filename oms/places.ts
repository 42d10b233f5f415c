/** One region as the centre's store numbers it. */
export interface NumberedRegion {
  readonly region: string;
  /** From 0, given once and for good. */
  readonly number: number;
}

/** A shard of a region. */
export interface Place {
  readonly region: string;
  /** Its number in its region. */
  readonly shard: number;
}

/** Numbers that each region has for its shards; never change it, the store is keyed by them. */
const SHARDS_A_REGION = 64;

/**
 * The number of a shard at the centre, in memory and in SQL: shard 3 of one
 * region and shard 3 of another are two. A region that is alone has number 0,
 * so its shards keep their own numbers.
 */
export const placeNumber = ({ number }: NumberedRegion, shard: number): number =>
  number * SHARDS_A_REGION + shard;
