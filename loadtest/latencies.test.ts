import { expect, test } from 'vitest';
import { Latencies, together } from './latencies.ts';

const of = (...ms: number[]): Latencies => {
  const latencies = new Latencies();
  for (const one of ms) latencies.add(one);
  return latencies;
};

test('milliseconds go in, microseconds come out, to three digits', () => {
  const us = of(0.0261, 0.0261, 0.9).us(50);
  expect(us).toBeGreaterThan(26);
  expect(us).toBeLessThan(26.2);
});
test('percentiles are over all rounds that were put together', () => {
  const both = together([of(...Array<number>(98).fill(0.1)), of(5, 5)]);
  expect(both.count).toBe(100);
  expect(both.us(50)).toBeCloseTo(100, 0);
  expect(both.us(99)).toBeGreaterThan(4_990);
});
test('the mean is of all of them', () => {
  expect(of(0.1, 0.1, 0.4).meanUs).toBeCloseTo(200, 0);
});
test('what took longer than can be told is not lost', () => {
  expect(of(1e9).count).toBe(1);
});
