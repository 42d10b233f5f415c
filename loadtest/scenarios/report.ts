import type { Percentiles } from './figures.ts';
import type { Figure, Outcome, Settings } from './scenario.ts';
import { notKept } from './schedule.ts';

/** One run in figures, for programs. Times in ms unless the name says otherwise. */
export interface Report {
  readonly scenario: string;
  /** Nothing lost, doubled or oversold. */
  readonly ok: boolean;
  readonly problems: readonly string[];
  readonly settings: Settings;
  readonly offeredPerSecond: number;
  readonly achievedPerSecond: number;
  readonly accepted: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly sentAgain: number;
  readonly latencyMs: Percentiles;
  /** p99 of each tenth of the run; none where the driver keeps none. */
  readonly tenthsP99Ms: readonly number[];
  /** Why latency and rate do not hold; null where they do. */
  readonly notValid: string | null;
  readonly driver: { readonly lateP99Ms: number; readonly cpuSeconds: number };
  readonly serverCpuSeconds: number;
  readonly natsCpuSeconds: number;
  readonly serverRssMb: number;
  readonly figures: Readonly<Record<string, number>>;
}

const MB = 1024 * 1024;

export function reportOf(scenario: string, settings: Settings, outcome: Outcome): Report {
  const { run, use, figures, problems } = outcome;
  const { due, sentInTime, lateP99Ms, latency } = run;
  return {
    scenario,
    ok: problems.length === 0,
    problems,
    settings,
    offeredPerSecond: round(due / run.seconds),
    achievedPerSecond: round(run.answeredInTime / run.seconds),
    accepted: run.accepted,
    refused: run.refused,
    sentAgain: run.sentAgain,
    latencyMs: rounded(latency),
    tenthsP99Ms: run.tenths.map(({ p99 }) => round(p99)),
    notValid: notKept({ due, sentInTime, lateP99Ms, latencyP99Ms: latency.p99 }) ?? null,
    driver: { lateP99Ms: round(lateP99Ms), cpuSeconds: round(run.driverCpuSeconds) },
    serverCpuSeconds: round(use.serverCpuSeconds),
    natsCpuSeconds: round(use.natsCpuSeconds),
    serverRssMb: round(use.serverRssBytes / MB),
    figures: Object.fromEntries(figures.map((f) => [f.name, round(f.value)])),
  };
}

/** As much as a measurement is worth. */
const round = (value: number): number => Number(value.toPrecision(4));

const rounded = ({ count, p50, p99, p999, max }: Percentiles): Percentiles => ({
  count,
  p50: round(p50),
  p99: round(p99),
  p999: round(p999),
  max: round(max),
});

/** The same for a person. */
export function told(report: Report, figures: readonly Figure[]): string {
  const { latencyMs: l, driver } = report;
  const refused = Object.entries(report.refused).map(([code, count]) => `${count} ${code}`);
  const rows: [string, string][] = [
    ['offered', `${report.offeredPerSecond}/s for ${report.settings.seconds} s`],
    ['achieved', `${report.achievedPerSecond}/s`],
    ['latency', `p50 ${l.p50} ms, p99 ${l.p99} ms, p99.9 ${l.p999} ms, most ${l.max} ms`],
    ...tenths(report),
    ['answers', [`${report.accepted} accepted`, ...refused].join(', ')],
    ['sent again', String(report.sentAgain)],
    ['server', `${report.serverCpuSeconds} s of processor, ${report.serverRssMb} MB resident`],
    ['nats-server', `${report.natsCpuSeconds} s of processor`],
    ['driver', `${driver.cpuSeconds} s of processor, late by ${driver.lateP99Ms} ms at p99`],
    ...figures.map((f): [string, string] => [f.name, figureText(f)]),
    ['verified', report.ok ? 'every answer counts exactly once' : 'NO'],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`);
  if (report.notValid !== null) lines.push(`  NOT VALID: ${report.notValid}`);
  lines.push(...report.problems.map((problem) => `  WRONG: ${problem}`));
  return `\n${report.scenario}\n${lines.join('\n')}\n`;
}

/** k6 keeps none. */
const tenths = ({ tenthsP99Ms: all }: Report): [string, string][] =>
  all.length === 0 ? [] : [['p99 by tenths', `${all.join(', ')} ms`]];

function figureText({ value, unit, target, met }: Figure): string {
  const judged = target === undefined ? '' : ` (${target} ${met ? 'met' : 'MISSED'})`;
  return `${round(value)} ${unit}${judged}`.trimEnd();
}
