import { describe, expect, test } from 'vitest';
import { RIGHTS_LIMITS } from './limits.ts';
import { LogSent } from './log-sent.ts';

const { againMs } = RIGHTS_LIMITS;

describe('the log of a point on its way', () => {
  test('what was said is not said again while home gets on with it', () => {
    const log = new LogSent();
    expect(log.after({ applied: 0 }, 0)).toBe(0);
    log.sent(40);
    expect(log.after({ applied: 0 }, againMs - 1)).toBe(40);
    expect(log.after({ applied: 10 }, againMs)).toBe(40);
    expect(log.after({ applied: 20 }, 2 * againMs - 1)).toBe(40);
    log.sent(0); // a message without entries
    expect(log.after({ applied: 30 }, 2 * againMs)).toBe(40);
    expect(log.after({ applied: 50 }, 9 * againMs)).toBe(50);
  });

  test('where home gets no further, it is said from there again, once for each while', () => {
    const log = new LogSent();
    log.after({ applied: 5 }, 0);
    log.sent(40);
    log.after({ applied: 5 }, 1);
    expect(log.after({ applied: 5 }, againMs)).toBe(5);
    log.sent(40);
    expect(log.after({ applied: 5 }, againMs + 1)).toBe(40);
    expect(log.after({ applied: 5 }, 2 * againMs)).toBe(5);
  });

  test('a restored home gets what it lacks', () => {
    const log = new LogSent();
    log.sent(40);
    log.after({ applied: 40 }, 0);
    expect(log.after({ applied: 10 }, 1)).toBe(40);
    expect(log.after({ applied: 10 }, 1 + againMs)).toBe(10);
  });
});
