import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DiscardPolicy,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { openLog } from '../../cli/log.ts';
import { findBinary } from '../../cli/nats-binary.ts';
import { NatsChild } from '../../cli/nats-child.ts';
import type { Opened } from '../opened.ts';

export const STREAM = 'BENCH';
export const STREAM_SUBJECT = 'bench.records';

export interface BenchStream {
  /** Folder of the private nats-server. */
  readonly dir: string;
  readonly servers: string;
  readonly nats: NatsConnection;
  readonly jsm: JetStreamManager;
}

/** A stream like a shard's, on a private nats-server like Holdfast's own. */
export async function openStream(sync: string, opened: Opened): Promise<BenchStream> {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-stream-'));
  opened.add(() => rm(dir, { recursive: true, force: true }));
  const binary = await findBinary();
  const server = await NatsChild.start({ dir, binary, sync, log: openLog('warn') });
  opened.add(() => server.stop());
  const nats = await server.connect('bench');
  opened.add(() => nats.close());
  const jsm = await jetstreamManager(nats);
  await jsm.streams.add({
    name: STREAM,
    subjects: [STREAM_SUBJECT],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    num_replicas: 1,
    deny_delete: true,
    allow_direct: false,
  });
  return { dir, servers: server.url, nats, jsm };
}
