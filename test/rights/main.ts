import fc from 'fast-check';
import { MOST_STEPS, runsOf } from './arbitrary.ts';
import { run } from './run.ts';

const runs = Number(process.argv[2] ?? 1000);
const t = Date.now();
let steps = 0;
const r = fc.check(
  fc.property(runsOf(MOST_STEPS), (xs) => {
    steps += run(xs).steps;
  }),
  { numRuns: runs, seed: Number(process.argv[3] ?? 1) },
);
console.log(r.failed ? 'FAILED' : 'ok', r.numRuns, steps, Date.now() - t);
if (r.failed) {
  console.log(r.seed, r.counterexamplePath);
  console.log(r.counterexample?.[0].map((x) => x.join(' ')).join('\n'));
  console.log(String((r.errorInstance as Error)?.stack).slice(0, 900));
}
