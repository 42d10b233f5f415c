import { openRig, problemsOfRuns } from './rig.ts';
import type { Scenario, Settings } from './scenario.ts';
import type { WorkPlan } from './work.ts';

export interface Plain extends Pick<Scenario, 'what' | 'defaults' | 'check'> {
  plan(settings: Settings): WorkPlan;
}

/** A scenario that is a load on goods, and nothing besides. */
export const plainScenario = (plain: Plain): Scenario => ({
  ...plain,
  async run(settings, bench) {
    const { rate, seconds } = settings;
    const plan = plain.plan(settings);
    const rig = await openRig(settings, plan, bench);
    bench.say(`${rate}/s for ${seconds} s`);
    const { run, use } = await rig.measure({ plan, rate, seconds });
    const checked = plain.check?.(run, plan) ?? [];
    const problems = [...checked, ...(await problemsOfRuns([run], rig, bench))];
    return { run, use, figures: [], problems };
  },
});
