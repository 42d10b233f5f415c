import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOfError } from '../../engine/errors.ts';
import { Opened } from '../../loadtest/opened.ts';
import { Books } from './books.ts';
import type { Progress, Row, Scenario } from './scenario.ts';
import { DISKS } from './scenarios/disk.ts';
import { FLIPS } from './scenarios/flip.ts';
import { KILLS } from './scenarios/kill.ts';
import { PARTITIONS } from './scenarios/partition.ts';
import { POWER_CUTS } from './scenarios/power.ts';
import { REGIONS } from './scenarios/region.ts';

export const SCENARIOS: readonly Scenario[] = [
  ...KILLS,
  ...DISKS,
  ...POWER_CUTS,
  ...FLIPS,
  ...REGIONS,
  ...PARTITIONS,
];

export interface RunOptions {
  readonly rounds: number;
  /** nats-server's sync_interval; by default `always`. */
  readonly sync?: string;
  /** Closed when the scenario ends; lets a signal end it sooner. */
  readonly opened?: Opened;
  readonly say?: (line: string) => void;
}

/** Runs one scenario; whatever it has started is gone afterwards. */
export async function runScenario(
  scenario: Scenario,
  { rounds, sync = 'always', opened = new Opened(), say = () => {} }: RunOptions,
): Promise<Row> {
  const books = new Books();
  const progress: Progress = { rounds: 0, longestOutageMs: 0, outagesMs: [], found: 0 };
  const skipped = await scenario.cannot?.();
  if (skipped !== undefined) return rowOf(books, progress, skipped);
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-faults-'));
  opened.add(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }));
  try {
    await scenario.run({ opened, rounds, sync, dir: join(dir, 'data'), books, progress, say });
  } catch (e) {
    books.say(messageOfError(e));
  } finally {
    await opened.close();
  }
  return rowOf(books, progress);
}

function rowOf(books: Books, progress: Progress, skipped?: string): Row {
  const { rounds, longestOutageMs, outagesMs, found } = progress;
  return {
    rounds,
    acknowledged: books.acknowledged,
    lost: books.lost,
    doubled: books.doubled,
    longest_outage_ms: longestOutageMs,
    ...(outagesMs.length === 0 ? {} : { outage_p99_ms: percentile(outagesMs, 0.99) }),
    ...(found === 0 ? {} : { found }),
    ...(skipped === undefined ? {} : { skipped }),
    ...(books.wrong.length === 0 ? {} : { wrong: books.wrong }),
  };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] as number;
}
