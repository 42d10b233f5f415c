import { mkdir } from 'node:fs/promises';
import { run } from '../../cli/machine.ts';
import type { Opened } from '../../loadtest/opened.ts';

/** A small disk of its own, in memory, at `dir`; unmounted with `opened`. */
export async function mountTmpfs(opened: Opened, dir: string, megabytes: number): Promise<void> {
  await mkdir(dir, { recursive: true });
  await run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'holdfast-faults', dir);
  opened.add(() => run('umount', dir));
}
