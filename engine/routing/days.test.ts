import { expect, test } from 'vitest';
import { cutoffAtMs, dayStartMs, Today } from './days.ts';

const at = (text: string): number => Date.parse(text);
const BERLIN = 'Europe/Berlin';

test('a day begins at midnight by the clock of the place', () => {
  expect(dayStartMs(at('2026-01-10T22:59:59.999Z'), BERLIN)).toBe(at('2026-01-09T23:00:00Z'));
  expect(dayStartMs(at('2026-01-10T23:00:00.000Z'), BERLIN)).toBe(at('2026-01-10T23:00:00Z'));
  expect(dayStartMs(at('2026-07-10T12:00:00.500Z'), BERLIN)).toBe(at('2026-07-09T22:00:00Z'));
  expect(dayStartMs(at('2026-07-10T12:00:00.500Z'), 'Asia/Taipei')).toBe(
    at('2026-07-09T16:00:00Z'),
  );
});

test('a cutoff is a time of that day', () => {
  const cutoff = { minutes: 16 * 60 + 30, timeZone: BERLIN };
  expect(cutoffAtMs(at('2026-01-10T18:00:00Z'), cutoff)).toBe(at('2026-01-10T15:30:00Z'));
  expect(cutoffAtMs(at('2026-01-10T23:30:00Z'), cutoff)).toBe(at('2026-01-11T15:30:00Z'));
  expect(cutoffAtMs(at('2026-01-10T18:00:00Z'), undefined)).toBe(0);
});

test('orders are counted by the day of each warehouse, and none of a day that is over', () => {
  const today = new Today();
  const noon = at('2026-01-10T12:00:00Z');
  for (const ms of [noon, noon + 1, noon - 24 * 3_600_000]) today.add('a', ms, BERLIN);
  today.add('b', noon, 'UTC');
  expect([today.orders('a', noon), today.orders('b', noon), today.orders('c', noon)]).toEqual([
    2, 1, 0,
  ]);
  expect(today.orders('a', at('2026-01-10T23:00:00Z'))).toBe(0);
  today.add('a', at('2026-01-10T23:00:00Z'), BERLIN);
  expect(today.orders('a', at('2026-01-11T12:00:00Z'))).toBe(1);
});

test.each([
  ['forwards', '2026-03-29T00:30:00Z', '2026-03-29T12:00:00Z', '2026-03-29T21:59:59Z'],
  ['backwards', '2026-10-25T00:30:00Z', '2026-10-25T12:00:00Z', '2026-10-25T22:59:59Z'],
])('a day on which clocks go %s is one day', (_, before, after, last) => {
  const today = new Today();
  for (const text of [before, before, after, last]) today.add('a', at(text), BERLIN);
  expect(today.orders('a', at(last))).toBe(4);
  expect(today.orders('a', at(last) + 1_000)).toBe(0);
  today.add('a', at(last) + 1_000, BERLIN);
  expect(today.orders('a', at(last) + 1_000)).toBe(1);
});
