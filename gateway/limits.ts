import { LIMITS } from '../engine/limits.ts';

/** What one connection may do. Tests set some of them low. */
export interface ConnectionLimits {
  /** Time to say hello, ms. */
  readonly helloMs: number;
  /** Commands without an answer. */
  readonly inFlight: number;
  readonly commandsPerSecond: number;
  /** Commands that may come at once. */
  readonly commandsBurst: number;
  /** Bytes that may wait for a slow reader before it is closed. */
  readonly socketBacklogBytes: number;
  /** Names that one connection may watch. */
  readonly watches: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = LIMITS;

/** The part that a client needs to know, as told in the hello reply. */
export const toldLimits = ({ inFlight, commandsPerSecond }: ConnectionLimits) => ({
  frameBytes: LIMITS.frameBytes,
  batch: LIMITS.batch,
  allLines: LIMITS.allLines,
  inFlight,
  commandsPerSecond,
  sessionWindow: LIMITS.sessionWindow,
});
