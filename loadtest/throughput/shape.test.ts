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
test('a load reaches all of its SKUs, and no other', () => {
  const seen = (skus: number) =>
    new Set(Array.from({ length: 20 * SKUS }, (_, i) => goodsOf(i, { depth: 1, skus })));
  expect([...seen(1)]).toEqual([0]);
  expect(seen(SKUS).size).toBe(SKUS);
  expect(Math.max(...seen(SKUS))).toBe(SKUS - 1);
});
