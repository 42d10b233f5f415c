import { expect, test } from 'vitest';
import { awakeClock } from './awake.ts';
import type { Clock } from './clock.ts';

test('time goes on as it does, but a standstill is one step, and it never goes back', () => {
  let now = 7_000;
  const clock: Clock = {
    ...{ wallMs: () => 0, monoMs: () => now, after: () => () => {}, turn: () => {} },
  };
  const awake = awakeClock(clock, 200);
  const since = awake.monoMs();
  for (let i = 0; i < 10; i++) {
    now += 100;
    awake.monoMs();
  }
  expect(awake.monoMs() - since).toBe(1_000);
  now += 60_000;
  expect(awake.monoMs() - since).toBe(1_200);
  expect(awake.monoMs() - since).toBe(1_200);
  now += 150;
  expect(awake.monoMs() - since).toBe(1_350);
});
