import { sleep, systemClock } from '../../engine/clock.ts';
import { isFlat, type Sample, type Trend, trendOf } from './flatness.ts';
import { usageOf } from './processes.ts';
import { openRig, problemsOfRuns } from './rig.ts';
import type { Figure, Scenario } from './scenario.ts';
import type { WorkPlan } from './work.ts';

const PLAN: WorkPlan = { kind: 'shift', warehouse: 'W1', skus: 500, units: 1_000 };
const MB = 1024 * 1024;
const SAMPLES = 100;
/** A run that is shorter says how memory starts, not where it stays. */
const JUDGED_S = 600;
/** What may be grown beyond the second tenth. */
const RSS_SHARE = 0.1;
const RSS_SLACK_MB = 32;
const P99_SHARE = 0.5;
const P99_SLACK_MS = 2;

/** A steady load for long: memory and latency stay where they are. */
export const soak: Scenario = {
  what: 'a steady load for an hour (--seconds shortens it): memory and latency stay flat',
  defaults: { seconds: 3_600, rate: 500, scanners: 200, sync: 'always' },
  async run(settings, bench) {
    const { rate, seconds } = settings;
    const rig = await openRig(settings, PLAN, bench);
    bench.say(`${rate}/s for ${seconds} s`);
    const { serverPid, natsPid } = rig.target;
    const [{ run, use }, server, nats] = await Promise.all([
      rig.measure({ plan: PLAN, rate, seconds }),
      memory(serverPid, seconds),
      memory(natsPid, seconds),
    ]);
    const p99s = run.tenths.map((tenth, i) => {
      return { atS: ((i + 0.5) * seconds) / run.tenths.length, value: tenth.p99 };
    });
    const judged = [
      trend('server memory', 'MB', trendOf(server), RSS_SHARE, RSS_SLACK_MB),
      trend('nats-server memory', 'MB', trendOf(nats), RSS_SHARE, RSS_SLACK_MB),
      trend('p99', 'ms', trendOf(p99s), P99_SHARE, P99_SLACK_MS),
    ];
    // Told at once: what an hour has shown is not lost where it cannot be verified.
    for (const { figures } of judged) bench.say(figures.map(inWords).join('; '));
    const problems = await problemsOfRuns([run], rig, bench);
    if (seconds >= JUDGED_S) problems.push(...judged.flatMap(({ problem }) => problem ?? []));
    else bench.say(`${seconds} s are too short to judge whether it stays flat`);
    return { run, use, figures: judged.flatMap(({ figures }) => figures), problems };
  },
};

/** Resident memory of a process, MB, while the load lasts. */
async function memory(pid: number, seconds: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let i = 0; i < SAMPLES; i++) {
    await sleep(systemClock, (seconds * 1000) / SAMPLES);
    samples.push({ atS: (i * seconds) / SAMPLES, value: usageOf(pid).rssBytes / MB });
  }
  return samples;
}

const inWords = ({ name, value, unit }: Figure): string => `${name}: ${value.toFixed(1)} ${unit}`;

function trend(
  name: string,
  unit: string,
  of: Trend,
  share: number,
  slack: number,
): { readonly figures: Figure[]; readonly problem: string | undefined } {
  const { begin, end, perHour } = of;
  const figures: Figure[] = [
    { name: `${name}, second tenth`, value: begin, unit },
    { name: `${name}, last tenth`, value: end, unit },
    { name: `${name}, slope`, value: perHour, unit: `${unit} an hour` },
  ];
  const grown = `${name} grew from ${begin.toFixed(1)} to ${end.toFixed(1)} ${unit}`;
  return { figures, problem: isFlat(of, share, slack) ? undefined : grown };
}
