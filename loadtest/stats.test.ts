import { describe, expect, test } from 'vitest';
import { decilesOf, median, perSecond, quantile, ratiosOf, spreadOf } from './stats.ts';

describe('stats', () => {
  test('the median of an odd count is the middle one, whatever the order', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([7])).toBe(7);
  });
  test('the median of an even count lies between the two middle ones', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });
  test('numbers are not sorted as text', () => {
    expect(median([10, 9, 100])).toBe(10);
  });
  test('there is no median of nothing', () => {
    expect(() => median([])).toThrow(RangeError);
  });
  test('the input stays as it was', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });
  test('a spread has the least, the middle and the greatest', () => {
    expect(spreadOf([1.2, 1.5, 1.1])).toEqual({ low: 1.1, middle: 1.2, high: 1.5 });
  });
  test('a quantile lies between two values in proportion', () => {
    expect(quantile([30, 10, 20], 0.5)).toBe(20);
    expect(quantile([10, 20], 0.25)).toBe(12.5);
    expect([quantile([5, 7], 0), quantile([5, 7], 1)]).toEqual([5, 7]);
    expect(() => quantile([], 0.5)).toThrow(RangeError);
  });
  test('one round in eleven that is far off does not widen the deciles to it', () => {
    const { low, middle, high } = decilesOf([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 99]);
    expect([low, middle, high]).toEqual([1, 1, 1]);
  });
  test('a ratio compares within one round: a slow round does not make it worse', () => {
    const calm = { committed: 250, echo: 40, puback: 160 };
    const busy = { committed: 500, echo: 80, puback: 320 };
    expect(ratiosOf([calm, busy])).toEqual([1.25, 1.25]);
  });
  test('a rate is a second, not a millisecond', () => {
    expect(perSecond(500, 250)).toBe(2_000);
  });
});
