import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HoldId } from '../actors/ids.ts';
import { keyOf } from '../test/support/engine.ts';
import { type Due, Expiry } from './expiry.ts';

const due = (atMs: number): Due => ({
  atMs,
  key: keyOf('mug'),
  hold: `${atMs}` as HoldId,
  batch: '',
});

describe('expiry', () => {
  it('gives what is due, earliest first, whatever was added and taken between', () => {
    const step = fc.oneof(
      fc.record({ add: fc.nat({ max: 50 }) }),
      fc.record({ takeBy: fc.nat({ max: 60 }), most: fc.nat({ max: 5 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
        const expiry = new Expiry();
        let left: number[] = [];
        for (const s of steps) {
          if ('add' in s) {
            expiry.add(due(s.add));
            left.push(s.add);
            left.sort((a, b) => a - b);
          } else {
            const expected = left.filter((at) => at <= s.takeBy).slice(0, s.most);
            left = left.slice(expected.length);
            expect(expiry.take(s.takeBy, s.most).map((d) => d.atMs)).toEqual(expected);
          }
          expect([expiry.size, expiry.next()]).toEqual([left.length, left[0]]);
        }
      }),
    );
  });

  it('gives the hold and the actor that it was told of', () => {
    const expiry = new Expiry();
    for (const at of [30, 10, 20]) expiry.add(due(at));
    expect(expiry.take(25, 10)).toEqual([due(10), due(20)]);
  });
});
