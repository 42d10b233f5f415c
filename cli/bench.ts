import { StartError } from '../engine/errors.ts';
import { bench as measure } from '../loadtest/bench.ts';
import { Opened } from '../loadtest/opened.ts';
import { rowsNamed, unknownName } from '../loadtest/rows.ts';
import { table } from '../loadtest/table.ts';

export interface BenchOptions {
  readonly json: boolean;
  readonly only: readonly string[];
  readonly rounds: number;
}

/** Measures on this machine, now; prints figures on stdout and progress on stderr. */
export async function bench({ json, only, rounds }: BenchOptions): Promise<void> {
  const unknown = unknownName(only);
  if (unknown !== undefined)
    throw new StartError(`there is no row ${unknown}; see docs/BENCHMARKS.md`);
  if (rounds < 1) throw new StartError('one round at least');
  const rows = rowsNamed(only);
  const opened = new Opened();
  opened.closeOnSignal();
  const say = (line: string): void => {
    process.stderr.write(`bench: ${line}\n`);
  };
  try {
    const figures = await measure({ rows, rounds, opened, say });
    process.stdout.write(json ? `${JSON.stringify(figures)}\n` : `\n${table(rows, figures)}`);
  } finally {
    await opened.close();
  }
}
