import { StartError } from '../engine/errors.ts';
import { bench as measure } from '../loadtest/bench.ts';
import { GROUPS } from '../loadtest/compare/groups.ts';
import { peers } from '../loadtest/compare/peers.ts';
import { reportText } from '../loadtest/compare/text.ts';
import { Opened } from '../loadtest/opened.ts';
import { rowsNamed, unknownName } from '../loadtest/rows.ts';
import { table } from '../loadtest/table.ts';

export interface BenchOptions {
  readonly json: boolean;
  readonly only: readonly string[];
  readonly rounds: number;
  readonly peers: boolean;
  readonly tigerbeetle?: string;
}

/** Measures on this machine, now; prints figures on stdout and progress on stderr. */
export async function bench(options: BenchOptions): Promise<void> {
  if (options.rounds < 1) throw new StartError('one round at least');
  if (options.tigerbeetle !== undefined && !options.peers)
    throw new StartError('--tigerbeetle goes with --peers');
  const run = options.peers ? peersRun(options) : rowsRun(options);
  const opened = new Opened();
  opened.closeOnSignal();
  try {
    process.stdout.write(await run(opened));
  } finally {
    await opened.close();
  }
}

type Run = (opened: Opened) => Promise<string>;

function rowsRun({ json, only, rounds }: BenchOptions): Run {
  const unknown = unknownName(only);
  if (unknown !== undefined)
    throw new StartError(`there is no row ${unknown}; see docs/BENCHMARKS.md`);
  const rows = rowsNamed(only);
  return async (opened) => {
    const figures = await measure({ rows, rounds, opened, say });
    return json ? `${JSON.stringify(figures)}\n` : `\n${table(rows, figures)}`;
  };
}

function peersRun({ json, only, rounds, tigerbeetle }: BenchOptions): Run {
  const unknown = only.find((name) => !GROUPS.some((group) => group === name));
  if (unknown !== undefined)
    throw new StartError(`there is no group ${unknown}; there are ${GROUPS.join(', ')}`);
  const groups = GROUPS.filter((group) => only.length === 0 || only.includes(group));
  return async (opened) => {
    const report = await peers({ groups, rounds, tigerbeetle, opened, say });
    return json ? `${JSON.stringify(report, null, 2)}\n` : `\n${reportText(report)}`;
  };
}

const say = (line: string): void => {
  process.stderr.write(`bench: ${line}\n`);
};
