import { describe, expect, test } from 'vitest';
import { isFlat, type Sample, trendOf } from './flatness.ts';

/** A hundred samples over an hour. */
const hour = (value: (atS: number) => number): Sample[] =>
  Array.from({ length: 100 }, (_, i) => ({ atS: i * 36, value: value(i * 36) }));

describe('a trend', () => {
  test('of a line is its slope, whatever the start was', () => {
    const trend = trendOf(hour((s) => (s < 360 ? 5 : 400 + s / 36)));
    expect(trend.perHour).toBeCloseTo(100);
    expect(trend.begin).toBeCloseTo(415);
    expect(trend.end).toBeCloseTo(495);
  });

  test('is not moved by one peak', () => {
    const { begin, end } = trendOf(hour((s) => (s === 3_564 ? 900 : 400)));
    expect([begin, end]).toEqual([400, 400]);
  });

  test('of a few samples is none', () => {
    expect(() => trendOf(hour(() => 1).slice(0, 9))).toThrow('9 samples');
  });
});

test.each([
  ['stays', 400, 400, true],
  ['falls', 400, 200, true],
  ['grows by less than a tenth and the slack', 400, 470, true],
  ['grows by more', 400, 480, false],
])('what %s is judged', (_, begin, end, flat) => {
  expect(isFlat({ begin, end, perHour: 0 }, 0.1, 32)).toBe(flat);
});
