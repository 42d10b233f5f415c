import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { refuse } from '../actors/outcomes.ts';
import type { Answer } from '../engine/settled.ts';
import { Answered } from './answered.ts';
import { encodeMessage } from './reply-writer.ts';

const packr = new Packr({ useRecords: false, variableMapSize: true });
const whole = fc.oneof(fc.nat(200), fc.nat(), fc.maxSafeNat());
const result = fc.record({
  ...{ seq: whole, qty: whole, expiresAtMs: fc.oneof(fc.constant(0), whole) },
  after: fc.oneof(
    fc.array(whole, { minLength: 9, maxLength: 9 }),
    fc.array(whole, { minLength: 36, maxLength: 36 }),
  ),
});
const answer: fc.Arbitrary<Answer> = fc.oneof(
  fc.record({
    ...{ ok: fc.constant(true as const), kind: fc.constant('done' as const) },
    ...{ all: fc.boolean(), results: fc.array(result, { minLength: 1, maxLength: 3 }) },
  }),
  fc.constant(refuse('insufficient', 3, 2)),
);
const answered = fc
  .tuple(whole, answer, fc.boolean())
  .map(([n, a, committed]) => new Answered(n, a, committed));

describe('a message as msgpack', () => {
  it('is, byte for byte, what msgpackr makes of the reply', () => {
    fc.assert(
      fc.property(answered, (one) => {
        expect([...encodeMessage(one)]).toEqual([...packr.pack(one.toJSON())]);
      }),
    );
  });

  it('so is a list of answers and other messages', () => {
    const other = fc.constantFrom<unknown>({ event: 'stock', seq: 3 }, null, [1, 'two'], 'three');
    fc.assert(
      fc.property(fc.array(fc.oneof(answered, other), { maxLength: 20 }), (list) => {
        const plain = list.map((one) => (one instanceof Answered ? one.toJSON() : one));
        expect([...encodeMessage(list)]).toEqual([...packr.pack(plain)]);
      }),
    );
  });

  it('stays as it is when the next one is written', () => {
    const first = encodeMessage({ n: 1 });
    encodeMessage({ n: 2 });
    expect([...first]).toEqual([...packr.pack({ n: 1 })]);
  });
});
