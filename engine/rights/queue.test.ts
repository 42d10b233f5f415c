import { describe, expect, test } from 'vitest';
import { Queue } from './queue.ts';

describe('orders that wait for a SKU', () => {
  const queueOf = (...qtys: number[]): Queue => {
    const queue = new Queue();
    for (const qty of qtys) queue.add({}, qty);
    return queue;
  };

  test('what the point has is needed once, however many orders wait', () => {
    // Two orders of 2 and one unit there: 3 more are needed, not 1 and 1.
    expect(queueOf(2, 2).levels(10, 1)).toEqual({ upTo: 13, least: 11 });
    expect(queueOf(2, 2).levels(10, 4)).toEqual({ upTo: 0, least: 0 });
  });

  test('a grant leaves the level where it is, and so does the sale that it was for', () => {
    const queue = queueOf(3);
    const order = {};
    queue.add(order, 2);
    expect(queue.levels(10, 0).upTo).toBe(15);
    expect(queue.levels(12, 2).upTo).toBe(15);
    queue.remove(order);
    expect(queue.levels(12, 0).upTo).toBe(15);
  });

  test('an order that leaves takes its need with it, and units that others take are needed again', () => {
    const queue = queueOf(3);
    const order = {};
    queue.add(order, 4);
    queue.remove(order);
    expect(queue.levels(10, 1)).toEqual({ upTo: 12, least: 12 });
    expect(queue.levels(10, 0)).toEqual({ upTo: 13, least: 13 });
    expect(queue.size).toBe(1);
  });

  test('the least is what the smallest order lacks that cannot be sold yet', () => {
    expect(queueOf(6, 1, 4).levels(20, 2)).toEqual({ upTo: 29, least: 22 });
    // Each could be sold now, but not both.
    expect(queueOf(2, 2).levels(20, 3)).toEqual({ upTo: 21, least: 21 });
  });
});
