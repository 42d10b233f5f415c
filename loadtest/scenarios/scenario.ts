import type { Opened } from '../opened.ts';
import type { Run } from './orders.ts';
import type { WorkPlan } from './work.ts';

export interface Settings {
  /** How long the load lasts. */
  readonly seconds: number;
  /** Steps offered a second. */
  readonly rate: number;
  /** Connections, each a session. */
  readonly scanners: number;
  /** nats-server's sync_interval. */
  readonly sync: string;
}

export interface Bench {
  /** Whatever is started is ended with it. */
  readonly opened: Opened;
  /** Progress, for a person. */
  readonly say: (line: string) => void;
}

/** What the system says of the processes under load. NaN where it says nothing. */
export interface Use {
  readonly serverCpuSeconds: number;
  readonly natsCpuSeconds: number;
  readonly serverRssBytes: number;
}

/** A figure of one scenario alone. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it is to reach, in words, and whether it does. */
  readonly target?: string;
  readonly met?: boolean;
}

export interface Outcome {
  readonly run: Run;
  readonly use: Use;
  readonly figures: readonly Figure[];
  /** What must not be, in words: lost, doubled, oversold, or broken off. */
  readonly problems: readonly string[];
}

export interface Scenario {
  /** In a few words, for the list of scenarios. */
  readonly what: string;
  readonly defaults: Settings;
  /** Where k6 can drive it as well: the goods, and what is done with them. */
  readonly plan?: (settings: Settings) => WorkPlan;
  /** What the outcome must be besides adding up; what is wrong, in words. */
  readonly check?: (run: Run, plan: WorkPlan) => string[];
  run(settings: Settings, bench: Bench): Promise<Outcome>;
}

export const atMost = (name: string, value: number, unit: string, most: number): Figure => ({
  name,
  value,
  unit,
  target: `≤ ${most}`,
  met: value <= most,
});

export const atLeast = (name: string, value: number, unit: string, least: number): Figure => ({
  name,
  value,
  unit,
  target: `≥ ${least}`,
  met: value >= least,
});

/** Refusals that are no part of any scenario, in words: goods may run out. */
export const unexpected = ({ refused }: Run): string[] =>
  Object.entries(refused)
    .filter(([code]) => code !== 'insufficient')
    .map(([code, count]) => `${count} steps were refused as ${code}`);
