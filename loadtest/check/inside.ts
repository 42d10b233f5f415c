import { Child } from '../child.ts';
import type { Opened } from '../opened.ts';
import { instructionsPerCommand } from './instructions.ts';
import { PARTS } from './parts.ts';
import type { CheckOrder } from './worker.ts';

const WORKER = new URL('./worker.js', import.meta.url);
const LIMIT_MS = 60_000;
/** Of each in a run; those that take turns, and those that count. */
const TURNS = 15;
const COUNTS = 3;

/** So large a young generation that nothing is collected while bytes are counted. */
const ROOMY = ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256'];

/** Row name → every turn of it; none where this machine cannot measure it. */
export type Samples = Readonly<Record<string, readonly number[]>>;

/** What can be measured without a server: parts of a command's way, one after another. */
export async function inside(opened: Opened): Promise<Samples> {
  const samples: Record<string, readonly number[]> = {};
  for (const part of PARTS) {
    try {
      const { child } = await Child.start<string, CheckOrder, number>(WORKER, opened, ROOMY);
      await child.ask({ kind: 'open', part }, LIMIT_MS);
      samples[`${part}.ratio`] = await each(TURNS, () => child.ask({ kind: 'ratio' }, LIMIT_MS));
      samples[`${part}.bytes`] = await each(COUNTS, () => child.ask({ kind: 'bytes' }, LIMIT_MS));
    } finally {
      await opened.close();
    }
    samples[`${part}.instructions`] = instructionsPerCommand(part);
  }
  return samples;
}

async function each(count: number, measure: () => Promise<number>): Promise<number[]> {
  const values: number[] = [];
  for (let i = 0; i < count; i++) values.push(await measure());
  return values;
}
