import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cpuOf, residentOf, spent } from './processes.ts';

const NOBODY = { name: 'nobody', pid: 2 ** 22 + 1 };
const isLinux = existsSync('/proc/self/stat');

test('what was spent is the difference, and unknown where either reading is', () => {
  expect(spent({ a: 1, b: null, c: 2 }, { a: 1.5, b: 2, c: null })).toEqual({
    a: 0.5,
    b: null,
    c: null,
  });
});
test('a process that is not there has no figures', () => {
  expect(cpuOf([NOBODY])).toEqual({ nobody: null });
  expect(residentOf([NOBODY])).toEqual({ nobody: null });
});
test.runIf(isLinux)('this process has worked and takes what Node says it takes', () => {
  const self = [{ name: 'self', pid: process.pid }];
  expect(cpuOf(self).self).toBeGreaterThan(0);
  const { self: bytes } = residentOf(self);
  expect((bytes as number) / process.memoryUsage.rss()).toBeCloseTo(1, 0);
});
test.runIf(isLinux)(
  'the first thread and the others make up the whole, and share its memory',
  () => {
    const { pid } = process;
    const all = [
      { name: 'first', pid, threads: 'first' },
      { name: 'others', pid, threads: 'others' },
      { name: 'whole', pid },
    ] as const;
    const { first, others, whole } = cpuOf(all);
    expect((first as number) + (others as number)).toBeCloseTo(whole as number, 1);
    expect(Object.keys(residentOf(all))).toEqual(['first', 'whole']);
  },
);
test.runIf(isLinux)('children are counted where that is asked for', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume(); console.log(1)']);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const [alone, both] = [
    residentOf([{ name: 'p', pid: process.pid }]),
    residentOf([{ name: 'p', pid: process.pid, withChildren: true }]),
  ];
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await ended;
  expect(both.p as number).toBeGreaterThan((alone.p as number) + 1e7);
});
