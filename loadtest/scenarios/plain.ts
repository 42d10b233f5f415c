import { openRig } from './rig.ts';
import { type Bench, type Outcome, type Scenario, type Settings, unexpected } from './scenario.ts';
import type { WorkPlan } from './work.ts';

export interface Plain extends Pick<Scenario, 'what' | 'defaults' | 'check'> {
  plan(settings: Settings): WorkPlan;
}

/** A scenario that is a load on goods, and nothing besides. */
export const plainScenario = (plain: Plain): Scenario => ({
  ...plain,
  async run(settings: Settings, bench: Bench): Promise<Outcome> {
    const { rate, seconds } = settings;
    const plan = plain.plan(settings);
    const rig = await openRig(settings, plan, bench);
    bench.say(`${rate}/s for ${seconds} s`);
    const { run, use } = await rig.measure({ plan, rate, seconds });
    bench.say('verifying');
    const checked = plain.check?.(run, plan) ?? [];
    const problems = [...unexpected(run, ['insufficient']), ...checked, ...(await rig.verify())];
    return { run, use, figures: [], problems };
  },
});
