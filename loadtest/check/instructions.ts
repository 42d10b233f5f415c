import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { FRAME, type PartName } from './parts.ts';
import { instructionsIn } from './perf-output.ts';

const COUNTED = fileURLToPath(new URL('./counted.js', import.meta.url));
/** What starting and compiling take is in both counts, and so in neither. */
const FEW = 2_000;
const MANY = 4_000;

/** Instructions of one command, one sample; none where this machine cannot or may not count. */
export function instructionsPerCommand(part: PartName): readonly number[] {
  if (counted(['--version']) === undefined) return [];
  const [few, many] = [FEW, MANY].map((frames) => counted([COUNTED, part, String(frames)]));
  if (few === undefined || many === undefined) return [];
  return [(many - few) / ((MANY - FEW) * FRAME)];
}

/** Instructions of a whole process of Node. */
function counted(words: readonly string[]): number | undefined {
  const stat = ['stat', '-x', ',', '-e', 'instructions:u', process.execPath];
  const { status, stderr } = spawnSync('perf', [...stat, ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return status === 0 ? instructionsIn(stderr) : undefined;
}
