import { expect, test } from 'vitest';
import { PEER_TARGETS } from '../targets.ts';
import type { Rate } from '../throughput/station.ts';
import { groupsOf } from './groups.ts';
import { RATIOS, type Rounds, spreadOfRatio } from './ratios.ts';

const rate = (more: Partial<Rate>): Rate => ({
  commands: 1,
  perSecond: Number.NaN,
  p50Us: Number.NaN,
  p99Us: Number.NaN,
  cpu: {},
  resident: {},
  ...more,
});
const spread = (name: string, rounds: Rounds) => {
  const ratio = RATIOS.find((r) => r.name === name);
  if (ratio === undefined) throw new Error(`no ratio ${name}`);
  return spreadOfRatio(ratio, rounds);
};

test('every ratio divides sides that one group measures together', () => {
  const groups = Object.values(groupsOf(undefined)).map((g) => g.sides.map((s) => s.name));
  for (const { over, under } of RATIOS) {
    const sides = [over, ...under].map(([side]) => side);
    expect(groups.filter((names) => sides.every((s) => names.includes(s)))).toHaveLength(1);
  }
});
test('names are told once', () => {
  const names = RATIOS.map((r) => r.name);
  expect(new Set(names).size).toBe(names.length);
});
test('every target of the peers is of a ratio, once', () => {
  const names = RATIOS.map((r) => r.name);
  const rows = PEER_TARGETS.map(({ row }) => row);
  expect(rows.filter((row) => !names.includes(row))).toEqual([]);
  expect(new Set(rows).size).toBe(rows.length);
});
test('rounds are divided by their own', () => {
  const rounds = {
    'committed.synced': [rate({ p50Us: 250 }), rate({ p50Us: 600 }), rate({ p50Us: 400 })],
    echo: [rate({ p50Us: 50 }), rate({ p50Us: 100 }), rate({ p50Us: 50 })],
    'puback.synced': [rate({ p50Us: 150 }), rate({ p50Us: 300 }), rate({ p50Us: 150 })],
  };
  expect(spread('ws.committed.ratio.synced', rounds)).toEqual({ low: 1.25, middle: 1.5, high: 2 });
});
test('a side that is not here leaves no ratio', () => {
  const only = { 'holdfast.synced.depth1': [rate({ perSecond: 5 })] };
  expect(spread('depth1.synced.redis_none', only)).toBeUndefined();
});
test('memory that cannot be told leaves no ratio', () => {
  const rounds = {
    'holdfast.synced.8189': [rate({ resident: { node: 600 } })],
    tigerbeetle: [rate({ resident: { tigerbeetle: null } })],
  };
  expect(spread('frames8189.memory.tigerbeetle', rounds)).toBeUndefined();
});
test('an amount stands for itself', () => {
  const rounds = { 'holdfast.synced.8189': [rate({ perSecond: 7 }), rate({ perSecond: 9 })] };
  expect(spread('frames8189.per_s', rounds)).toEqual({ low: 7, middle: 8, high: 9 });
});
