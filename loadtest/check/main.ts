/**
 * `npm run bench:check`: measures ratios and counts, and fails where one is
 * beyond the noise of its record. `-- --record` records them anew.
 */
import { Opened } from '../opened.ts';
import { decilesOf } from '../stats.ts';
import { inside, type Samples } from './inside.ts';
import { failures, judgedText, type Measured } from './judge.ts';
import { outside } from './outside.ts';
import { here, readRecorded, writeRecorded } from './recorded.ts';

/** Runs that a record is of, so that what differs between runs is in its noise. */
const RECORDED_RUNS = 3;

const say = (line: string): void => {
  process.stderr.write(`bench:check: ${line}\n`);
};

const opened = new Opened();
opened.closeOnSignal();
try {
  if (process.argv.includes('--record')) await record();
  else await check();
} finally {
  await opened.close();
}

async function record(): Promise<void> {
  const runs: Samples[] = [];
  for (let run = 1; run <= RECORDED_RUNS; run++) {
    say(`run ${run} of ${RECORDED_RUNS}`);
    runs.push(await measure());
  }
  say(`recorded in ${writeRecorded(measuredOf(pooled(runs)))}`);
}

async function check(): Promise<void> {
  const recorded = readRecorded();
  const rows = recorded?.rows ?? {};
  const first = await measure();
  let measured = measuredOf(first);
  // Somebody else's minute on the same machine is no reason to fail: what fails has to fail twice.
  if (recorded !== undefined && failures(rows, measured).length > 0) {
    say(`${failures(rows, measured).join(', ')}: once more`);
    const again = measuredOf(await measure());
    const twice = new Set(failures(rows, again));
    for (const name of failures(rows, measured)) {
      if (!twice.has(name)) measured = { ...measured, [name]: again[name] ?? null };
    }
  }
  const { node, cpu } = here();
  if (recorded !== undefined && (recorded.node !== node || recorded.cpu !== cpu))
    say(`recorded on Node ${recorded.node}, ${recorded.cpu}; this is Node ${node}, ${cpu}`);
  process.stdout.write(judgedText(rows, measured));
  const failed = failures(rows, measured);
  if (failed.length === 0) return;
  say(`${failed.length} of ${Object.keys(measured).length} rows fail`);
  process.exitCode = 1;
}

async function measure(): Promise<Samples> {
  say('parts of a command’s way');
  return { ...(await inside(opened)), ...(await outside(opened, say)) };
}

function pooled(runs: readonly Samples[]): Samples {
  const names = Object.keys(runs[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, runs.flatMap((run) => run[name] ?? [])]));
}

function measuredOf(samples: Samples): Measured {
  const spread = (values: readonly number[]) => (values.length === 0 ? null : decilesOf(values));
  return Object.fromEntries(Object.entries(samples).map(([name, v]) => [name, spread(v)]));
}
