import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Caught } from './mutants.ts';
import { planOf } from './plan.ts';
import { planOf as regionsOf } from './regions/plan.ts';
import { runRegions } from './regions/run.ts';
import { story as regionsStory } from './regions/story.ts';
import { runRetries } from './retries.ts';
import { runPlan } from './run.ts';
import { story } from './story.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** More of them run by `npm run sim`. */
const SEEDS = 40;
const REGION_SEEDS = 20;
const RETRIES = 20_000;
const SLOW_MS = 240_000;

describe('P10 the simulation', () => {
  it('gives the same trace for the same seed, byte for byte', async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const [once, again] = [await runPlan(planOf(seed), true), await runPlan(planOf(seed), true)];
      expect(again.hash).toBe(once.hash);
      expect(again.trace.join('\n')).toBe(once.trace.join('\n'));
    }
  });

  it('gives another trace for another seed', async () => {
    const hashes = new Set<string>();
    for (const seed of [1, 2, 3, 4, 5]) hashes.add((await runPlan(planOf(seed))).hash);
    expect(hashes.size).toBe(5);
  });

  it(`S1–S10, D1–D4, C1–C6, P1–P6, P9, R2 hold in ${SEEDS} seeds`, {
    timeout: SLOW_MS,
  }, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const plan = planOf(seed);
      const outcome = await runPlan(plan);
      if (outcome.failure === undefined) continue;
      expect.fail(story(plan, await runPlan(plan, true)));
    }
  });
});

describe('P10 a hub and three regions that sell', () => {
  it('give the same trace for the same seed, byte for byte', async () => {
    const [once, again] = [
      await runRegions(regionsOf(1), true),
      await runRegions(regionsOf(1), true),
    ];
    expect(again.hash).toBe(once.hash);
    expect(again.trace.join('\n')).toBe(once.trace.join('\n'));
  });

  it(`E1–E6, C1, C3, S1–S4 hold in ${REGION_SEEDS} seeds`, { timeout: SLOW_MS }, async () => {
    for (let seed = 1; seed <= REGION_SEEDS; seed++) {
      const plan = regionsOf(seed);
      const outcome = await runRegions(plan);
      if (outcome.failure === undefined) continue;
      expect.fail(regionsStory(plan, await runRegions(plan, true)));
    }
  });
});

describe('P6 retries', () => {
  it(`${RETRIES} of them, hours later and after failovers, have one effect each`, async () => {
    const told = await runRetries(RETRIES);
    expect(told).toMatchObject({ doubled: 0, lost: 0 });
    expect(told.retries).toBeGreaterThanOrEqual(RETRIES);
    expect(told.hours).toBeGreaterThan(10);
    expect(told.failovers).toBeGreaterThan(20);
  });
});

describe('P10 deliberate bugs', () => {
  it('are planted in texts that are there, each once', { timeout: SLOW_MS }, async () => {
    await run('setup/prepare.mjs');
    expect(JSON.parse(await run('dist/test/sim/main.js', '--unapplied'))).toEqual([]);
  });

  it('are all found within 200 seeds', { timeout: 2 * SLOW_MS }, async () => {
    await run('setup/prepare.mjs');
    const found = JSON.parse(await run('dist/test/sim/main.js', '--mutants', '--json')) as Caught[];
    expect(found.length).toBeGreaterThanOrEqual(12);
    expect(found.filter(({ seeds }) => seeds === 0).map(({ mutant }) => mutant)).toEqual([]);
  });
});

/** What the program prints, whether it is content or not. */
function run(...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: ROOT }, (error, stdout, stderr) => {
      if (error !== null && stdout === '') reject(new Error(stderr, { cause: error }));
      else resolve(stdout);
    });
  });
}
