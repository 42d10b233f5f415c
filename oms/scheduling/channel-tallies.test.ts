import { describe, expect, test } from 'vitest';
import { NO_SALES, type OwnerSales, reported, salesToWrite } from './channel-tallies.ts';
import { SCHEDULING } from './policy.ts';

const NOW = 1_700_000_000_000;
const DAY_MS = 24 * 3_600_000;
const CHANNELS = ['app', 'pc'];

const heard = (...reports: readonly (readonly [string, Record<string, number>])[]): OwnerSales =>
  reports.reduce((sales, [run, sold]) => reported(sales, run, sold, NOW), NO_SALES);

describe('what nodes report', () => {
  test('counts what is new of each start of each node: repeated, late and lost reports make no difference', () => {
    const all = heard(
      ['hub-1', { app: 3 }],
      ['eu-1', { app: 10, pc: 1 }],
      ['hub-1', { app: 7 }],
      ['hub-1', { app: 3 }],
      ['hub-1', { app: 7 }],
      ['hub-2', { app: 2 }],
    );
    expect(all.sold).toEqual({ app: 19, pc: 1 });
  });

  test('counts a channel that was not named for a while on from where it was', () => {
    const all = heard(['hub-1', { app: 9, pc: 4 }], ['hub-1', { pc: 5 }], ['hub-1', { app: 10 }]);
    expect(all.sold).toEqual({ app: 10, pc: 5 });
  });

  test('knows as many starts as are of use, those heard last', () => {
    let all = NO_SALES;
    for (let i = 0; i < 3 * SCHEDULING.runs; i++) {
      all = reported(all, `hub-${i}`, { app: 1 }, NOW + i);
      all = reported(all, 'eu-1', { app: i }, NOW + i);
    }
    expect(Object.keys(all.runs)).toHaveLength(SCHEDULING.runs);
    expect(all.sold.app).toBeCloseTo(6 * SCHEDULING.runs - 1, 1);
  });

  test('that have nothing new leave what is kept as it is, for a day', () => {
    const all = heard(['hub-1', { app: 3 }]);
    expect(reported(all, 'hub-1', { app: 3 }, NOW + DAY_MS - 1)).toBe(all);
    expect(reported(all, 'hub-1', { app: 3 }, NOW + DAY_MS).runs['hub-1']?.atMs).toBe(NOW + DAY_MS);
  });

  test('goes on from what was kept', () => {
    const kept = JSON.parse(JSON.stringify(heard(['hub-1', { app: 3 }]))) as OwnerSales;
    expect(reported(kept, 'hub-1', { app: 5 }, NOW).sold).toEqual({ app: 5 });
  });

  test('counts half after a half-life, and a node that was silent for weeks is forgotten', () => {
    const later = reported(
      heard(['hub-1', { app: 8 }]),
      ...(['eu-1', { pc: 1 }, NOW + SCHEDULING.halfLifeMs] as const),
    );
    expect(later.sold.app).toBeCloseTo(4, 9);
    expect(Object.keys(later.runs)).toEqual(['hub-1', 'eu-1']);
    const atLast = reported(later, 'eu-1', { pc: 2 }, NOW + SCHEDULING.windowMs);
    expect(Object.keys(atLast.runs)).toEqual(['eu-1']);
  });

  test('takes a channel by any name for no more than a name', () => {
    expect(heard(['constructor', { toString: 4 }]).sold).toEqual({ toString: 4 });
  });
});

describe('what rules are told', () => {
  const sales = heard(['hub-1', { app: 300, pc: 100 }]);

  test('is what their channels sold, and nothing of others', () => {
    const more = reported(sales, 'eu-1', { gone: 50 }, NOW);
    expect(salesToWrite(more, CHANNELS, {}, NOW)).toEqual({ app: 300, pc: 100 });
  });

  test('waits for a day, and for enough sales', () => {
    const written = { ...sales, writtenMs: NOW - DAY_MS + 1 };
    expect(salesToWrite(written, CHANNELS, {}, NOW)).toBeUndefined();
    expect(salesToWrite(written, CHANNELS, {}, NOW + 1)).toBeDefined();
    // The clock was ahead when it was written.
    expect(
      salesToWrite({ ...sales, writtenMs: NOW + 400 * DAY_MS }, CHANNELS, {}, NOW),
    ).toBeDefined();
    const few = heard(['hub-1', { app: SCHEDULING.leastUnits - 1 }]);
    expect(salesToWrite(few, CHANNELS, {}, NOW)).toBeUndefined();
  });

  test('is nothing where they say about the same', () => {
    expect(salesToWrite(sales, CHANNELS, { app: 72, pc: 28 }, NOW)).toBeUndefined();
    expect(salesToWrite(sales, CHANNELS, { app: 69, pc: 31 }, NOW)).toBeDefined();
    const later = NOW + SCHEDULING.halfLifeMs;
    expect(salesToWrite(sales, CHANNELS, { app: 300, pc: 100 }, later)).toBeUndefined();
  });

  test('leaves no channel without any, which could never sell again', () => {
    const all = heard(['hub-1', { app: 1_000 }]);
    expect(salesToWrite(all, CHANNELS, {}, NOW)).toEqual({ app: 1_000, pc: 20 });
  });
});
