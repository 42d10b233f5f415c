import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { FRAME, type PartName } from './parts.ts';
import { instructionsIn } from './perf-output.ts';

const COUNTED = fileURLToPath(new URL('./counted.js', import.meta.url));
/** What starting and compiling take is in both counts, and so in neither. */
const FEW = 8_000;
const MANY = 16_000;

/** Instructions of one command, one sample; none where this machine cannot or may not count. */
export function instructionsPerCommand(part: PartName): readonly number[] {
  const [few, many] = [count(part, FEW), count(part, MANY)];
  if (few === undefined || many === undefined) return [];
  return [(many - few) / ((MANY - FEW) * FRAME)];
}

function count(part: PartName, frames: number): number | undefined {
  const words = ['stat', '-x', ',', '-e', 'instructions:u', process.execPath];
  const { status, stderr } = spawnSync('perf', [...words, COUNTED, part, String(frames)], {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return status === 0 ? instructionsIn(stderr) : undefined;
}
