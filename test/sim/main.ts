/**
 * `npm run sim -- --seeds N [--from K] [--seed S] [--json]`: runs the simulation
 * on N seeds, or on one, and prints the shortest history of each that fails.
 * `--save FILE` keeps that history, `--plan FILE` runs it again. `--mutants`
 * shows that the simulation finds deliberate bugs.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Caught, runMutants } from './mutants.ts';
import { type Plan, planOf } from './plan.ts';
import { type Outcome, runPlan } from './run.ts';
import { shrink } from './shrink.ts';
import { story } from './story.ts';

const SHRINK_MS = 20_000;
const MUTANT_SEEDS = 200;

interface Report {
  readonly seeds: number;
  readonly failures: readonly {
    readonly seed: number;
    readonly rule: string;
    readonly what: string;
  }[];
  readonly seedsPerSecond: number;
  readonly counts: Readonly<Record<string, number>>;
}

interface Options {
  readonly seeds: number;
  readonly from: number;
  /** Stops at the first failure and does not shrink it. */
  readonly first: boolean;
  readonly say: (text: string) => void;
}

async function runSeeds({ seeds, from, first, say }: Options): Promise<Report> {
  const begun = performance.now();
  const counts: Record<string, number> = {};
  const failures: { seed: number; rule: string; what: string }[] = [];
  let ran = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const plan = planOf(seed);
    const outcome = await runPlan(plan);
    ran++;
    for (const [name, n] of Object.entries(outcome.counts)) counts[name] = (counts[name] ?? 0) + n;
    if (outcome.failure === undefined) continue;
    const { rule, what } = outcome.failure;
    failures.push({ seed, rule, what });
    if (first) break;
    say(await told(plan, outcome));
  }
  const seconds = (performance.now() - begun) / 1_000;
  return { seeds: ran, failures, seedsPerSecond: Math.round((10 * ran) / seconds) / 10, counts };
}

/** The failure and the shortest history that shows it. */
async function told(plan: Plan, { failure, seed }: Outcome, save?: string): Promise<string> {
  if (failure === undefined) return `seed ${seed}: every rule holds`;
  const smaller = await shrink(plan, failure.rule, SHRINK_MS);
  if (save !== undefined) writeFileSync(save, `${JSON.stringify(smaller, null, 1)}\n`);
  return story(smaller, await runPlan(smaller, true));
}

async function one(plan: Plan, save: string | undefined): Promise<number> {
  const outcome = await runPlan(plan);
  console.log(`${await told(plan, outcome, save)}\ntrace ${outcome.hash}`);
  return outcome.failure === undefined ? 0 : 1;
}

async function mutants(json: boolean): Promise<number> {
  const row = ({ mutant, seeds, rule, what }: Caught): string =>
    `${seeds === 0 ? 'NOT FOUND' : String(seeds).padStart(9)}  ${mutant.padEnd(58)} ${rule}: ${what.slice(0, 90)}`;
  const found = await runMutants(MUTANT_SEEDS, (caught) => {
    if (!json) console.log(row(caught));
  });
  const missed = found.filter((c) => c.seeds === 0).length;
  if (json) console.log(JSON.stringify(found));
  else console.log(`${found.length} mutants, ${missed} not found within ${MUTANT_SEEDS} seeds`);
  return missed === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '100' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      plan: { type: 'string' },
      save: { type: 'string' },
      json: { type: 'boolean', default: false },
      first: { type: 'boolean', default: false },
      mutants: { type: 'boolean', default: false },
    },
  });
  const { json, first, save } = values;
  if (values.mutants) return mutants(json);
  if (values.plan !== undefined)
    return one(JSON.parse(readFileSync(values.plan, 'utf8')) as Plan, save);
  if (values.seed !== undefined) return one(planOf(Number(values.seed)), save);
  const say = (text: string): void => (json ? console.error(text) : console.log(text));
  const report = await runSeeds({
    seeds: Number(values.seeds),
    from: Number(values.from),
    first,
    say,
  });
  if (json) console.log(JSON.stringify(report));
  else {
    const { seeds, failures, seedsPerSecond, counts } = report;
    console.log(`${seeds} seeds, ${failures.length} failed, ${seedsPerSecond} a second`, counts);
    if (failures.length > 0) console.log('failed:', failures.map((f) => f.seed).join(' '));
  }
  return report.failures.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main();
