import { describe, expect, test } from 'vitest';
import { Latencies } from '../latencies.ts';
import { GRID_MS, notKept, partAt, Schedule } from './schedule.ts';

describe('a schedule', () => {
  test('has as many arrivals as rate and time say, the first at once, all in time', () => {
    const schedule = new Schedule(3_000, 2);
    expect(schedule.count).toBe(6_000);
    expect(schedule.dueMs(0)).toBe(0);
    expect(schedule.dueMs(5_999)).toBeLessThanOrEqual(2_000);
  });

  test.each([1, 7, 1_000, 3_000, 10_000])('keeps %d/s evenly, on the grid', (rate) => {
    const { dueMs } = due(rate, 3);
    expect(dueMs.filter((ms) => !Number.isInteger(ms / GRID_MS))).toEqual([]);
    const late = dueMs.map((ms, i) => ms - (i * 1000) / rate);
    expect(Math.min(...late)).toBeGreaterThan(-1e-6);
    expect(Math.max(...late)).toBeLessThan(GRID_MS);
  });
});

test.each([
  [2_000, 0.5],
  [500, 2],
  [3_000, 0.25],
  [10_000, 0.25],
])('at %d/s the driver is woken every %d ms', (rate, ms) => {
  const schedule = new Schedule(rate, 1);
  expect(schedule.beatMs).toBe(ms);
  for (let i = 0; i < schedule.count; i++) {
    expect(Number.isInteger(schedule.dueMs(i) / schedule.beatMs)).toBe(true);
  }
});

test('a stall is charged to every arrival that was due in it, not to one', () => {
  // A server that answers at once, but stands still from 100 to 200 ms; 1,000 arrivals a second.
  const answeredMs = (sentMs: number): number => (sentMs >= 100 && sentMs < 200 ? 200 : sentMs);
  const { dueMs } = due(1_000, 1);
  const open = new Latencies();
  for (const ms of dueMs) open.add(answeredMs(ms) - ms);
  // Who waits for each answer before the next arrival sends one command into the stall.
  const closed = new Latencies();
  for (let ms = 0; ms < 1_000; ms = Math.max(ms + 1, answeredMs(ms))) {
    closed.add(answeredMs(ms) - ms);
  }
  expect(open.us(99)).toBeGreaterThan(80_000);
  expect(closed.us(99)).toBeLessThan(1);
});

test('what is due at the end of a run is in its last part', () => {
  const parts = [0, 99.9, 100, 550, 999, 1_000].map((ms) => partAt(ms, 1_000, 10));
  expect(parts).toEqual([0, 0, 1, 5, 9, 9]);
});

describe('figures', () => {
  const kept = { due: 1_000, sentInTime: 1_000, lateP99Ms: 0.3, latencyP99Ms: 2 };

  test('hold where the driver kept its schedule', () => {
    expect(notKept(kept)).toBeUndefined();
    expect(notKept({ ...kept, sentInTime: 990 })).toBeUndefined();
    expect(notKept({ ...kept, lateP99Ms: 4, latencyP99Ms: 10 })).toBeUndefined();
  });

  test('do not hold where arrivals were not sent in time', () => {
    expect(notKept({ ...kept, sentInTime: 989 })).toContain('989 of 1000');
  });

  test('do not hold where most of the latency is the driver’s own delay', () => {
    expect(notKept({ ...kept, lateP99Ms: 6, latencyP99Ms: 10 })).toContain('6.0 ms');
  });
});

function due(rate: number, seconds: number): { dueMs: number[]; count: number } {
  const schedule = new Schedule(rate, seconds);
  const { count } = schedule;
  return { count, dueMs: Array.from({ length: count }, (_, i) => schedule.dueMs(i)) };
}
