import { SUBPROTOCOLS } from '../../gateway/codec.ts';
import type { Entrant } from '../alternate.ts';
import { Child } from '../child.ts';
import type { Latencies } from '../latencies.ts';
import type { Opened } from '../opened.ts';
import { THIS } from '../processes.ts';
import { reserveFrame } from '../scan/frames.ts';
import { skuOf } from '../scan/warehouse.ts';
import { Wire } from '../scan/wire.ts';
import { closedLoop } from './closed-loop.ts';
import { SAMPLES, WARM_UP_SAMPLES } from './samples.ts';

const SERVER = new URL('./echo-server.js', import.meta.url);

/** A processor that waits so long for the next trip has gone to rest. */
const PACE_MS = 1;

/** A reservation frame there and back, through the same door and the same client. */
export const openEcho = (opened: Opened): Promise<Entrant<Latencies>> => open(opened, 0);

/** The same with a pause between trips, as there is one while a disk syncs. */
export const openPacedEcho = (opened: Opened): Promise<Entrant<Latencies>> => open(opened, PACE_MS);

async function open(opened: Opened, pauseMs: number): Promise<Entrant<Latencies>> {
  const { child, ready: url } = await Child.start<string, never, never>(SERVER, opened);
  const wire = await Wire.connect(url, SUBPROTOCOLS[1]);
  opened.add(() => wire.close());
  const frame = reserveFrame({ n: 100_000, sku: skuOf(1), hold: 'bench-100000' });
  const trips = (count: number): Promise<Latencies> =>
    closedLoop(
      wire,
      Array<Uint8Array>(count).fill(frame),
      (r) => r.length === frame.length,
      pauseMs,
    );
  return {
    warmUp: () => trips(WARM_UP_SAMPLES),
    round: () => trips(SAMPLES),
    verify: async () => {},
    processes: [{ name: 'echo', pid: child.pid }, THIS],
  };
}
