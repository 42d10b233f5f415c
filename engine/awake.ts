import type { Clock } from './clock.ts';

/**
 * Monotonic time in which this process could hear, for those who wait for others: what came while it stood still (its machine
 * was paused, or another process had the processor) is read only after the timers that are due. A standstill
 * counts as `stepMs`. Whoever uses it looks at least that often.
 */
export function awakeClock(clock: Clock, stepMs: number): Clock {
  let lastMs = clock.monoMs();
  let awakeMs = 0;
  return {
    wallMs: () => clock.wallMs(),
    monoMs() {
      const now = clock.monoMs();
      awakeMs += Math.min(now - lastMs, stepMs);
      lastMs = now;
      return awakeMs;
    },
    after: (ms, fn) => clock.after(ms, fn),
    turn: (fn) => clock.turn(fn),
  };
}
