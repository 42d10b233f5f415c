import { expect, test } from 'vitest';
import { CONNECTIONS, framesOf, goodsOf, SKUS, warmUpFrames } from './shape.ts';

const at = (depth: number) => ({ depth, skus: SKUS });

test('a round is about a second of the warm-up, within its bounds', () => {
  expect(framesOf(at(1), 32_000) * CONNECTIONS).toBe(32_000);
  expect(framesOf(at(128), 1e9) * CONNECTIONS * 128).toBeLessThan(310_000);
  expect(framesOf(at(8_189), 1_000)).toBe(2);
});
test('fewer connections send more frames each', () => {
  expect(framesOf({ ...at(16), connections: 4 }, 32_000)).toBe(4 * framesOf(at(16), 32_000));
});
test('a deep frame needs fewer of them to be warm, but one at least', () => {
  expect(warmUpFrames(at(1))).toBe(1_000);
  expect(warmUpFrames(at(128))).toBe(30);
  expect(warmUpFrames(at(8_189))).toBe(1);
});
test('a load reaches all of its SKUs, and no other', () => {
  const seen = (skus: number) =>
    new Set(Array.from({ length: 20 * SKUS }, (_, i) => goodsOf(i, { ...at(1), skus })));
  expect([...seen(1)]).toEqual([0]);
  expect(seen(SKUS).size).toBe(SKUS);
  expect(Math.max(...seen(SKUS))).toBe(SKUS - 1);
});
