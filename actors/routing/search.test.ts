import { expect, test } from 'vitest';
import type { Instance } from './instance.ts';
import { looksFor } from './search.ts';

const sized = (candidates: number, lines: number): Instance =>
  ({ candidates: { length: candidates }, order: { lines: { length: lines } } }) as Instance;

test('fewer sets of warehouses are looked at where each look is long, and some always', () => {
  const looks = [
    [0, 1],
    [50, 10],
    [50, 40],
    [200, 500],
  ].map(([candidates = 0, lines = 0]) => looksFor(sized(candidates, lines)));
  expect(looks).toEqual([1_000, 1_000, 500, 20]);
});
