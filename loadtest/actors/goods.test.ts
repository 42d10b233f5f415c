import { expect, test } from 'vitest';
import { command, NOW_MS, shuffled, stocked } from './goods.ts';

test('a shuffled order has every number once and is the same every time', () => {
  const order = shuffled(1_000, 7);
  expect([...order].sort((a, b) => a - b)).toEqual([...Array(1_000).keys()]);
  expect([...order.slice(0, 10)]).not.toEqual([...Array(10).keys()]);
  expect(shuffled(1_000, 7)).toEqual(order);
  expect(shuffled(1_000, 8)).not.toEqual(order);
});
test('stocked actors have something to reserve', () => {
  const room = stocked(3);
  expect(room.size).toBe(3);
  expect(room.run(command('reserve', 2, 1, 'h'), NOW_MS).ok).toBe(true);
  expect(room.run(command('reserve', 3, 1, 'h'), NOW_MS).ok).toBe(false);
});
