import { expect, test } from 'vitest';
import { Tide } from './tide.ts';

test('a flood lasts as long as many changes arrive, and a window more', () => {
  const tide = new Tide();
  tide.rise(99, 1_000);
  expect(tide.isFlood(1_050)).toBe(false);
  tide.rise(1, 1_099);
  expect(tide.isFlood(1_099)).toBe(true);
  expect(tide.isFlood(1_199)).toBe(true);
  expect(tide.isFlood(1_200)).toBe(false);
});

test('what came in two windows is not added up', () => {
  const tide = new Tide();
  tide.rise(60, 2_099);
  tide.rise(60, 2_100);
  expect(tide.isFlood(2_100)).toBe(false);
});

test('a flood that was long ago is over', () => {
  const tide = new Tide();
  tide.rise(1_000, 3_000);
  expect(tide.isFlood(9_000)).toBe(false);
});
