import { execFile } from 'node:child_process';
import { cp, open, readdir, rm, stat, truncate } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { PROGRAM } from '../../../cli/program.ts';
import type { Report } from '../../../cli/verify/report.ts';
import { sleep, systemClock } from '../../../engine/clock.ts';
import { messageOfError } from '../../../engine/errors.ts';
import { Audit } from '../audit.ts';
import { WAREHOUSES } from '../load.ts';
import { asking, overRounds } from '../rounds.ts';
import type { Bench, Scenario } from '../scenario.ts';
import { shelfCheck } from '../shelves.ts';
import { Up } from '../up.ts';

/** Long enough for two snapshots of every shard, and a trimmed journal. */
const LOAD_MS = 8_000;
const SETTLE_MS = 30_000;

/** What is damaged by turns. */
const TARGETS = [
  {
    what: 'journal',
    in: join('nats', 'store', 'jetstream', '$G', 'streams'),
    file: /LOG_.*\.blk$/,
  },
  { what: 'snapshot', in: 'shards', file: /\.snap$/ },
  { what: "centre's store", in: join('centre', 'base'), file: /\d$/ },
] as const;

export const FLIPS: readonly Scenario[] = [
  {
    name: 'flip',
    what: 'flipped bits and torn ends in journals, snapshots and the centre, while all is down',
    rounds: { short: 6, long: 500 },
    run: async (bench) => {
      const { opened, dir, books, progress } = bench;
      const up = await Up.start(opened, dir, bench);
      const ready = () => up.ready;
      await overRounds({ ...bench, rounds: 1 }, ready, () => sleep(systemClock, LOAD_MS));
      await up.stop();
      const whole = `${dir}.whole`;
      await cp(dir, whole, { recursive: true });
      for (let round = 0; round < bench.rounds; round++) {
        const spot = await damage(dir, round);
        const said = await look(bench, up, spot);
        if (said.length > 0) progress.found++;
        await up.end();
        await rm(dir, { recursive: true });
        await cp(whole, dir, { recursive: true });
        progress.rounds = round + 1;
        if (books.wrong.length > 0) return;
      }
    },
  },
];

/** Flips one bit of a file, or tears its end off. Says which. */
async function damage(dir: string, round: number): Promise<string> {
  const target = TARGETS[round % TARGETS.length] as (typeof TARGETS)[number];
  const names = await readdir(join(dir, target.in), { recursive: true });
  const files: string[] = [];
  for (const name of names.filter((n) => target.file.test(n)).sort()) {
    if ((await stat(join(dir, target.in, name))).size > 0) files.push(join(dir, target.in, name));
  }
  const path = files[Math.floor(Math.random() * files.length)];
  if (path === undefined) throw new Error(`there is no ${target.what} to damage`);
  const at = Math.floor(Math.random() * (await stat(path)).size);
  const isTorn = Math.floor(round / TARGETS.length) % 2 === 1;
  if (isTorn) await truncate(path, at);
  else await flip(path, at);
  return `${relative(dir, path)} ${isTorn ? 'cut off' : 'flipped'} at ${at}`;
}

async function flip(path: string, at: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, at);
    byte[0] = (byte[0] as number) ^ (1 << Math.floor(Math.random() * 8));
    await file.write(byte, 0, 1, at);
  } finally {
    await file.close();
  }
}

/**
 * What is said of the damage, by whom. Where the stack says nothing, all that
 * was ever acknowledged must be there; whatever serves must be right.
 */
async function look(bench: Bench, up: Up, spot: string): Promise<readonly string[]> {
  const { books } = bench;
  const report = await verify(up.data);
  const said = await served(bench, up);
  if (said.length > 0 && report.ok) {
    books.say(`${spot}: holdfast verify said nothing, a start said: ${said[0]}`);
  }
  bench.say(`${spot}: ${said[0] ?? (report.ok ? 'did no harm' : 'did no harm yet')}`);
  return said;
}

async function served(bench: Bench, up: Up): Promise<readonly string[]> {
  const { books } = bench;
  try {
    await up.restart();
  } catch (e) {
    return [messageOfError(e)]; // it refused to start, and said why
  }
  const shards = await settled(up);
  const stopped = shards.flatMap((s) => (s.why === undefined ? [] : [s.why]));
  const serving = WAREHOUSES.filter((_, shard) => shards[shard]?.state === 'serving');
  await shelfCheck(books, up.ready, serving);
  if (stopped.length > 0) return stopped;
  try {
    await asking(up.ready, (nats) => new Audit(books).end(nats));
  } catch (e) {
    return [messageOfError(e)]; // the centre says that it cannot
  }
  return [];
}

interface Shard {
  readonly shard: number;
  readonly state: string;
  readonly why?: string;
}

/** What /readyz says once every shard serves or has stopped. */
async function settled(up: Up): Promise<readonly Shard[]> {
  const until = systemClock.monoMs() + SETTLE_MS;
  for (;;) {
    const answer = await fetch(`${up.ready.http}/readyz`);
    const { shards } = (await answer.json()) as { shards: Shard[] };
    const open = shards.filter((s) => s.state !== 'serving' && s.state !== 'stopped');
    if (open.length === 0) return shards;
    if (systemClock.monoMs() > until) {
      throw new Error(`neither served nor stopped: ${JSON.stringify(open)}`);
    }
    await sleep(systemClock, 100);
  }
}

function verify(data: string): Promise<Report> {
  return new Promise((resolve, reject) => {
    const args = [PROGRAM, 'verify', '--json', '--data', data];
    execFile(process.execPath, args, { timeout: 60_000 }, (error, stdout, stderr) => {
      if (stdout.startsWith('{')) resolve(JSON.parse(stdout) as Report);
      else reject(new Error(`holdfast verify: ${error?.message} ${stderr}`));
    });
  });
}
