import { setTimeout as sleep } from 'node:timers/promises';
import { usageOf } from './processes.ts';
import { Rig, requireFiles, startStack } from './rig.ts';
import {
  atMost,
  type Bench,
  type Outcome,
  type Scenario,
  type Settings,
  unexpected,
} from './scenario.ts';
import type { WorkPlan } from './work.ts';

const PLAN: WorkPlan = { kind: 'reserve', warehouse: 'W1', skus: 10_000, units: 1_000 };
/** For what the connecting left behind to be collected. */
const SETTLE_MS = 3_000;
const KB = 1024;
const CONNECTION_KB = 20;
const P99_MS = 5;

/** Many scanners, each of which does little: what a connection costs, and what all together do. */
export const idle: Scenario = {
  what: '10,000 scanners, one scan a second each; memory of a connection',
  defaults: { seconds: 20, rate: 10_000, scanners: 10_000, sync: 'always' },
  async run(settings: Settings, bench: Bench): Promise<Outcome> {
    const { rate, seconds, scanners, sync } = settings;
    requireFiles(scanners);
    bench.say('starting a private stack');
    const rig = await Rig.open(await startStack(sync, bench.opened), bench);
    await rig.driver.receive(PLAN);
    await sleep(SETTLE_MS);
    const { serverPid } = rig.target;
    const before = usageOf(serverPid).rssBytes;
    bench.say(`connecting ${scanners} scanners`);
    const connectMs = await rig.driver.connect(scanners);
    await sleep(SETTLE_MS);
    const connectionKb = (usageOf(serverPid).rssBytes - before) / scanners / KB;
    bench.say(`${rate}/s for ${seconds} s`);
    const { run, use } = await rig.measure({ plan: PLAN, rate, seconds });
    bench.say('verifying');
    const problems = [...unexpected(run, ['insufficient']), ...(await rig.verify())];
    const figures = [
      { name: 'all connected after', value: connectMs, unit: 'ms' },
      atMost('memory of a connection', connectionKb, 'kB', CONNECTION_KB),
      atMost('p99', run.latency.p99, 'ms', P99_MS),
    ];
    return { run, use, figures, problems };
  },
};
