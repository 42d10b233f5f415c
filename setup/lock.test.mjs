import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { withLock } from './lock.mjs';

/** @type {string} */ let folder;
/** @type {string} */ let file;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-setup-'));
  file = join(folder, 'dist', 'lock');
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

test('one works at a time', async () => {
  let inside = 0;
  const work = async () => {
    inside += 1;
    await sleep(20);
    return inside--;
  };
  expect(await Promise.all([withLock(file, work), withLock(file, work)])).toEqual([1, 1]);
});

test('a lock whose process has died is taken over', async () => {
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  await withLock(file, async () => {});
  writeFileSync(file, String(dead));
  expect(await withLock(file, async () => 'done')).toBe('done');
});

test('a failure gives it back', async () => {
  await expect(withLock(file, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(existsSync(file)).toBe(false);
});
