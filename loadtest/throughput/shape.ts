import type { Load } from './lane.ts';

/** The same for every peer. */
export const CONNECTIONS = 16;
export const SKUS = 10_000;
/** Reservations of one frame where nothing else is said; one is in flight on each connection. */
export const FRAME_COMMANDS = 128;

/** A round takes about so long at the rate of the warm-up, */
const ROUND_SECONDS = 1;
/** but no more than so many commands, since every one leaves a hold behind, */
const MOST_COMMANDS = 300_000;
/** and no fewer frames on each connection than these. */
const LEAST_FRAMES = 2;
const WARM_UP_COMMANDS = 60_000;
const WARM_UP_FRAMES = 1_000;

/** Frames of one connection in one round. */
export function framesOf(load: Load, perSecond: number): number {
  const commands = Math.min(MOST_COMMANDS, ROUND_SECONDS * perSecond);
  return Math.max(LEAST_FRAMES, Math.round(commands / inFlight(load)));
}

/** Frames of one connection before the first round. */
export const warmUpFrames = (load: Load): number =>
  Math.ceil(Math.min(WARM_UP_FRAMES, WARM_UP_COMMANDS / inFlight(load)));

export const connectionsOf = ({ connections }: Load): number => connections ?? CONNECTIONS;

/** Reservations that wait for an answer at a time. */
const inFlight = (load: Load): number => connectionsOf(load) * load.depth;

/** Which of the goods the reservation `i` of a load is for, the same for every peer. */
export const goodsOf = (i: number, { skus }: Load): number =>
  (Math.imul(i, 2654435761) >>> 0) % skus;
