import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { messageOfError, StartError } from '../engine/errors.ts';
import { JetStreamJournal } from '../engine/journal/jetstream.ts';
import { LIMITS } from '../engine/limits.ts';
import { journalStream } from '../engine/subjects.ts';
import { type DataFolder, openData } from './data.ts';
import { openLog } from './log.ts';
import { findBinary } from './nats-binary.ts';
import { REGION } from './stack.ts';
import { type CentreSeen, NOTHING_SEEN, readEmbedded, readPostgres } from './verify/centre-seen.ts';
import { checkShard } from './verify/check-shard.ts';
import { PrivateCopy, shardDir } from './verify/private-copy.ts';
import { type Damage, type Report, type ShardReport, told } from './verify/report.ts';
import { extentOf } from './verify/walk.ts';

export interface VerifyOptions {
  readonly data: string;
  readonly postgres?: string;
  readonly json: boolean;
}

/** Checks a data folder that nothing has open, and changes nothing in it. Exit 1 on damage. */
export async function verify({ data: dir, postgres, json }: VerifyOptions): Promise<void> {
  const data = await openAtRest(dir);
  try {
    const report = await verified(data, postgres, openLog('fatal'));
    process.stdout.write(json ? `${JSON.stringify(report)}\n` : told(report));
    if (!report.ok) process.exitCode = 1;
  } finally {
    await data.release();
  }
}

/** For this process alone; never makes one. */
export async function openAtRest(dir: string): Promise<DataFolder> {
  if (!existsSync(join(dir, 'holdfast.json'))) throw new StartError(`${dir} is no data folder`);
  return openData(dir);
}

/** Every shard, and the centre's store. */
export async function verified(
  data: DataFolder,
  postgres: string | undefined,
  log: Logger,
): Promise<Report> {
  const copy = await PrivateCopy.make(data, REGION);
  try {
    const { seen, damage } = await centreSeen(copy, postgres);
    const nats = await copy.openJournals(LIMITS.shards, { binary: await findBinary(), log });
    const shards: ShardReport[] = [];
    for (let shard = 0; shard < LIMITS.shards; shard++) {
      const snapshots = await copy.openSnapshots(shard);
      shards.push(
        await checkShard({
          shard,
          snapshots,
          journal: await JetStreamJournal.open(nats, REGION, shard),
          extent: await extentOf(nats, journalStream(REGION, shard)),
          hasHistory:
            existsSync(join(shardDir(data, REGION, shard), 'has-journal')) ||
            (await snapshots.list()).length > 0,
          centre: seen,
        }),
      );
    }
    const ok = damage.length === 0 && shards.every((s) => s.ok);
    return { data: data.dir, ok, shards, damage };
  } finally {
    await copy.close();
  }
}

async function centreSeen(
  copy: PrivateCopy,
  postgres: string | undefined,
): Promise<{ seen: CentreSeen | undefined; damage: readonly Damage[] }> {
  try {
    if (postgres !== undefined) return { seen: await readPostgres(postgres), damage: [] };
    const dir = await copy.centreStore();
    return { seen: dir === undefined ? NOTHING_SEEN : await readEmbedded(dir), damage: [] };
  } catch (e) {
    const what = `the centre's store cannot be read: ${messageOfError(e)}`;
    const safe = 'the journals and snapshots: the region serves without it';
    const repair = 'restore centre/ from a backup; it reads on from there by itself';
    return { seen: undefined, damage: [{ what, safe, repair }] };
  }
}
