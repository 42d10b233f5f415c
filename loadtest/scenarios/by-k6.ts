import { type K6Options, runK6 } from './k6.ts';
import { stockedRig } from './rig.ts';
import { type Bench, type Outcome, type Scenario, type Settings, unexpected } from './scenario.ts';
import { lookAtAll, problemsOfTotals, totalsOf } from './verify.ts';
import type { WorkPlan } from './work.ts';

/** A scenario with k6 for its driver: volume and k6's own report; percentiles in whole milliseconds. */
export async function runByK6(
  { check }: Scenario,
  plan: WorkPlan,
  settings: Settings,
  k6: K6Options,
  bench: Bench,
): Promise<Outcome> {
  const { rate, seconds, scanners } = settings;
  const rig = await stockedRig(settings, plan, bench);
  bench.say(`k6: ${rate}/s for ${seconds} s, ${scanners} scanners`);
  const { address } = rig.target;
  const load = { plan, rate, seconds, scanners };
  const { result, use } = await rig.watch(() => runK6(k6, address, load, bench.opened));
  const { run, totals, crossed } = result;
  bench.say('verifying');
  for (const threshold of crossed) bench.say(`k6 threshold crossed: ${threshold}`);
  const opening = totalsOf(await rig.driver.books());
  const found = await lookAtAll(rig.nats, address);
  const problems = [
    ...unexpected(run),
    ...(check?.(run, plan) ?? []),
    ...problemsOfTotals([opening, totals], found),
  ];
  const figures = [{ name: 'k6 thresholds crossed', value: crossed.length, unit: '' }];
  return { run, use, figures, problems };
}
