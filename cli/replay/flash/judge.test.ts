import { describe, expect, test } from 'vitest';
import { judge, type Told } from './judge.ts';

const order = (askedMs: number, toldMs: number, came: Told['came']): Told => ({
  ...{ point: 'eu', askedMs, toldMs, came, why: 'too few' },
});

describe('the verdict on a flash sale', () => {
  test('a refusal was wrong if an order that was asked after it is sold', () => {
    const orders = [order(0, 5, 'refused'), order(6, 9, 'sold'), order(7, 12, 'refused')];
    expect(judge(1, orders)).toMatchObject({
      ...{ refusedWhileUnsold: 1, refusedBeforeLastSale: 1, wrongly: ['eu, 5 ms: too few'] },
    });
  });

  test('and may have been wrong if only the answer of the last sale came later', () => {
    const orders = [order(0, 5, 'refused'), order(4, 9, 'sold'), order(4, 10, 'refused')];
    expect(judge(1, orders)).toMatchObject({ refusedWhileUnsold: 0, refusedBeforeLastSale: 1 });
  });

  test('units are sold, left or sold too often; what failed is neither sold nor refused', () => {
    const orders = [order(0, 500, 'sold'), order(1, 2, 'failed'), order(2, 1_000, 'sold')];
    expect(judge(3, orders)).toMatchObject({ accepted: 2, refused: 0, failed: 1, unsold: 1 });
    expect(judge(1, orders)).toMatchObject({ unsold: 0, oversold: 1, soldAt: { eu: 2 } });
    expect(judge(1, orders)).toMatchObject({ longestWaitMs: 998, salesPerSecond: 2 });
  });
});
