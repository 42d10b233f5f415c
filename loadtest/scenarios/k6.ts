import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endProcess } from '../child.ts';
import type { Opened } from '../opened.ts';
import type { Address } from '../scan/greet.ts';
import type { Load } from './driven.ts';
import type { Run } from './orders.ts';
import { usageOf } from './processes.ts';
import type { Totals } from './verify.ts';

const SCRIPT = new URL('../k6/scan.js', import.meta.url);
/** For k6 to start, and for each connection to be made, before the first step is due. */
const START_MS = 3_000;
const CONNECT_MS = 2;
const LOOK_MS = 200;
/** k6's exit code where a threshold was crossed: what was measured is there all the same. */
const CROSSED = 99;

export interface K6Options {
  readonly binary: string;
  /** Where k6 writes its report, HTML; undefined: nowhere. */
  readonly report: string | undefined;
}

export interface K6Run {
  readonly run: Run;
  /** What the accepted steps changed. */
  readonly totals: Totals;
  /** In words; latency's is no problem of the stack's correctness. */
  readonly crossed: readonly string[];
}

/** The same load by k6. Ended with `opened`. */
export async function runK6(
  { binary, report }: K6Options,
  address: Address,
  load: Load & { readonly scanners: number },
  opened: Opened,
): Promise<K6Run> {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-k6-'));
  opened.add(() => rm(dir, { recursive: true, force: true }));
  const summary = join(dir, 'summary.json');
  const args = ['run', '--quiet', '--no-usage-report', '--address', '127.0.0.1:0'];
  const child = spawn(binary, [...args, fileURLToPath(SCRIPT)], {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, ...environment(address, load, summary), ...dashboard(report) },
  });
  opened.add(() => endProcess(child, 'SIGTERM'));
  let cpuSeconds = 0;
  const look = setInterval(() => {
    cpuSeconds = usageOf(child.pid ?? 0).cpuSeconds || cpuSeconds;
  }, LOOK_MS);
  const [code] = await once(child, 'exit').finally(() => clearInterval(look));
  if (code !== 0 && code !== CROSSED) throw new Error(`k6 ended with ${code}`);
  const metrics = JSON.parse(await readFile(summary, 'utf8')) as Metrics;
  return { run: runOf(metrics, load, cpuSeconds), ...totalsOf(metrics) };
}

const environment = (
  { url, token }: Address,
  { plan, rate, seconds, scanners }: Load & { readonly scanners: number },
  summary: string,
): Record<string, string> => ({
  HOLDFAST_URL: url,
  HOLDFAST_TOKEN: token,
  HOLDFAST_PLAN: JSON.stringify(plan),
  HOLDFAST_RATE: String(rate),
  HOLDFAST_SECONDS: String(seconds),
  HOLDFAST_SCANNERS: String(scanners),
  HOLDFAST_START_MS: String(Date.now() + START_MS + scanners * CONNECT_MS),
  HOLDFAST_SUMMARY: summary,
  K6_AUTO_EXTENSION_RESOLUTION: 'false',
});

/** No port, and so no browser: the file alone. */
const dashboard = (report: string | undefined): Record<string, string> =>
  report === undefined
    ? {}
    : {
        K6_WEB_DASHBOARD: 'true',
        K6_WEB_DASHBOARD_EXPORT: report,
        K6_WEB_DASHBOARD_PORT: '-1',
        K6_WEB_DASHBOARD_PERIOD: '1s',
      };

/** As k6 tells them at the end. What never happened is not there. */
type Metrics = Readonly<
  Record<
    string,
    {
      readonly values: Readonly<Record<string, number>>;
      readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>>;
    }
  >
>;

const statOf = (metrics: Metrics, name: string, stat = 'count'): number =>
  metrics[`holdfast_${name}`]?.values[stat] ?? 0;

function runOf(metrics: Metrics, { rate, seconds }: Load, driverCpuSeconds: number): Run {
  const count = (name: string): number => statOf(metrics, name);
  const latency = (stat: string): number => statOf(metrics, 'latency', stat);
  const refused = { insufficient: count('insufficient'), unexpected: count('unexpected') };
  return {
    due: Math.floor(rate * seconds),
    sentInTime: count('sent_in_time'),
    answeredInTime: count('answered_in_time'),
    seconds,
    accepted: count('accepted'),
    refused: Object.fromEntries(Object.entries(refused).filter(([, n]) => n > 0)),
    latency: {
      count: latency('count'),
      p50: latency('med'),
      p99: latency('p(99)'),
      p999: latency('p(99.9)'),
      max: latency('max'),
    },
    tenths: [],
    lateP99Ms: statOf(metrics, 'late', 'p(99)'),
    sentAgain: count('sent_again'),
    broke: count('broke'),
    driverCpuSeconds,
  };
}

function totalsOf(metrics: Metrics): Pick<K6Run, 'totals' | 'crossed'> {
  const totals = {
    seq: statOf(metrics, 'accepted'),
    onHand: statOf(metrics, 'on_hand'),
    allocated: statOf(metrics, 'allocated'),
    lines: statOf(metrics, 'lines'),
  };
  const crossed = Object.entries(metrics).flatMap(([name, { thresholds = {} }]) =>
    Object.entries(thresholds)
      .filter(([, { ok }]) => !ok)
      .map(([threshold]) => `${name} ${threshold}`),
  );
  return { totals, crossed };
}
