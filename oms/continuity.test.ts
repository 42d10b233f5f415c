import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noBalances } from '../actors/stock/balances.ts';
import type { StockCommand } from '../actors/stock/commands.ts';
import { faults } from '../actors/stock/conserved.ts';
import { Stockroom } from '../actors/stock/stockroom.ts';
import { restored } from '../test/reference/stock/kept.ts';
import { parse } from '../test/support/floor.ts';
import { continues } from './continuity.ts';

const OPS: fc.Arbitrary<string> = fc.oneof(
  ...[
    ['receive N', 4],
    ['receive N arrivedM', 4],
    ['receive N arrivedM unput', 1],
    ['announce N', 4],
    ['withdraw N', 3],
    ['grant N', 2],
    ['grant ~presale N', 4],
    ['grant ~presale N backorder', 1],
    ['regain N', 1],
    ['regain ~presale N', 2],
    ['sell H N presaleM', 4],
    ['sell H N oversellM', 2],
    ['sell H N', 2],
    ['reserve H N', 2],
    ['reserve H N backorder', 2],
    ['release G N', 1],
    ['cancel G N', 2],
    ['cancel G', 1],
    ['adjust +N', 1],
    ['adjust -N', 2],
    ['safety N', 1],
    ['pick G N', 1],
    ['putback N', 1],
    ['unreceive N', 1],
    ['block N missing', 1],
    ['unblock N missing', 1],
  ].map(([text, weight]) => ({ arbitrary: fc.constant(text as string), weight: weight as number })),
);

/** The line of the longest name comes and goes. */
const LONGEST_GONE = ['receive N', 'block N missing', 'unblock N missing'].map((op) => ({
  ...{ op, n: 1, m: 0, of: 0 },
}));

describe('rights of goods on hand and in transit', () => {
  it('S2 S3 S4 S7 S9 hold after any steps, also those undone, and from a snapshot', () => {
    const step = fc.record({ op: OPS, n: fc.nat(8), m: fc.nat(8), of: fc.nat(4) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const room = new Stockroom();
        let balances = noBalances();
        for (const [i, { op, n, m, of }] of steps.entries()) {
          const text = op
            .replace('N', String(n + 1))
            .replace('M', String(Math.min(n + 1, m + 1)))
            .replace('H', `H${i}`)
            .replace('G', `H${Math.max(0, i - of - 1)}`);
          const c: StockCommand = parse(text.split(' ')[0] as string, text);
          const state = room.get(c.key);
          const was = state && structuredClone(state);
          const never = parse('pick', 'pick nobody 1');
          expect(room.runSteps([c, never], 1).ok).toBe(false);
          expect(room.get(c.key)).toEqual(was);
          const outcome = room.run(c, 1);
          if (!outcome.ok) continue;
          const now = room.get(c.key) ?? expect.fail('no actor');
          expect(faults(now), text).toEqual([]);
          for (const { event, after } of outcome.changes) {
            expect(continues(balances, event, after), text).toBe(true);
            balances = after.slice();
          }
          const kept = restored(now);
          // The longest name there ever was is forgotten with its line: it only bounds the size of records.
          if (kept.detail && now.detail) kept.detail.longest = now.detail.longest;
          expect(kept).toEqual(now);
        }
      }),
      { numRuns: 1_500, examples: [[LONGEST_GONE]] },
    );
  });
});
