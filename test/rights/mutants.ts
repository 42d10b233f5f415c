import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { MOST_STEPS, runsOf, tightRunsOf } from './arbitrary.ts';
import type { Judge } from './check.ts';
import type { Edit, Mutation } from './mutations.ts';
import type { Step } from './run.ts';
import { shorten } from './shorten.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Of this very file: sources under test, compiled ones in a long run. */
const ENDING = extname(fileURLToPath(import.meta.url));
const FILES = [
  ...['ids', 'outcomes'].map((name) => `actors/${name}`),
  ...['arrivals', 'backing', 'home', 'lane', 'lives', 'pools'].map(
    (name) => `actors/rights/${name}`,
  ),
  ...['point', 'point-messages', 'point-orders', 'point-soft'].map(
    (name) => `actors/rights/${name}`,
  ),
  ...['check', 'fates', 'goods', 'run', 'shelf', 'steps', 'world'].map(
    (name) => `test/rights/${name}`,
  ),
];

export interface Caught {
  /** How many runs it took; 0 if none found it. */
  readonly runs: number;
  readonly what: string;
  /** The history that found it, as short as could be made where that was asked for. */
  readonly steps: readonly Step[];
}

/** Plants a mistake in a copy of the domain and of the world, and runs that until a rule breaks. */
export async function hunt(
  mutation: Mutation,
  mostRuns: number,
  seed: number,
  judge: Judge,
  isShortened = false,
): Promise<Caught> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-rights-'));
  try {
    copyTo(folder);
    for (const each of mutation.edits) plant(folder, each);
    const { run } = (await import(
      /* @vite-ignore */ pathToFileURL(join(folder, `test/rights/run${ENDING}`)).href
    )) as { readonly run: (steps: readonly Step[], judge: Judge) => unknown };
    const runs = judge === 'rules' ? runsOf(MOST_STEPS) : tightRunsOf(MOST_STEPS);
    return firstFailure(runs, (steps) => run(steps, judge), mostRuns, seed, isShortened);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function copyTo(folder: string): void {
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  for (const file of FILES) {
    const path = join(folder, file + ENDING);
    mkdirSync(dirname(path), { recursive: true });
    cpSync(join(ROOT, file + ENDING), path);
  }
}

function plant(folder: string, { file, find, replace }: Edit): void {
  const path = join(folder, file + ENDING);
  const parts = readFileSync(path, 'utf8').split(find);
  if (parts.length !== 2) {
    throw new Error(
      `${path} has ${parts.length - 1} times, not once:\n${find}\nChange the mutant.`,
    );
  }
  writeFileSync(path, parts.join(replace));
}

function firstFailure(
  runs: fc.Arbitrary<readonly Step[]>,
  run: (steps: readonly Step[]) => unknown,
  mostRuns: number,
  seed: number,
  isShortened: boolean,
): Caught {
  const property = fc.property(runs, (steps) => {
    run(steps);
  });
  const told = fc.check(property, { numRuns: mostRuns, seed, endOnFailure: !isShortened });
  if (!told.failed) return { runs: 0, what: 'not found', steps: [] };
  const [steps] = told.counterexample as [readonly Step[]];
  const [what = ''] = String((told.errorInstance as Error | undefined)?.message).split('\n');
  return { runs: told.numRuns, what, steps: isShortened ? shorten(steps, failsIn(run)) : steps };
}

export const failsIn =
  (run: (steps: readonly Step[]) => unknown) =>
  (steps: readonly Step[]): boolean => {
    try {
      run(steps);
      return false;
    } catch {
      return true;
    }
  };
