import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../cli/version.ts';
import type { Measured } from './judge.ts';

/** What was measured when somebody last said that it is right. Committed with the code. */
export interface Recorded {
  readonly date: string;
  readonly cpu: string;
  readonly node: string;
  readonly rows: Measured;
}

const FILE = join(packageRoot(), 'loadtest', 'recorded.json');

/** Undefined before anything was recorded. */
export function readRecorded(): Recorded | undefined {
  try {
    return JSON.parse(readFileSync(FILE, 'utf8')) as Recorded;
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw e;
  }
}

export function writeRecorded(rows: Measured): string {
  const recorded: Recorded = { ...here(), rows };
  writeFileSync(FILE, `${JSON.stringify(recorded, null, 2)}\n`);
  return FILE;
}

/** What a row of bytes or instructions depends on besides the code. */
export const here = () => ({
  date: new Date().toISOString().slice(0, 10),
  cpu: cpus()[0]?.model ?? 'unknown',
  node: process.versions.node,
});
