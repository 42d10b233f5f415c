import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { messageOfError, StartError } from '../engine/errors.ts';
import { JetStreamJournal } from '../engine/journal/jetstream.ts';
import { slotsOf } from '../engine/limits.ts';
import { HUB } from '../engine/regions.ts';
import { journalStream } from '../engine/subjects.ts';
import { type DataFolder, openData } from './data.ts';
import { openLog } from './log.ts';
import { findBinary } from './nats-binary.ts';
import { regionDir } from './region-stack.ts';
import { regionsIn } from './regions-file.ts';
import { REGION } from './stack.ts';
import { type CentreSeen, NOTHING_SEEN, readEmbedded, readPostgres } from './verify/centre-seen.ts';
import { checkShard, type ShardAtRest } from './verify/check-shard.ts';
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

/** Every shard of every region, and the centre's store. */
export async function verified(
  data: DataFolder,
  postgres: string | undefined,
  log: Logger,
): Promise<Report> {
  const names = await regionsIn(data);
  const copy = await PrivateCopy.make(data, names?.[0] ?? REGION);
  try {
    const { seen, damage } = await centreSeen(copy, postgres);
    const all = [...damage];
    const shards: ShardReport[] = [];
    for (const region of names ?? [REGION]) {
      const option = names === undefined ? '' : ` --region ${region}`;
      const slots = slotsOf(names !== undefined);
      const centre = seen?.of(region, slots);
      const folder = await regionAtRest(data, region);
      if (folder === undefined) all.push(noFolder(data, region));
      else {
        try {
          shards.push(...(await checkRegion(folder, { region, option, centre }, slots, log)));
        } finally {
          if (folder !== data) await folder.release();
        }
      }
    }
    const ok = all.length === 0 && shards.every((s) => s.ok);
    return { data: data.dir, ok, shards, damage: all };
  } finally {
    await copy.close();
  }
}

/** Where a region's journals and snapshots lie; to be released unless it is `data` itself. */
export async function regionAtRest(
  data: DataFolder,
  region: string,
): Promise<DataFolder | undefined> {
  if (region === REGION || region === HUB) return data;
  const dir = regionDir(data.dir, region);
  return existsSync(join(dir, 'holdfast.json')) ? openAtRest(dir) : undefined;
}

const noFolder = (data: DataFolder, region: string): Damage => ({
  what: `there is no folder ${regionDir(data.dir, region)}: region ${region} is gone`,
  safe: "the other regions, and what the centre's store and the hub's copies have of it",
  repair: `restore regions/${region} from a backup`,
});

async function checkRegion(
  folder: DataFolder,
  at: Pick<ShardAtRest, 'region' | 'option' | 'centre'>,
  slots: number,
  log: Logger,
): Promise<ShardReport[]> {
  const { region } = at;
  const shards: ShardReport[] = [];
  const copy = await PrivateCopy.make(folder, region);
  try {
    const nats = await copy.openJournals(slots, { binary: await findBinary(), log });
    for (let shard = 0; shard < slots; shard++) {
      const snapshots = await copy.openSnapshots(shard);
      const journal = await JetStreamJournal.open(nats, region, shard);
      const extent = await extentOf(nats, journalStream(region, shard));
      const hasHistory =
        existsSync(join(shardDir(folder, region, shard), 'has-journal')) ||
        (await snapshots.list()).length > 0;
      shards.push(await checkShard({ ...at, shard, snapshots, journal, extent, hasHistory }));
    }
    return shards;
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
