/** Arrivals fall on a grid this fine, ms: the driver is woken no oftener. */
export const GRID_MS = 0.25;

/**
 * The open model: when each arrival is due is fixed before the first is sent,
 * and no answer, however late, moves it. A latency that is counted from the
 * due time has the wait in it that a stalled server causes to those behind
 * (coordinated omission: Gil Tene, "How NOT to Measure Latency", 2013).
 */
export class Schedule {
  readonly #perMs: number;
  /** Arrivals in all. */
  readonly count: number;

  constructor(perSecond: number, seconds: number) {
    this.#perMs = perSecond / 1000;
    this.count = Math.floor(perSecond * seconds);
  }

  /** How often something is due at most, ms: a driver that is woken in between takes the processor from the server for nothing. */
  get beatMs(): number {
    const grids = 1 / (this.#perMs * GRID_MS);
    return Number.isInteger(grids) ? grids * GRID_MS : GRID_MS;
  }

  /** When an arrival is due, counted from 0, ms after the start. */
  dueMs(arrival: number): number {
    return Math.max(0, Math.ceil(arrival / this.#perMs / GRID_MS - 1e-9) * GRID_MS);
  }
}

/** The part of a run that something due at `dueMs` belongs to, from 0. */
export const partAt = (dueMs: number, runMs: number, parts: number): number =>
  Math.min(parts - 1, Math.floor((dueMs / runMs) * parts));

/** What the driver did with its schedule. */
export interface Pace {
  /** Arrivals that were due. */
  readonly due: number;
  /** Of these, sent before the run's time was over. */
  readonly sentInTime: number;
  /** How long after its due time an arrival was sent, p99, ms. */
  readonly lateP99Ms: number;
  /** What it measured, p99, ms. */
  readonly latencyP99Ms: number;
}

/** Below this no delay of the driver's own matters, ms. */
const NEVER_LATE_MS = 1;
const LATE_SHARE = 0.5;
const SENT_SHARE = 0.99;

/** Why the figures do not hold: the driver was the slow part. Undefined where they do. */
export function notKept({ due, sentInTime, lateP99Ms, latencyP99Ms }: Pace): string | undefined {
  if (sentInTime < SENT_SHARE * due) {
    return `the driver sent ${sentInTime} of ${due} in time: it could not keep the offered rate`;
  }
  if (lateP99Ms > Math.max(NEVER_LATE_MS, LATE_SHARE * latencyP99Ms)) {
    return `the driver itself was late by ${lateP99Ms.toFixed(1)} ms at p99, more than half of what it measured`;
  }
  return undefined;
}
