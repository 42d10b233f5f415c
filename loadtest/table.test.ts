import { describe, expect, test } from 'vitest';
import { ROWS, rowsNamed } from './rows.ts';
import { rounded, table } from './table.ts';
import { judge, TARGETS } from './targets.ts';

const target = (row: string, times?: string) => {
  const found = TARGETS.find((t) => t.row === row && t.times === times);
  if (found === undefined) throw new Error(`no target for ${row}`);
  return found;
};

describe('targets', () => {
  test('every target is about rows that there are', () => {
    const names = ROWS.map((row) => row.name);
    for (const { row, times } of TARGETS) {
      expect(names).toContain(row);
      if (times !== undefined) expect(names).toContain(times);
    }
  });
  test('at least and at most include the amount itself', () => {
    expect(judge(target('actor.hot.per_s'), { 'actor.hot.per_s': 1_000_000 })?.met).toBe(true);
    expect(judge(target('actor.hot.per_s'), { 'actor.hot.per_s': 999_999 })?.met).toBe(false);
    expect(judge(target('ws.committed.ratio'), { 'ws.committed.ratio': 1.25 })?.met).toBe(true);
    expect(judge(target('ws.committed.ratio'), { 'ws.committed.ratio': 1.251 })?.met).toBe(false);
  });
  test('a multiple is of the same run', () => {
    const figures = { 'batch.per_s': 400, 'redis.per_s': 100 };
    expect(judge(target('batch.per_s', 'redis.per_s'), figures)).toMatchObject({
      met: true,
      times: 4,
    });
  });
  test('a peer that is not there judges nobody', () => {
    const figures = { 'batch.per_s': 400, 'redis.per_s': null };
    expect(judge(target('batch.per_s', 'redis.per_s'), figures)).toBeUndefined();
    expect(judge(target('actor.hot.per_s'), {})).toBeUndefined();
  });
});

describe('table', () => {
  test('says what was reached and what was missed', () => {
    const rows = rowsNamed(['ws.committed.ratio', 'actor.hot']);
    const text = table(rows, { 'actor.hot.per_s': 2_000_000, 'ws.committed.ratio': 1.5 });
    expect(text).toMatch(/^actor\.hot\.per_s +2,000,000 +\/s .*≥ 1,000,000 met$/m);
    expect(text).toMatch(/^ws\.committed\.ratio +1\.500 +× .*≤ 1\.25 MISSED$/m);
  });
  test('says how many times, where that is the target', () => {
    const figures = { 'batch.per_s': 250, 'redis.per_s': 100 };
    expect(table(rowsNamed(['batch.per_s']), figures)).toContain(
      '≥ 3 × redis.per_s MISSED (2.50 ×)',
    );
  });
  test('a peer that is not there is said not to be', () => {
    const text = table(rowsNamed(['redis']), { 'redis.per_s': null });
    expect(text).toMatch(/^redis\.per_s +not here/);
  });
  test('figures are rounded to what the measurement is worth', () => {
    expect(rounded(123.456, '/s')).toBe(123);
    expect(rounded(26.149, 'µs')).toBe(26.1);
    expect(rounded(1.23456, '×')).toBe(1.235);
  });
});
