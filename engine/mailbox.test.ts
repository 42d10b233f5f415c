import { describe, expect, it } from 'vitest';
import { Asked, read } from '../test/support/engine.ts';
import { LIMITS } from './limits.ts';
import { Mailbox } from './mailbox.ts';

const ask = (n: number): Asked => new Asked(read('mug'), { n });

describe('the mailbox', () => {
  it('gives out what was put in, first in first out', () => {
    const mailbox = new Mailbox();
    const taken: number[] = [];
    const put: number[] = [];
    for (let n = 1; n <= 1_000; n++) {
      mailbox.put(ask(n));
      put.push(n);
      // Now three are taken, now none: the mailbox fills and empties again and again.
      for (let i = 0; i < (n % 5 === 0 ? 5 : 0) - (n % 10 === 0 ? 1 : 0); i++) {
        expect(mailbox.peek()?.n).toBe((taken.at(-1) ?? 0) + 1);
        taken.push(mailbox.take()?.n as number);
      }
      expect(mailbox.size).toBe(put.length - taken.length);
    }
    for (let a = mailbox.take(); a !== undefined; a = mailbox.take()) taken.push(a.n);
    expect(taken).toEqual(put);
    expect([mailbox.size, mailbox.peek(), mailbox.take()]).toEqual([0, undefined, undefined]);
  });

  it('takes no more than its limit, and again when there is room', () => {
    const mailbox = new Mailbox();
    const one = ask(1);
    let room = 0;
    while (mailbox.put(one)) room++;
    expect(room).toBe(LIMITS.mailbox);
    mailbox.take();
    expect([mailbox.put(one), mailbox.put(one)]).toEqual([true, false]);
  });
});
