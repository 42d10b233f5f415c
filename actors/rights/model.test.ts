import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOST_STEPS, runsOf } from '../../test/rights/arbitrary.ts';
import { type Counts, countsOf, noCounts } from '../../test/rights/counts.ts';
import { hunt } from '../../test/rights/mutants.ts';
import { MUTATIONS } from '../../test/rights/mutations.ts';
import { PROLOGUE, run, type Step } from '../../test/rights/run.ts';

/** `npm run rights -- --runs 200000` is the long run; this sets how many the tests do. */
const RUNS = Number(process.env.HOLDFAST_RIGHTS_RUNS ?? 200);
const SEED = 1;

describe('E1–E6 and conservation, after every step', () => {
  it(`hold over ${RUNS} runs of sales, faults, restores and burials`, () => {
    const counts = noCounts();
    fc.assert(
      fc.property(runsOf(MOST_STEPS), (steps) => countsOf(run(steps), counts)),
      { numRuns: RUNS, seed: SEED },
    );
    for (const what of Object.keys(counts) as (keyof Counts)[]) {
      expect(counts[what], `nothing was tried: ${what}`).toBeGreaterThan(0);
    }
  });
});

/** Histories that once broke a rule here, as short as they came. */
const FOUND: Readonly<Record<string, readonly Step[]>> = {
  'rights of a buried life come back once, though it ends later': [
    ...PROLOGUE,
    ['savePoint', 0, 0, 1, 0],
    ['buryAlive', 0, 0, 1, 0],
    ['sync', 0, 0, 1, 0],
    ['log', 0, 0, 1, 0],
    ['losePoint', 0, 0, 1, 0],
  ],
  'a life that is lost before a restored home heard what it got': [
    ...PROLOGUE,
    ['saveHome', 0, 0, 1, 0],
    ['grantSync', 0, 0, 1, 0],
    ['loseHome', 0, 0, 1, 0],
    ['savePoint', 0, 0, 1, 0],
    ['losePoint', 0, 0, 1, 0],
  ],
  'goods that come while a restored home waits go to waiting promises after': [
    ...PROLOGUE,
    ['receive', 0, 0, 5, 0],
    ['sell', 0, 0, 5, 0],
    ['close', 0, 0, 1, 0],
    ['close', 10, 0, 1, 0],
    ['retire', 2, 0, 1, 0],
    ['sync', 4, 0, 1, 0],
    ['saveHome', 0, 0, 1, 0],
    ['loseHome', 0, 0, 1, 0],
    ['sync', 0, 0, 1, 0],
    ['receive', 0, 0, 5, 0],
  ],
};

describe('what runs found stays mended', () => {
  it.each(Object.entries(FOUND))('%s', (_, steps) => {
    expect(run(steps).steps).toBe(steps.length);
  });
});

describe('planted mistakes are found (the rare ones by `npm run rights -- --mutants`)', () => {
  const frequent = MUTATIONS.flatMap((mutation) =>
    mutation.isRare ? [] : [[mutation.name, mutation] as const],
  );
  it.each(frequent)('%s', async (_, mutation) => {
    const { runs } = await hunt(mutation, 2_000, mutation.seed, 'rules');
    expect(runs).toBeGreaterThan(0);
  });
});

it('a history that breaks a rule is made short', async () => {
  const planted = MUTATIONS.find(({ name }) => name === 'a fence without the life');
  const { steps } = await hunt(planted as (typeof MUTATIONS)[number], 200, SEED, 'rules', true);
  expect(steps.length).toBeLessThanOrEqual(3);
  expect(steps.at(-1)?.[0]).toBe('zombie'); // one that was replaced commits
});
