import { openRig, problemsOfRuns } from './rig.ts';
import { atMost, type Scenario } from './scenario.ts';
import type { WorkPlan } from './work.ts';

const PLAN: WorkPlan = { kind: 'shift', warehouse: 'W1', skus: 100, units: 1_000 };
const BACK_MS = 10_000;

/** Every connection breaks with a step under way, and all come back at once. */
export const storm: Scenario = {
  what: 'all scanners lose their connection in the middle of a scan, and come back at once',
  defaults: { seconds: 20, rate: 1_000, scanners: 1_000, sync: 'always' },
  async run(settings, bench) {
    const { rate, seconds } = settings;
    const rig = await openRig(settings, PLAN, bench);
    bench.say(`${rate}/s for ${seconds} s, all connections cut in the middle`);
    const { run, use } = await rig.measure({ plan: PLAN, rate, seconds, stormAt: seconds / 2 });
    const problems = await problemsOfRuns([run], rig, bench);
    if (run.storm === undefined) throw new Error('there was no storm');
    const { inFlight, backMs } = run.storm;
    if (inFlight === 0) problems.push('nothing was under way when the connections were cut');
    const figures = [
      { name: 'under way when cut', value: inFlight, unit: 'steps' },
      atMost('all back after', backMs, 'ms', BACK_MS),
    ];
    return { run, use, figures, problems };
  },
};
