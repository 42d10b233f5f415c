/**
 * `npm run rights -- [--runs N] [--seed S]` runs the model of rights through N random histories and
 * prints the shortest one that breaks a rule; `--mutants` shows that it finds planted mistakes, `--outside`
 * by what customers and the shelf see alone.
 */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { MOST_STEPS, runsOf } from './arbitrary.ts';
import type { Judge } from './check.ts';
import { type Counts, countsOf, noCounts } from './counts.ts';
import { failsIn, hunt } from './mutants.ts';
import { MUTATIONS } from './mutations.ts';
import { run, type Step } from './run.ts';
import { shorten } from './shorten.ts';

const MUTANT_RUNS = 50_000;

function many(runs: number, seed: number): number {
  const startedMs = performance.now();
  const counts = noCounts();
  const property = fc.property(runsOf(MOST_STEPS), (steps) => countsOf(run(steps), counts));
  const told = fc.check(property, { numRuns: runs, seed });
  const seconds = (performance.now() - startedMs) / 1_000;
  console.log(`${told.numRuns} runs, ${seconds.toFixed(0)} s, ${told.failed ? 'FAILED' : 'held'}`);
  console.log(lineOf(counts));
  if (!told.failed) return 0;
  const [steps = []] = told.counterexample ?? [];
  console.log(
    shorten(steps as readonly Step[], failsIn(run))
      .map((step) => step.join(' '))
      .join('\n'),
  );
  console.log((told.errorInstance as Error | undefined)?.message);
  return 1;
}

const lineOf = (counts: Counts): string =>
  Object.entries(counts)
    .map(([what, n]) => `${what} ${n}`)
    .join(', ');

async function mutants(mostRuns: number, seed: number | undefined, judge: Judge): Promise<number> {
  let missed = 0;
  for (const mutation of MUTATIONS) {
    const { runs, what } = await hunt(mutation, mostRuns, seed ?? mutation.seed, judge);
    if (runs === 0) missed++;
    console.log(
      `${runs === 0 ? 'NOT FOUND' : String(runs).padStart(9)}  ${mutation.name.padEnd(58)} ${what}`,
    );
  }
  console.log(`${MUTATIONS.length} mutants, ${missed} not found within ${mostRuns} runs`);
  return missed;
}

const { values } = parseArgs({
  options: {
    runs: { type: 'string' },
    seed: { type: 'string' },
    mutants: { type: 'boolean', default: false },
    outside: { type: 'boolean', default: false },
  },
});
const seed = values.seed === undefined ? undefined : Number(values.seed);
process.exitCode = values.mutants
  ? await mutants(Number(values.runs ?? MUTANT_RUNS), seed, values.outside ? 'outside' : 'rules')
  : many(Number(values.runs ?? 20_000), seed ?? 1);
