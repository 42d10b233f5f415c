import { startPipeline } from '../check/pipeline.ts';
import { median } from '../stats.ts';
import { Driver, type Load } from './driven.ts';
import type { Run } from './orders.ts';
import { openRig, problemsOfRuns } from './rig.ts';
import { atMost, type Figure, type Scenario, type Use } from './scenario.ts';
import type { WorkPlan } from './work.ts';

const PLAN: WorkPlan = { kind: 'reserve', warehouse: 'W1', skus: 10_000, units: 1_000 };
/** Each side has so many turns, after a warm-up. */
const ROUNDS = 5;
const WARM_UP_SECONDS = 3;
const P99_MS = 1;

/**
 * One reservation at a time at a steady rate, and the same load in turn on a
 * bare pipeline, which does only what cannot be avoided: what a latency has in
 * it of the machine and of the driver is in both.
 */
export const tail: Scenario = {
  what: 'latency at a steady rate, beside a bare pipeline under the same load',
  defaults: { seconds: 40, rate: 2_000, scanners: 100, sync: '2m' },
  async run(settings, bench) {
    const { rate, seconds, scanners, sync } = settings;
    const rig = await openRig(settings, PLAN, bench);
    const { url } = await startPipeline(sync, bench.opened);
    const bare = await Driver.start({ url, token: '' }, bench.opened);
    await bare.connect(scanners);
    bench.say('warming up');
    const load: Load = { plan: PLAN, rate, seconds: seconds / (2 * ROUNDS) };
    const warmUp = { ...load, seconds: WARM_UP_SECONDS };
    const runs = [await rig.driver.run(warmUp)];
    await bare.run(warmUp);
    const rounds: Round[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      bench.say(`${rate}/s for ${load.seconds} s each: round ${round} of ${ROUNDS}`);
      rounds.push({ ...(await rig.measure(load)), bare: await bare.run(load) });
    }
    runs.push(...rounds.map(({ run }) => run));
    const problems = await problemsOfRuns(runs, rig, bench);
    return { ...middleOf(rounds), figures: figuresOf(rounds), problems };
  },
};

interface Round {
  readonly run: Run;
  readonly use: Use;
  readonly bare: Run;
}

/** The round with the middle p99. */
const middleOf = (rounds: readonly Round[]): Round =>
  [...rounds].sort((a, b) => a.run.latency.p99 - b.run.latency.p99)[rounds.length >> 1] as Round;

function figuresOf(rounds: readonly Round[]): Figure[] {
  const middle = (of: (round: Round) => number): number => median(rounds.map(of));
  const least = (of: (round: Round) => number): number => Math.min(...rounds.map(of));
  return [
    atMost(
      'p99',
      middle(({ run }) => run.latency.p99),
      'ms',
      P99_MS,
    ),
    ms(
      'p99, best round',
      least(({ run }) => run.latency.p99),
    ),
    ms(
      'bare p50',
      middle(({ bare }) => bare.latency.p50),
    ),
    ms(
      'bare p99',
      middle(({ bare }) => bare.latency.p99),
    ),
    ms(
      'bare p99, best round',
      least(({ bare }) => bare.latency.p99),
    ),
    times(
      'p50 of the bare',
      middle(({ run, bare }) => run.latency.p50 / bare.latency.p50),
    ),
    times(
      'p99 of the bare',
      middle(({ run, bare }) => run.latency.p99 / bare.latency.p99),
    ),
  ];
}

const ms = (name: string, value: number): Figure => ({ name, value, unit: 'ms' });
const times = (name: string, value: number): Figure => ({ name, value, unit: '×' });
