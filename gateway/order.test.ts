import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WarehouseId } from '../actors/ids.ts';
import { Order } from './order.ts';

const W1 = 'W1' as WarehouseId;
const W2 = 'W2' as WarehouseId;

describe('an ordered session', () => {
  it('lets numbers pass while none must be sent again', () => {
    const order = new Order();
    expect([3, 5, 4].map((n) => order.mustWait(W1, n))).toEqual([false, false, false]);
    expect(order.size).toBe(0);
  });

  it('holds every higher number back until the missing one has come', () => {
    const order = new Order();
    order.sendAgain(W1, 5);
    expect([6, 7, 6].map((n) => order.mustWait(W1, n))).toEqual([true, true, true]);
    expect(order.size).toBe(3);
    expect([5, 6, 7, 8].map((n) => order.mustWait(W1, n))).toEqual([false, false, false, false]);
    expect(order.size).toBe(0);
  });

  it('holds back no lower number, and no other warehouse', () => {
    const order = new Order();
    order.sendAgain(W1, 5);
    expect([order.mustWait(W1, 4), order.mustWait(W2, 9)]).toEqual([false, false]);
    expect(order.mustWait(W1, 9)).toBe(true);
  });

  it('takes a number that is refused twice once', () => {
    const order = new Order();
    order.sendAgain(W1, 5);
    order.sendAgain(W1, 5);
    expect([order.mustWait(W1, 5), order.mustWait(W1, 6)]).toEqual([false, false]);
  });
});

/**
 * A client that sends what was refused again, lowest first, mixed with new
 * numbers; and a shard that refuses whatever it likes, now or when it answers.
 */
describe('whatever is refused when', () => {
  const step = fc.record({
    again: fc.boolean(),
    fate: fc.constantFrom(
      'accept',
      'accept',
      'refuse at the edge',
      'refuse at once',
      'refuse later',
    ),
    answers: fc.nat({ max: 3 }),
  });

  it('a higher number never overtakes a lower one of its warehouse', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const { accepted, left } = play(steps);
        expect(accepted).toEqual(accepted.toSorted((a, b) => a - b));
        expect(left).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  interface Step {
    readonly again: boolean;
    readonly fate: string;
    readonly answers: number;
  }

  function play(steps: readonly Step[]): { accepted: number[]; left: number[] } {
    const order = new Order();
    const toSend: number[] = []; // refused, and told so
    const mailbox: { n: number; refused: boolean }[] = [];
    const accepted: number[] = [];
    let nextN = 1;
    const refuse = (n: number): void => {
      order.sendAgain(W1, n);
      toSend.push(n);
      toSend.sort((a, b) => a - b);
    };
    const send = (fate: string, n: number): void => {
      if (fate === 'refuse at the edge')
        refuse(n); // too many at a time, say
      else if (order.mustWait(W1, n)) refuse(n);
      else if (fate === 'refuse at once') refuse(n);
      else mailbox.push({ n, refused: fate === 'refuse later' });
    };
    /** A shard that ends refuses all that waits behind, too. */
    const answer = (): void => {
      const first = mailbox.shift();
      if (first === undefined) return;
      if (!first.refused) return void accepted.push(first.n);
      for (const { n } of [first, ...mailbox.splice(0)]) refuse(n);
    };
    const sendOne = (fate: string, again: boolean): void => {
      const n = again ? toSend.shift() : undefined;
      send(fate, n ?? nextN++);
    };
    for (const { again, fate, answers } of steps) {
      sendOne(fate, again);
      for (let i = 0; i < answers; i++) answer();
    }
    while (mailbox.length > 0) answer();
    for (let i = 0; toSend.length > 0 && i < 10_000; i++) {
      sendOne('accept', true);
      answer();
    }
    return { accepted, left: toSend };
  }
});
