import { expect, test } from 'vitest';
import { cpuOf, rssOf, usageOf } from './processes.ts';

test('processor time is user and system time, whatever the process is called', () => {
  const stat = '7 (a ) b) S 1 7 7 0 -1 4194560 900 0 1 0 1250 350 0 0 20 0 11 0 5000 1000 200';
  expect(cpuOf(stat)).toBe(16);
});

test('resident memory is in bytes', () => {
  expect(rssOf('Name:\tnode\nVmRSS:\t  2048 kB\nThreads:\t11\n')).toBe(2 * 1024 * 1024);
});

test('of a process that is gone nothing is said', () => {
  expect(usageOf(0)).toEqual({ cpuSeconds: Number.NaN, rssBytes: Number.NaN });
});
