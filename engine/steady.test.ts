import { describe, expect, it } from 'vitest';
import { FakeClock, START_MS } from '../test/support/engine.ts';
import { LIMITS } from './limits.ts';
import { SteadyClock } from './steady.ts';

const JUMP_MS = LIMITS.clockJumpMs + 1;
const HOUR_MS = 3_600_000;

describe('the steady clock', () => {
  it('follows the wall clock, small corrections and all', async () => {
    const clock = new FakeClock();
    const steady = new SteadyClock(clock);
    await clock.advance(1_000);
    clock.setWall(-LIMITS.clockJumpMs);
    expect([steady.nowMs(), steady.jumped]).toEqual([START_MS + 1_000 - LIMITS.clockJumpMs, false]);
    await clock.advance(HOUR_MS);
    clock.setWall(LIMITS.clockJumpMs);
    expect([steady.nowMs(), steady.jumped]).toEqual([START_MS + 1_000 + HOUR_MS, false]);
  });

  it.each([JUMP_MS, -JUMP_MS, 24 * HOUR_MS, -24 * HOUR_MS])(
    'does not follow a jump of %i ms; it goes on by the monotonic clock until the jump is undone',
    async (jumpMs) => {
      const clock = new FakeClock();
      const steady = new SteadyClock(clock);
      clock.setWall(jumpMs);
      expect([steady.nowMs(), steady.jumped]).toEqual([START_MS, true]);
      await clock.advance(HOUR_MS);
      expect([steady.nowMs(), steady.jumped]).toEqual([START_MS + HOUR_MS, true]);
      clock.setWall(-jumpMs);
      await clock.advance(5);
      expect([steady.nowMs(), steady.jumped]).toEqual([START_MS + HOUR_MS + 5, false]);
    },
  );

  it('is told in whole milliseconds', async () => {
    const clock = new FakeClock();
    const steady = new SteadyClock(clock);
    clock.setWall(0.75);
    expect(steady.nowMs()).toBe(START_MS);
  });
});
