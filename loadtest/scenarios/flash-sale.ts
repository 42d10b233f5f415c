import { openRig } from './rig.ts';
import { type Bench, type Outcome, type Scenario, type Settings, unexpected } from './scenario.ts';
import { skuOf, type WorkPlan } from './work.ts';

/** Demand for each unit. */
const DEMAND = 2;

/** One hot SKU that runs out: exactly what was there is sold, and nothing after it. */
export const flashSale: Scenario = {
  what: 'one hot SKU, twice the demand of its stock: it runs out exactly at zero',
  defaults: { seconds: 10, rate: 2_000, scanners: 2_000, sync: 'always' },
  async run(settings: Settings, bench: Bench): Promise<Outcome> {
    const { rate, seconds } = settings;
    const units = Math.floor((rate * seconds) / DEMAND);
    const plan: WorkPlan = { kind: 'reserve', warehouse: 'W1', skus: 1, units };
    const rig = await openRig(settings, plan, bench);
    bench.say(`${rate}/s for ${seconds} s, ${units} units`);
    const { run, use } = await rig.measure({ plan, rate, seconds });
    bench.say('verifying');
    const problems = [...unexpected(run, ['insufficient']), ...(await rig.verify())];
    if (run.accepted !== units) {
      problems.push(`${run.accepted} of ${units} units of ${skuOf(0)} were sold`);
    }
    const figures = [{ name: 'stock', value: units, unit: 'units' }];
    return { run, use, figures, problems };
  },
};
