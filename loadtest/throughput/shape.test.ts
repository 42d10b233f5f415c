import { expect, test } from 'vitest';
import { CONNECTIONS, framesOf, goodsOf, SKUS, warmUpFrames } from './shape.ts';

test('a round is about a second of the warm-up, within its bounds', () => {
  expect(framesOf(1, 32_000) * CONNECTIONS).toBe(32_000);
  expect(framesOf(128, 1e9) * CONNECTIONS * 128).toBeLessThan(310_000);
  expect(framesOf(8_189, 1_000)).toBe(2);
});
test('a deep frame needs fewer of them to be warm, but one at least', () => {
  expect(warmUpFrames(1)).toBe(1_000);
  expect(warmUpFrames(128)).toBe(30);
  expect(warmUpFrames(8_189)).toBe(1);
});
test('a hot load is of one SKU, a spread one of all of them', () => {
  const seen = (goods: 'hot' | 'spread') =>
    new Set(Array.from({ length: 20 * SKUS }, (_, i) => goodsOf(i, { depth: 1, goods })));
  expect([...seen('hot')]).toEqual([0]);
  expect(seen('spread').size).toBe(SKUS);
});
