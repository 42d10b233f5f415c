/** The same for every peer that is sent batches. */
export const CONNECTIONS = 16;
/** Commands of one frame, or of one pipeline; one is in flight on each connection. */
export const FRAME_COMMANDS = 128;
/** Frames of one connection in one round. */
export const FRAMES = 100;
export const WARM_UP_FRAMES = 50;
export const SKUS = 10_000;

/** Spreads reservations over the goods without a pattern, the same for every peer. */
export const goodsOf = (i: number): number => (Math.imul(i, 2654435761) >>> 0) % SKUS;
