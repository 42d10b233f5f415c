import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { StartError } from '../engine/errors.ts';
import { Opened } from '../loadtest/opened.ts';
import { runByK6 } from '../loadtest/scenarios/by-k6.ts';
import type { ScenarioName } from '../loadtest/scenarios/names.ts';
import { reportOf, told } from '../loadtest/scenarios/report.ts';
import type { Bench, Outcome, Scenario, Settings } from '../loadtest/scenarios/scenario.ts';
import { SCENARIOS } from '../loadtest/scenarios/scenarios.ts';
import { packageRoot } from './version.ts';

export interface LoadtestOptions {
  readonly seconds?: number;
  readonly rate?: number;
  readonly scanners?: number;
  readonly sync?: string;
  readonly json: boolean;
  readonly k6: boolean;
  readonly report?: string;
}

/** Runs a scenario on a private stack and verifies it. Exit 1 where anything is lost, doubled or oversold. */
export async function loadtest(name: ScenarioName, options: LoadtestOptions): Promise<void> {
  const settings = settingsOf(SCENARIOS[name], options);
  const opened = new Opened();
  opened.closeOnSignal();
  const say = (line: string): void => {
    process.stderr.write(`loadtest: ${line}\n`);
  };
  try {
    const outcome = await outcomeOf(name, settings, options, { opened, say });
    const report = reportOf(name, settings, outcome);
    process.stdout.write(
      options.json ? `${JSON.stringify(report)}\n` : told(report, outcome.figures),
    );
    if (!report.ok) process.exitCode = 1;
  } finally {
    await opened.close();
  }
}

async function outcomeOf(
  name: ScenarioName,
  settings: Settings,
  { k6, report }: LoadtestOptions,
  bench: Bench,
): Promise<Outcome> {
  const scenario = SCENARIOS[name];
  if (report !== undefined && !k6) throw new StartError('--report is of k6: it needs --k6 as well');
  if (!k6) return scenario.run(settings, bench);
  if (scenario.plan === undefined)
    throw new StartError(`k6 does not drive ${name}; leave out --k6`);
  const binary = await findK6();
  return runByK6(scenario, scenario.plan(settings), settings, { binary, report }, bench);
}

/** Set-up is plain JavaScript beside dist/, not inside it. */
async function findK6(): Promise<string> {
  const setup = pathToFileURL(join(packageRoot(), 'setup', 'k6.mjs')).href;
  const { ensureK6 } = (await import(setup)) as typeof import('../setup/k6.mjs');
  return ensureK6();
}

function settingsOf({ defaults }: Scenario, options: LoadtestOptions): Settings {
  const { seconds = defaults.seconds, rate = defaults.rate, sync = defaults.sync } = options;
  const { scanners = defaults.scanners } = options;
  if (seconds < 1 || rate < 1 || scanners < 1) {
    throw new StartError('--seconds, --rate and --scanners are 1 at least');
  }
  return { seconds, rate, scanners, sync };
}
