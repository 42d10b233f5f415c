/** How homes and points talk, in one place. None of it is about correctness. */
export const RIGHTS_LIMITS = {
  /** Lanes in one message. */
  lanes: 64,
  /** SKUs that a home looks at without a pause. */
  slice: 100,
  /** What was not confirmed is said again after this, ms; while nobody is heard, after `silentMs`. */
  againMs: 250,
  silentMs: 1_000,
  /** Not heard for so long, the other side counts as cut off, ms. */
  lostMs: 3_000,
  /** An order that waits looks by itself this often, ms; else when something has come for it. */
  lookAgainMs: 500,
  /** An order waits so long for rights to come, ms. */
  orderWaitMs: 1_500,
  /** And so long where home is heard and has yet to say what it has, or what it granted is on its way, ms. */
  answerWaitMs: 3_000,
  /** And so long in a flash sale, while home is heard and does not say that there is nothing left, ms. */
  flashWaitMs: 10_000,
  /** Changes that come close together are said together, ms. */
  gatherMs: 2,
  /** And so long apart at least, where there is much to say, ms. */
  paceMs: 20,
  /** How often a desk looks around, ms. */
  tickMs: 100,
  /** However long a process stood still, it counts as so long of waiting for others, ms. */
  standstillMs: 200,
} as const;

/** Whether who was silent for so long, ms, is not cut off as far as is known; −1 was never heard. */
export const isNear = (silentMs: number, withinMs: number = RIGHTS_LIMITS.lostMs): boolean =>
  silentMs >= 0 && silentMs < withinMs;
