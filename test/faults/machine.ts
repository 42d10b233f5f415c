import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Opened } from '../../loadtest/opened.ts';

const exec = promisify(execFile);

/** Runs a program of the system. Rejects, with what it said, if it fails. */
export const run = (program: string, ...args: readonly string[]): Promise<unknown> =>
  exec(program, [...args], { timeout: 60_000 });

/** Why this machine cannot: not Linux, not root, or a program is missing. */
export async function lacks(...programs: readonly string[]): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root';
  for (const program of programs) {
    const there = await exec('sh', ['-c', `command -v ${program}`]).catch(() => undefined);
    if (there === undefined) return `needs ${program}`;
  }
  return undefined;
}

/** A small disk of its own, in memory, at `dir`; unmounted with `opened`. */
export async function mountTmpfs(opened: Opened, dir: string, megabytes: number): Promise<void> {
  await mkdir(dir, { recursive: true });
  await run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'holdfast-faults', dir);
  opened.add(() => run('umount', dir));
}
