/**
 * `npm run sim -- --seeds N [--from K] [--json]` runs the simulation on N seeds
 * and prints the shortest history of those that fail; `--seed S` runs one,
 * `--save FILE` keeps its history, `--plan FILE` runs that again. `--mutants`
 * shows that the simulation finds deliberate bugs, `--unapplied` which of them can no longer be planted, `--retries N` that retries
 * have one effect each, `--history FILE` checks what was recorded of real servers. With `--regions` a hub and
 * three regions that sell are simulated, with `--long` those for longer: seeds, one seed, plans and mutants of theirs.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { KINDS, type KindName } from './kinds.ts';
import { contradictions, type Recorded } from './linear.ts';
import { runMany } from './many.ts';
import { type Caught, runMutants, unapplied } from './mutants.ts';
import { textOf } from './plan.ts';
import { runRetries } from './retries.ts';
import type { Shrinkable } from './shrink.ts';

const MUTANT_SEEDS = 200;

async function one(kind: KindName, plan: Shrinkable, save: string | undefined): Promise<number> {
  const { run, shortest } = KINDS[kind];
  const outcome = await run(plan);
  const { plan: smaller, text } = await shortest(plan, outcome);
  if (save !== undefined) writeFileSync(save, textOf(smaller));
  console.log(`${text}\ntrace ${outcome.hash}`);
  return outcome.failure === undefined ? 0 : 1;
}

async function many(
  kind: KindName,
  seeds: number,
  from: number,
  threads: number,
  first: boolean,
  json: boolean,
): Promise<number> {
  const say = (text: string): void => (json ? console.error(text) : console.log(text));
  const report = await runMany({ kind, seeds, from, threads, first }, say);
  if (json) console.log(JSON.stringify(report));
  else {
    const { failures, seedsPerSecond, counts } = report;
    console.log(
      `${report.seeds} seeds, ${failures.length} failed, ${seedsPerSecond} a second`,
      counts,
    );
    for (const { seed, rule } of failures) console.log(`failed: ${seed} ${rule}`);
  }
  return report.failures.length === 0 ? 0 : 1;
}

async function mutants(kind: KindName, threads: number, json: boolean): Promise<number> {
  const row = ({ mutant, seeds, rule, what }: Caught): string =>
    `${seeds === 0 ? 'NOT FOUND' : String(seeds).padStart(9)}  ${mutant.padEnd(58)} ${rule}: ${what.slice(0, 90)}`;
  const found = await runMutants(kind, MUTANT_SEEDS, threads, (caught) => {
    if (!json) console.log(row(caught));
  });
  const missed = found.filter((c) => c.seeds === 0).length;
  if (json) console.log(JSON.stringify(found));
  else console.log(`${found.length} mutants, ${missed} not found within ${MUTANT_SEEDS} seeds`);
  return missed === 0 ? 0 : 1;
}

/** Texts of mutants, of regions too, that the program does not have just once. */
function texts(): number {
  const missing = unapplied();
  console.log(JSON.stringify(missing));
  return missing.length === 0 ? 0 : 1;
}

async function retries(n: number): Promise<number> {
  const told = await runRetries(n);
  console.log(JSON.stringify(told));
  return told.retries >= n && told.doubled + told.lost === 0 ? 0 : 1;
}

/** One operation a line, as JSON; null for the time of an answer that was never heard. */
function history(file: string): number {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  const found = contradictions(lines.map((line) => JSON.parse(line) as Recorded));
  for (const { actor, why } of found) console.log(`${actor}: ${why}`);
  console.log(`${lines.length} operations, ${found.length} actors are not linearizable`);
  return found.length === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '100' },
      from: { type: 'string', default: '1' },
      threads: { type: 'string', default: String(availableParallelism()) },
      seed: { type: 'string' },
      regions: { type: 'boolean', default: false },
      long: { type: 'boolean', default: false },
      plan: { type: 'string' },
      save: { type: 'string' },
      json: { type: 'boolean', default: false },
      first: { type: 'boolean', default: false },
      mutants: { type: 'boolean', default: false },
      unapplied: { type: 'boolean', default: false },
      retries: { type: 'string' },
      history: { type: 'string' },
    },
  });
  const { json, first, save, plan, seed, seeds, from, threads } = values;
  const kind = values.long ? 'long' : values.regions ? 'regions' : 'region';
  if (values.unapplied) return texts();
  if (values.mutants) return mutants(kind, Number(threads), json);
  if (values.retries !== undefined) return retries(Number(values.retries));
  if (values.history !== undefined) return history(values.history);
  if (plan !== undefined)
    return one(kind, JSON.parse(readFileSync(plan, 'utf8')) as Shrinkable, save);
  if (seed !== undefined) return one(kind, KINDS[kind].planOf(Number(seed)), save);
  return many(kind, Number(seeds), Number(from), Number(threads), first, json);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main();
