import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '../engine/errors.ts';
import type { DataFolder } from './data.ts';
import { openLog } from './log.ts';
import { REGION } from './stack.ts';
import { declareLoss } from './verify/declare-loss.ts';
import { shardDir } from './verify/private-copy.ts';
import type { ShardReport } from './verify/report.ts';
import { openAtRest, verified } from './verify.ts';

export interface RepairOptions {
  readonly data: string;
  readonly shard: number;
  readonly dropSnapshot?: string;
  readonly declareLoss: boolean;
  readonly postgres?: string;
}

/**
 * Repairs what can be repaired without guessing, and refuses the rest in words.
 * Nothing is deleted: what is taken out lies in `set-aside` afterwards.
 */
export async function repair(options: RepairOptions): Promise<void> {
  const { data: dir, shard, dropSnapshot, postgres } = options;
  if ((dropSnapshot !== undefined) === options.declareLoss) {
    throw new StartError('say one of --drop-snapshot NAME and --declare-loss');
  }
  const data = await openAtRest(dir);
  const log = openLog('fatal');
  try {
    const report = await verified(data, postgres, log);
    const found = report.shards.find((s) => s.shard === shard);
    if (found === undefined) throw new StartError(`there is no shard ${shard}`);
    const done =
      dropSnapshot === undefined
        ? await declareLoss(data, REGION, found, log)
        : await drop(data, found, dropSnapshot);
    process.stdout.write(`${done}\n`);
  } finally {
    await data.release();
  }
}

/** Only a damaged one, and only while something else reaches as far back. */
async function drop(data: DataFolder, report: ShardReport, name: string): Promise<string> {
  const { shard, snapshots, firstNumber } = report;
  const dir = shardDir(data, REGION, shard);
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
