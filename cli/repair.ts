import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '../engine/errors.ts';
import { raiseLineage } from '../engine/history.ts';
import { SLOTS } from '../engine/limits.ts';
import type { DataFolder } from './data.ts';
import { openLog } from './log.ts';
import { regionDir } from './region-stack.ts';
import { regionsIn } from './regions-file.ts';
import { REGION } from './stack.ts';
import { declareLoss } from './verify/declare-loss.ts';
import { shardDir } from './verify/private-copy.ts';
import type { ShardReport } from './verify/report.ts';
import { openAtRest, regionAtRest, verified } from './verify.ts';

export interface RepairOptions {
  readonly data: string;
  /** Where there are several. */
  readonly region?: string;
  /** All of the region where left out, of a folder that was restored. */
  readonly shard?: number;
  readonly dropSnapshot?: string;
  readonly declareLoss: boolean;
  readonly restored: boolean;
  /** How often it was restored or lost its end, this time too; one more than is known if left out. */
  readonly times?: number;
  readonly postgres?: string;
}

/**
 * Repairs what can be repaired without guessing, and refuses the rest in words.
 * Nothing is deleted: what is taken out lies in `set-aside` afterwards.
 */
export async function repair(options: RepairOptions): Promise<void> {
  const { data: dir, shard, dropSnapshot, postgres } = options;
  const said = [dropSnapshot !== undefined, options.declareLoss, options.restored];
  if (said.filter(Boolean).length !== 1) {
    throw new StartError('say one of --drop-snapshot NAME, --declare-loss and --restored');
  }
  if (shard === undefined && !options.restored) {
    throw new StartError('say --shard, the damaged one');
  }
  if (options.restored) return restored(options);
  const data = await openAtRest(dir);
  const log = openLog('fatal');
  try {
    const region = await named(data, options.region);
    const report = await verified(data, postgres, log);
    const found = report.shards.find((s) => s.region === region && s.shard === shard);
    if (found === undefined) throw new StartError(`there is no shard ${shard}`);
    const folder = (await regionAtRest(data, region)) as DataFolder;
    try {
      const done =
        dropSnapshot === undefined
          ? await declareLoss(folder, region, found, log)
          : await drop(folder, found, dropSnapshot);
      process.stdout.write(`${done}\n`);
    } finally {
      if (folder !== data) await folder.release();
    }
  } finally {
    await data.release();
  }
}

/**
 * The folder was put back from a backup: its homes and its selling point know less than the others do. Homes wait for
 * all points, the point begins a life with nothing (docs/RIGHTS.md). Of a hub's folder only that of the region is opened.
 */
async function restored({ data: dir, region, shard, times }: RepairOptions): Promise<void> {
  if (region === undefined) throw new StartError('say --region, the one that was restored');
  const within = regionDir(dir, region);
  const folder = await openAtRest(existsSync(within) ? within : dir);
  try {
    const all = Array.from({ length: SLOTS }, (_, slot) => slot);
    const shards = all.filter((slot) => existsSync(shardDir(folder, region, slot)));
    if (shards.length === 0) throw new StartError(`${folder.dir} has no shard of region ${region}`);
    for (const one of shard === undefined ? shards : [shard]) {
      const lineage = await raiseLineage(shardDir(folder, region, one), times && times + 1);
      process.stdout.write(`shard ${one} of ${region} begins lineage ${lineage} when it starts\n`);
    }
  } finally {
    await folder.release();
  }
}

/** The region that is meant: the only one, or the one that is named. */
async function named(data: DataFolder, region: string | undefined): Promise<string> {
  const regions = (await regionsIn(data)) ?? [REGION];
  const [only] = regions;
  if (region === undefined && regions.length === 1) return only as string;
  if (region !== undefined && regions.includes(region)) return region;
  throw new StartError(`say --region, one of ${regions.join(', ')}`);
}

/** Only a damaged one, and only while something else reaches as far back. */
async function drop(data: DataFolder, report: ShardReport, name: string): Promise<string> {
  const { region, shard, snapshots, firstNumber } = report;
  const dir = shardDir(data, region, shard);
  const file = join(dir, 'snapshots', `${name}.snap`);
  if (!existsSync(file)) throw new StartError(`shard ${shard} has no snapshot ${name}`);
  if (snapshots.includes(name)) throw new StartError(`snapshot ${name} is whole; nothing was done`);
  if (report.actors === undefined) {
    throw new StartError(
      `without snapshot ${name} nothing reaches back to where the journal begins, record ${firstNumber}; ` +
        'nothing was done. Restore shards/ from a backup',
    );
  }
  const aside = join(dir, 'set-aside');
  await mkdir(aside, { recursive: true });
  await rename(file, join(aside, `${name}.snap`));
  const rest = snapshots.at(-1);
  return (
    `snapshot ${name} of shard ${shard} lies in ${aside} now; the shard starts from ` +
    `${rest === undefined ? 'the first record' : `snapshot ${rest}`} and loses nothing`
  );
}
