import { planOf } from './plan.ts';
import { longSize, planOf as regionsOf } from './regions/plan.ts';
import { runRegions } from './regions/run.ts';
import { story as regionsStory } from './regions/story.ts';
import { type Outcome, runPlan } from './run.ts';
import { type Runs, type Shrinkable, shrink } from './shrink.ts';
import { story } from './story.ts';

/** What can be simulated, each by its own plans. */
interface Simulated<P extends Shrinkable> extends Runs<P> {
  planOf(seed: number): P;
  story(plan: P, outcome: Outcome): string;
}

/** The same, whatever its plans are. */
export interface Kind {
  planOf(seed: number): Shrinkable;
  run(plan: Shrinkable, keepTrace?: boolean): Promise<Outcome>;
  /** A failure as a person reads it, in the shortest history that shows it. */
  shortest(
    plan: Shrinkable,
    outcome: Outcome,
  ): Promise<{ readonly plan: Shrinkable; readonly text: string }>;
}

const SHRINK_MS = 20_000;

function kind<P extends Shrinkable>(simulated: Simulated<P>): Kind {
  return {
    planOf: simulated.planOf,
    run: (plan, keepTrace) => simulated.run(plan as P, keepTrace),
    shortest: async (plan, { failure, seed }) => {
      if (failure === undefined) return { plan, text: `seed ${seed}: every rule holds` };
      const smaller = await shrink(plan as P, simulated, failure.rule, SHRINK_MS);
      return {
        plan: smaller,
        text: simulated.story(smaller, await simulated.run(smaller, true)),
      };
    },
  };
}

const regions = {
  planOf: (seed: number) => regionsOf(seed),
  run: runRegions,
  lists: ['faults', 'turns', 'floor', 'orders'],
  story: regionsStory,
} as const;

/** One region and its centre; a hub and three regions that sell; those for long, with many orders and cuts. */
export const KINDS = {
  region: kind({ planOf, run: runPlan, lists: ['faults', 'repeats', 'sendings'], story }),
  regions: kind(regions),
  long: kind({ ...regions, planOf: (seed) => regionsOf(seed, longSize) }),
} satisfies Record<string, Kind>;

export type KindName = keyof typeof KINDS;
