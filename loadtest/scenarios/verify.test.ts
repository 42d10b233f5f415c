import { describe, expect, test } from 'vitest';
import { Books } from './books.ts';
import type { Step, StepOp } from './steps.ts';
import { type Found, problemsOf, problemsOfTotals, totalsOf } from './verify.ts';

const stock = (onHand: number, allocated: number) =>
  ({ onHand, allocated, available: onHand - allocated }) as never;
const step = (op: StepOp): Step => ({ op, warehouse: 'W1', sku: 'A' });

/** Ten received, three reserved, of which two are shipped. */
function books(): Books {
  const all = new Books();
  all.note(step('receive'), { seq: 1, qty: 10, stock: stock(10, 0) });
  all.note(step('reserve'), { seq: 2, qty: 3, stock: stock(10, 3) });
  all.note(step('ship'), { seq: 3, qty: 2, stock: stock(8, 1) });
  return all;
}

const RIGHT = { seq: 3, onHand: 8, allocated: 1 };
const ENTERED = { onHand: 8, allocated: 1, lines: 4, twice: 0 };

const found = (node: object, centre: object, ledger: object): Found => ({
  node: new Map([['W1/A', { ...RIGHT, ...node }]]),
  centre: new Map([['W1/A', { ...RIGHT, ...centre }]]),
  ledger: new Map([['W1/A', { ...ENTERED, ...ledger }]]),
});

describe('verification', () => {
  test('finds nothing where every answer counts once', () => {
    expect(problemsOf(books().accounts, found({}, {}, {}))).toEqual([]);
    expect(problemsOfTotals([totalsOf(books().accounts)], found({}, {}, {}))).toEqual([]);
  });

  test.each([
    ['a unit too many at the node', [{ allocated: 2 }, {}, {}], 'at the node'],
    ['an event too few at the centre', [{}, { seq: 2 }, {}], 'at the centre'],
    ['a ledger that lacks a line', [{}, {}, { lines: 3 }], 'in the ledger'],
    ['a ledger with a line twice', [{}, {}, { twice: 1 }], 'in the ledger'],
  ] as const)('finds %s', (_, [node, centre, ledger], says) => {
    expect(problemsOf(books().accounts, found(node, centre, ledger))).toEqual([
      expect.stringContaining(says),
    ]);
    expect(problemsOfTotals([totalsOf(books().accounts)], found(node, centre, ledger))).not.toEqual(
      [],
    );
  });

  test('finds an event that two answers told', () => {
    const all = books();
    all.note(step('pick'), { seq: 3, qty: 1, stock: stock(8, 1) });
    expect(problemsOf(all.accounts, found({}, {}, {}))).toEqual(['W1/A: 1 events were told twice']);
  });

  test('finds an event that no answer told', () => {
    const all = books();
    all.note(step('pick'), { seq: 5, qty: 1, stock: stock(8, 1) });
    const later = found({ seq: 5 }, { seq: 5 }, {});
    expect(problemsOf(all.accounts, later)).toEqual(['W1/A: 1 events were told to nobody']);
  });

  test('finds goods that nobody was told of', () => {
    const told = new Books().accounts;
    expect(problemsOf(told, found({}, {}, {}))).toEqual([
      'W1/A: at the centre, and nobody was told',
    ]);
  });

  test('finds an answer that shows more promised than there is', () => {
    const all = books();
    all.note(step('pick'), { seq: 4, qty: 1, stock: stock(8, 9) });
    expect(problemsOf(all.accounts, found({ seq: 4 }, { seq: 4 }, {}))).toEqual([
      'W1/A: 1 answers show it oversold',
    ]);
  });

  test('finds sums that are not what was told', () => {
    const { seq, ...rest } = totalsOf(books().accounts);
    expect(problemsOfTotals([{ seq: seq + 1, ...rest }], found({}, {}, {}))).toEqual([
      'seq: told 4, there 3',
    ]);
  });
});
