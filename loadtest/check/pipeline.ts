import { Child } from '../child.ts';
import { openStream, STREAM_SUBJECT } from '../latency/stream.ts';
import type { Opened } from '../opened.ts';
import type { Process } from '../processes.ts';
import { pidOf } from '../scan/warehouse.ts';
import { Station } from '../throughput/station.ts';
import type { PipelineOrder } from './pipeline-server.ts';

const SERVER = new URL('./pipeline-server.js', import.meta.url);
const LIMIT_MS = 30_000;

/** The bare pipeline and its nats-server. Ended with `opened`. */
export async function startPipeline(
  sync: string,
  opened: Opened,
): Promise<{ readonly url: string; readonly processes: readonly Process[] }> {
  const { dir, servers } = await openStream(sync, opened);
  const { child, ready: url } = await Child.start<string, PipelineOrder, undefined>(SERVER, opened);
  await child.ask({ servers, subject: STREAM_SUBJECT }, LIMIT_MS);
  const processes = [
    { name: 'pipeline', pid: child.pid },
    { name: 'nats-server', pid: await pidOf(dir) },
  ];
  return { url, processes };
}

/** The same under the driver that everybody else has. */
export async function openPipeline(sync: string, opened: Opened): Promise<Station> {
  const { url, processes } = await startPipeline(sync, opened);
  return Station.open(
    { peer: { kind: 'holdfast', url, token: '' }, processes, verify: async () => {} },
    opened,
  );
}
