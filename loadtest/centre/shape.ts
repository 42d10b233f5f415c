import type { Shape } from './journal.ts';

/** The goods of the batch load: what the engine commits in some seconds at its peak. */
export const SHAPE: Shape = { shard: 0, shards: 1, skus: 10_000, reservations: 500_000 };
