import { Child } from '../child.ts';
import type { Opened } from '../opened.ts';
import { instructionsPerCommand } from './instructions.ts';
import { PARTS, type PartName } from './parts.ts';
import type { CheckOrder } from './worker.ts';

const WORKER = new URL('./worker.js', import.meta.url);
const LIMIT_MS = 60_000;
/** Of each in a run; those that take turns, and those that count. */
const TURNS = 15;
const COUNTS = 3;

/** So large a young generation that nothing is collected while bytes are counted; code is compiled at the same turn each time. */
const ROOMY = [
  '--expose-gc',
  '--single-threaded',
  '--min-semi-space-size=256',
  '--max-semi-space-size=256',
];

/** Row name → every turn of it; none where this machine cannot measure it. */
export type Samples = Readonly<Record<string, readonly number[]>>;

/** What can be measured without a server: parts of a command's way, each alone in a process of its own. */
export async function inside(opened: Opened): Promise<Samples> {
  const samples: Record<string, readonly number[]> = {};
  for (const part of PARTS) {
    samples[`${part}.ratio`] = await asked({ kind: 'ratio' }, TURNS, part, [], opened);
    samples[`${part}.bytes`] = await asked({ kind: 'bytes' }, COUNTS, part, ROOMY, opened);
    samples[`${part}.instructions`] = instructionsPerCommand(part);
  }
  return samples;
}

async function asked(
  order: CheckOrder,
  turns: number,
  part: PartName,
  options: readonly string[],
  opened: Opened,
): Promise<number[]> {
  try {
    const { child } = await Child.start<string, CheckOrder, number>(WORKER, opened, options);
    await child.ask({ kind: 'open', part }, LIMIT_MS);
    await child.ask(order, LIMIT_MS); // the first pays for what the others find
    const values: number[] = [];
    for (let i = 0; i < turns; i++) values.push(await child.ask(order, LIMIT_MS));
    return values;
  } finally {
    await opened.close();
  }
}
