import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

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
