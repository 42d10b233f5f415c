import { mkdir, rename, rm } from 'node:fs/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import type { Logger } from 'pino';
import { StartError } from '../../engine/errors.ts';
import { raiseLineage } from '../../engine/history.ts';
import { JetStreamJournal } from '../../engine/journal/jetstream.ts';
import { journalStream } from '../../engine/subjects.ts';
import type { DataFolder } from '../data.ts';
import { findBinary } from '../nats-binary.ts';
import { NatsChild } from '../nats-child.ts';
import { PrivateCopy, shardDir, streamDir } from './private-copy.ts';
import type { ShardReport } from './report.ts';
import { extentOf, type Walk, walk } from './walk.ts';

/**
 * Gives up what comes after the last whole record: the journal is written anew
 * up to there, each record under the sequence it had. The next start begins a
 * new epoch on it. Refused where the centre or a snapshot knows of more, since
 * then the two would tell different stories.
 */
export async function declareLoss(
  data: DataFolder,
  region: string,
  report: ShardReport,
  log: Logger,
): Promise<string> {
  refuseUnlessSafe(report);
  const { shard } = report;
  const binary = await findBinary();
  const copy = await PrivateCopy.make(data, region);
  try {
    const nats = await copy.openJournals(shard + 1, { binary, log });
    const old = await JetStreamJournal.open(nats, region, shard);
    const walked = await walk(shard, old, await extentOf(nats, journalStream(region, shard)));
    const stream = streamDir(data, region, shard);
    const aside = data.path('set-aside', `${journalStream(region, shard)}-${Date.now()}`);
    await mkdir(data.path('set-aside'), { recursive: true });
    await rename(stream, aside);
    try {
      await rewrite(data, region, shard, { old, walked, binary, log });
      await raiseLineage(shardDir(data, region, shard));
    } catch (e) {
      await rm(stream, { recursive: true, force: true });
      await rename(aside, stream);
      throw e;
    }
    return (
      `the journal of shard ${shard} ends at record ${walked.last?.number} now; ` +
      `what came after is given up. The damaged one lies in ${aside}`
    );
  } finally {
    await copy.close();
  }
}

function refuseUnlessSafe(report: ShardReport): void {
  const { shard, lastNumber, centreNumber, actors } = report;
  const refused = (why: string): never => {
    throw new StartError(`${why}; nothing was done`);
  };
  if (report.ok) refused(`shard ${shard} is whole`);
  if (lastNumber === 0) refused(`no record of shard ${shard} is whole: restore nats/store`);
  if (centreNumber === undefined) refused("the centre's store cannot be read: restore it first");
  if ((centreNumber ?? 0) > lastNumber) {
    refused(
      `the centre has read up to record ${centreNumber}, the journal is whole up to ${lastNumber}: ` +
        'restore nats/store, or nats/store and centre/ together, from a backup',
    );
  }
  if (actors === undefined) refused(`no state of shard ${shard} can be rebuilt: restore a backup`);
}

interface Source {
  readonly old: JetStreamJournal;
  readonly walked: Walk;
  readonly binary: string;
  readonly log: Logger;
}

/** Into the data folder's own nats-server, synced record by record. */
async function rewrite(
  data: DataFolder,
  region: string,
  shard: number,
  { old, walked, binary, log }: Source,
): Promise<void> {
  const { first, last } = walked;
  if (first === undefined || last === undefined) throw new Error('unreachable: refused before');
  const server = await NatsChild.start({ dir: data.path('nats'), binary, sync: 'always', log });
  const nats = await server.connect('holdfast repair');
  try {
    const made = await JetStreamJournal.open(nats, region, shard);
    const jsm = await jetstreamManager(nats);
    if (first.seq > 1) await jsm.streams.purge(journalStream(region, shard), { seq: first.seq });
    let expected = 0;
    for await (const { seq, bytes, id } of old.read(first.seq, last.seq)) {
      const appended = await made.append(bytes, id, expected);
      if (appended.kind !== 'stored' || appended.seq !== seq) {
        throw new Error(`record at ${seq} could not be written: ${JSON.stringify(appended)}`);
      }
      expected = seq;
    }
    const again = await walk(shard, made, await extentOf(nats, journalStream(region, shard)));
    if (again.damage !== undefined || again.last?.hash !== last.hash) {
      throw new Error('the journal that was written is not the one that was read');
    }
  } finally {
    await nats.close();
    await server.stop();
  }
}
