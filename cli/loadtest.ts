import { StartError } from '../engine/errors.ts';
import { Opened } from '../loadtest/opened.ts';
import type { ScenarioName } from '../loadtest/scenarios/names.ts';
import { reportOf, told } from '../loadtest/scenarios/report.ts';
import type { Scenario, Settings } from '../loadtest/scenarios/scenario.ts';
import { SCENARIOS } from '../loadtest/scenarios/scenarios.ts';

export interface LoadtestOptions {
  readonly seconds?: number;
  readonly rate?: number;
  readonly scanners?: number;
  readonly sync?: string;
  readonly json: boolean;
}

/** Runs a scenario on a private stack and verifies it. Exit 1 where anything is lost, doubled or oversold. */
export async function loadtest(name: ScenarioName, options: LoadtestOptions): Promise<void> {
  const scenario = SCENARIOS[name];
  const settings = settingsOf(scenario, options);
  const opened = new Opened();
  opened.closeOnSignal();
  const say = (line: string): void => {
    process.stderr.write(`loadtest: ${line}\n`);
  };
  try {
    const outcome = await scenario.run(settings, { opened, say });
    const report = reportOf(name, settings, outcome);
    process.stdout.write(
      options.json ? `${JSON.stringify(report)}\n` : told(report, outcome.figures),
    );
    if (!report.ok) process.exitCode = 1;
  } finally {
    await opened.close();
  }
}

function settingsOf({ defaults }: Scenario, options: LoadtestOptions): Settings {
  const { seconds = defaults.seconds, rate = defaults.rate, sync = defaults.sync } = options;
  const { scanners = defaults.scanners } = options;
  if (seconds < 1 || rate < 1 || scanners < 1) {
    throw new StartError('--seconds, --rate and --scanners are 1 at least');
  }
  return { seconds, rate, scanners, sync };
}
