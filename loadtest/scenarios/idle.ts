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
/** Until the memory of a process says what it keeps. */
const SETTLE_MS = 3_000;
const KB = 1024;
const CONNECTION_KB = 20;
const P99_MS = 5;

/**
 * Many scanners, each of which does little: what a connection costs, and what all together do.
 * Memory is that of the second half of the connections: the first fills what the process had to spare.
 */
export const idle: Scenario = {
  what: '10,000 scanners, one scan a second each; memory of a connection',
  defaults: { seconds: 20, rate: 10_000, scanners: 10_000, sync: 'always' },
  plan: () => PLAN,
  async run(settings: Settings, bench: Bench): Promise<Outcome> {
    const { rate, seconds, scanners, sync } = settings;
    requireFiles(scanners);
    bench.say('starting a private stack');
    const rig = await Rig.open(await startStack(sync, bench.opened), bench);
    await rig.driver.receive(PLAN);
    const { serverPid } = rig.target;
    bench.say(`connecting ${scanners} scanners`);
    const half = Math.ceil(scanners / 2);
    const halfMs = await rig.driver.connect(half);
    await sleep(SETTLE_MS);
    const before = usageOf(serverPid).rssBytes;
    const otherHalfMs = await rig.driver.connect(scanners);
    await sleep(SETTLE_MS);
    const connectionKb = (usageOf(serverPid).rssBytes - before) / (scanners - half) / KB;
    bench.say(`${rate}/s for ${seconds} s`);
    const { run, use } = await rig.measure({ plan: PLAN, rate, seconds });
    bench.say('verifying');
    const problems = [...unexpected(run, ['insufficient']), ...(await rig.verify())];
    const figures = [
      { name: 'all connected after', value: halfMs + otherHalfMs, unit: 'ms' },
      atMost('memory of a connection', connectionKb, 'kB', CONNECTION_KB),
      atMost('p99', run.latency.p99, 'ms', P99_MS),
    ];
    return { run, use, figures, problems };
  },
};
