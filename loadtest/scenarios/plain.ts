import type { Load } from './driven.ts';
import { openRig } from './rig.ts';
import { type Bench, type Outcome, type Settings, unexpected } from './scenario.ts';

/** A scenario that is a load on goods, and nothing besides. */
export async function plainRun(
  settings: Settings,
  plan: Load['plan'],
  bench: Bench,
): Promise<Outcome> {
  const { rate, seconds } = settings;
  const rig = await openRig(settings, plan, bench);
  bench.say(`${rate}/s for ${seconds} s`);
  const { run, use } = await rig.measure({ plan, rate, seconds });
  bench.say('verifying');
  const problems = [...unexpected(run, ['insufficient']), ...(await rig.verify())];
  return { run, use, figures: [], problems };
}
