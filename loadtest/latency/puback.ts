import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DiscardPolicy,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import { openLog } from '../../cli/log.ts';
import { findBinary } from '../../cli/nats-binary.ts';
import { NatsChild } from '../../cli/nats-child.ts';
import type { Entrant } from '../alternate.ts';
import { Latencies } from '../latencies.ts';
import type { Opened } from '../opened.ts';
import { THIS } from '../processes.ts';
import { pidOf } from '../scan/warehouse.ts';
import { oneReservation } from './record.ts';
import { SAMPLES, WARM_UP_SAMPLES } from './samples.ts';

const SUBJECT = 'bench.puback';

/** One message into a stream like a shard's, on a private nats-server like Holdfast's own. */
export async function openPuback(sync: string, opened: Opened): Promise<Entrant<Latencies>> {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-puback-'));
  opened.add(() => rm(dir, { recursive: true, force: true }));
  const binary = await findBinary();
  const server = await NatsChild.start({ dir, binary, sync, log: openLog('warn') });
  opened.add(() => server.stop());
  const nats = await server.connect('bench');
  opened.add(() => nats.close());
  const jsm = await jetstreamManager(nats);
  await jsm.streams.add({
    name: 'BENCH',
    subjects: [SUBJECT],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    num_replicas: 1,
    deny_delete: true,
    allow_direct: false,
  });
  const js = jetstream(nats);
  const record = oneReservation();
  let acknowledged = 0;
  const trips = async (count: number): Promise<Latencies> => {
    const latencies = new Latencies();
    for (let i = 0; i < count; i++) {
      const begun = performance.now();
      await js.publish(SUBJECT, record);
      latencies.add(performance.now() - begun);
    }
    acknowledged += count;
    return latencies;
  };
  return {
    warmUp: () => trips(WARM_UP_SAMPLES),
    round: () => trips(SAMPLES),
    verify: async () => {
      const { state } = await jsm.streams.info('BENCH');
      if (state.messages === acknowledged) return;
      throw new Error(`${acknowledged} messages acknowledged, ${state.messages} stored`);
    },
    processes: [{ name: 'nats-server', pid: await pidOf(dir) }, THIS],
  };
}
