import { constants } from 'node:fs';
import { cp, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lacks } from '../../../cli/machine.ts';
import { sleep, systemClock } from '../../../engine/clock.ts';
import { mountTmpfs } from '../machine.ts';
import { overRounds, underLoad } from '../rounds.ts';
import type { Bench, Scenario } from '../scenario.ts';
import { Up } from '../up.ts';

const JOURNAL_MB = 64;
/** An empty store of the centre is about 45 MB. */
const CENTRE_MB = 160;
const FULL_MS = 3_000;

/** Another file takes all the room there is, and gives it back after a while. */
async function whileFull(dir: string, work: () => Promise<void>): Promise<void> {
  const path = join(dir, 'another-file');
  const file = await open(path, 'w');
  try {
    for (const size of [1 << 20, 1 << 12, 1]) await fill(file, Buffer.alloc(size));
    await work();
  } finally {
    await file.close();
    await rm(path);
  }
}

async function fill(file: Awaited<ReturnType<typeof open>>, bytes: Buffer): Promise<void> {
  for (let n = 0; n < 1_000; n++) {
    try {
      await file.write(bytes);
    } catch (e) {
      if ((e as { code?: unknown }).code === 'ENOSPC') return;
      throw e;
    }
  }
}

/** A person must be able to see it. */
function requireLine(up: Up, { books }: Bench, what: RegExp): void {
  if (!up.log.some((line) => what.test(line))) books.say(`no log line says ${what}`);
}

export const DISKS: readonly Scenario[] = [
  {
    name: 'disk-full',
    what: "the journal's disk is full for a while, then has room again",
    rounds: { short: 1, long: 50 },
    cannot: () => lacks('mount', 'umount'),
    run: async (bench) => {
      const dir = join(bench.dir, 'nats');
      await Up.prepare(bench.dir);
      await mountTmpfs(bench.opened, dir, JOURNAL_MB);
      await underLoad(bench, async (up, { load }) => {
        await whileFull(dir, () => sleep(systemClock, FULL_MS));
        await load.answersAgain();
        requireLine(up, bench, /disk .*full/);
      });
    },
  },
  {
    name: 'disk-full-centre',
    what: "the centre's disk is full for a while; sales go on",
    rounds: { short: 1, long: 50 },
    cannot: () => lacks('mount', 'umount'),
    run: async (bench) => {
      const up = await Up.start(bench.opened, bench.dir, bench);
      await up.stop();
      const dir = join(bench.dir, 'centre');
      await rename(dir, `${dir}.made`);
      await mountTmpfs(bench.opened, dir, CENTRE_MB);
      await cp(`${dir}.made`, dir, { recursive: true, mode: constants.COPYFILE_FICLONE });
      bench.opened.add(() => up.end()); // before its disk goes
      await up.restart();
      const ready = () => up.ready;
      await overRounds(bench, ready, async ({ load }) => {
        await whileFull(dir, async () => {
          await sleep(systemClock, FULL_MS);
          await load.answersAgain();
        });
        requireLine(up, bench, /history cannot be written/);
      });
    },
  },
];
