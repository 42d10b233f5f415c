import { describe, expect, test } from 'vitest';
import { Latencies } from './latencies.ts';
import type { Results } from './results.ts';
import { ROWS, rowsNamed, unknownName } from './rows.ts';

const EMPTY: Results = {
  actors: {},
  latencies: {},
  rates: {},
  recovery: undefined,
  centre: undefined,
};

const NOTHING = { commands: 0, p50Us: 0, p99Us: 0, cpu: {}, resident: {} };

const round = (ms: number): Latencies => {
  const latencies = new Latencies();
  for (let i = 0; i < 9; i++) latencies.add(ms);
  return latencies;
};
const figure = (name: string, results: Partial<Results>): number | undefined =>
  ROWS.find((row) => row.name === name)?.figure({ ...EMPTY, ...results });

describe('rows', () => {
  test('every row that is promised is there, once', () => {
    const names = ROWS.map((row) => row.name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining([
        'actor.hot.per_s',
        'actor.million.per_s',
        'actor.idle.bytes',
        'echo.p50_us',
        'puback.p50_us',
        'ws.committed.p50_us',
        'ws.committed.ratio',
        'puback.p50_us.synced',
        'ws.committed.p50_us.synced',
        'ws.committed.ratio.synced',
        'batch.per_s',
        'redis.per_s',
        'postgres.hot.per_s',
        'centre.merge_per_s',
        'centre.lines_per_s',
      ]),
    );
  });

  test('a name means its row, or all that begin with it up to a dot', () => {
    expect(rowsNamed(['redis.per_s']).map((row) => row.name)).toEqual(['redis.per_s']);
    expect(rowsNamed(['echo']).map((row) => row.name)).toEqual(
      ['echo', 'echo.paced'].flatMap((name) => [`${name}.p50_us`, `${name}.p99_us`]),
    );
    expect(rowsNamed(['ech'])).toEqual([]);
    expect(rowsNamed([])).toEqual(ROWS);
    expect(unknownName(['echo', 'nothing'])).toBe('nothing');
    expect(unknownName(['echo'])).toBeUndefined();
  });

  test('what was not measured has no figure', () => {
    for (const row of ROWS) expect(row.figure(EMPTY)).toBeUndefined();
  });

  test('p50 is that of the middle round, p99 is over all rounds', () => {
    const latencies = { echo: [round(0.02), round(5), round(0.03)] };
    expect(figure('echo.p50_us', { latencies })).toBeCloseTo(30, 0);
    expect(figure('echo.p99_us', { latencies })).toBeGreaterThan(4_900);
  });

  test('a ratio takes echo, PubAck and committed of the same round', () => {
    const latencies = {
      echo: [round(0.05), round(0.1)],
      puback: [round(0.15), round(0.3)],
      committed: [round(0.24), round(0.6)],
      'puback.synced': [round(0.35), round(0.4)],
      'committed.synced': [round(0.4), round(0.5)],
    };
    expect(figure('ws.committed.ratio_low', { latencies })).toBeCloseTo(1.2, 2);
    expect(figure('ws.committed.ratio_high', { latencies })).toBeCloseTo(1.5, 2);
    expect(figure('ws.committed.ratio', { latencies })).toBeCloseTo(1.35, 2);
    expect(figure('ws.committed.ratio.synced', { latencies })).toBeCloseTo(1, 2);
  });

  test('a rate is that of the middle round', () => {
    const rates = { redis: [3, 1, 2].map((perSecond) => ({ ...NOTHING, perSecond })) };
    expect(figure('redis.per_s', { rates })).toBe(2);
  });
});
