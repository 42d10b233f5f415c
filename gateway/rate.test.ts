import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rate } from './rate.ts';

describe('a rate', () => {
  it('lets a burst through, then as many as time brings', () => {
    const rate = new Rate(1_000, 3, 0);
    expect([1, 2, 3, 4].map(() => rate.take(1, 0))).toEqual([true, true, true, false]);
    expect([rate.take(1, 1), rate.take(1, 1)]).toEqual([true, false]);
    expect([rate.take(2, 2), rate.take(2, 3)]).toEqual([false, true]);
  });

  it('saves no more than one burst, however long it is quiet', () => {
    const rate = new Rate(1_000, 3, 0);
    expect([rate.take(3, 1_000_000), rate.take(1, 1_000_000)]).toEqual([true, false]);
  });

  it('never lets more through than the burst and the rate allow', () => {
    const waits = fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { maxLength: 200 });
    fc.assert(
      fc.property(waits, fc.integer({ min: 1, max: 50 }), (gaps, burst) => {
        const rate = new Rate(2_000, burst, 0);
        let now = 0;
        let through = 0;
        for (const gap of gaps) {
          now += gap;
          if (rate.take(1, now)) through++;
        }
        expect(through).toBeLessThanOrEqual(burst + now * 2 + 1e-6);
      }),
    );
  });
});
