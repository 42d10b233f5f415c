import { setTimeout as sleep } from 'node:timers/promises';
import { usageOf } from './processes.ts';
import { problemsOfRuns, stockedRig } from './rig.ts';
import { atMost, type Scenario } from './scenario.ts';
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
  async run(settings, bench) {
    const { rate, seconds, scanners } = settings;
    const rig = await stockedRig(settings, PLAN, bench);
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
    const problems = await problemsOfRuns([run], rig, bench);
    const figures = [
      { name: 'all connected after', value: halfMs + otherHalfMs, unit: 'ms' },
      atMost('memory of a connection', connectionKb, 'kB', CONNECTION_KB),
      atMost('p99', run.latency.p99, 'ms', P99_MS),
    ];
    return { run, use, figures, problems };
  },
};
