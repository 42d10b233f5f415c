import { Child } from '../child.ts';
import { openStream, STREAM_SUBJECT } from '../latency/stream.ts';
import type { Opened } from '../opened.ts';
import { pidOf } from '../scan/warehouse.ts';
import { Station } from '../throughput/station.ts';
import type { PipelineOrder } from './pipeline-server.ts';

const SERVER = new URL('./pipeline-server.js', import.meta.url);
const LIMIT_MS = 30_000;

/** The bare pipeline under the same driver as everybody else. */
export async function openPipeline(sync: string, opened: Opened): Promise<Station> {
  const { dir, servers } = await openStream(sync, opened);
  const { child, ready: url } = await Child.start<string, PipelineOrder, undefined>(SERVER, opened);
  await child.ask({ servers, subject: STREAM_SUBJECT }, LIMIT_MS);
  const processes = [
    { name: 'pipeline', pid: child.pid },
    { name: 'nats-server', pid: await pidOf(dir) },
  ];
  return Station.open(
    { peer: { kind: 'holdfast', url, token: '' }, processes, verify: async () => {} },
    opened,
  );
}
