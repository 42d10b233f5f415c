import type { Entrant } from '../alternate.ts';
import type { Latencies } from '../latencies.ts';
import type { Opened } from '../opened.ts';
import { THIS } from '../processes.ts';
import { isOk, reserveFrame } from '../scan/frames.ts';
import { greeted } from '../scan/greet.ts';
import { skuOf, Warehouse } from '../scan/warehouse.ts';
import { closedLoop } from './closed-loop.ts';
import { SAMPLES, WARM_UP_SAMPLES } from './samples.ts';

const SKUS = 1_000;

/** One reservation over WebSocket, answered when it is in the journal. */
export async function openCommitted(sync: string, opened: Opened): Promise<Entrant<Latencies>> {
  const warehouse = await Warehouse.open(sync, SKUS, opened);
  const { wire, nextN } = await greeted(warehouse.address, 'latency');
  opened.add(() => wire.close());
  let n = nextN;
  let acknowledged = 0;
  const trips = async (count: number): Promise<Latencies> => {
    const frames = Array.from({ length: count }, () => {
      const one = { n, sku: skuOf(n % SKUS), hold: `bench-${n}` };
      n++;
      return reserveFrame(one);
    });
    const latencies = await closedLoop(wire, frames, isOk);
    acknowledged += count;
    return latencies;
  };
  return {
    warmUp: () => trips(WARM_UP_SAMPLES),
    round: () => trips(SAMPLES),
    verify: () => warehouse.verify(acknowledged),
    processes: [...warehouse.processes, THIS],
  };
}
