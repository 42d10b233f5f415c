import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Plan } from './plan.ts';
import type { Plan as RegionsPlan } from './regions/plan.ts';
import { runRegions } from './regions/run.ts';
import { story as regionsStory } from './regions/story.ts';
import { runPlan } from './run.ts';
import { story } from './story.ts';

/**
 * Histories that once broke a rule, as short as they could be made; each file
 * is named for what was wrong. `npm run sim -- --seed S --save FILE` writes one.
 */
const FOUND = new URL('./found/', import.meta.url);
const FOUND_IN_REGIONS = new URL('./regions/found/', import.meta.url);

describe('P10 what the simulation found stays mended', () => {
  it.each(readdirSync(FOUND).sort())('%s', async (file) => {
    const plan = JSON.parse(readFileSync(new URL(file, FOUND), 'utf8')) as Plan;
    const outcome = await runPlan(plan, true);
    expect(outcome.failure && story(plan, outcome)).toBeUndefined();
  });

  it.each(readdirSync(FOUND_IN_REGIONS).sort())('%s', async (file) => {
    const plan = JSON.parse(readFileSync(new URL(file, FOUND_IN_REGIONS), 'utf8')) as RegionsPlan;
    const outcome = await runRegions(plan, true);
    expect(outcome.failure && regionsStory(plan, outcome)).toBeUndefined();
  });
});
