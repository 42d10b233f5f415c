import { jetstream } from '@nats-io/jetstream';
import type { Entrant } from '../alternate.ts';
import { Latencies } from '../latencies.ts';
import type { Opened } from '../opened.ts';
import { THIS } from '../processes.ts';
import { pidOf } from '../scan/warehouse.ts';
import { oneReservation } from './record.ts';
import { SAMPLES, WARM_UP_SAMPLES } from './samples.ts';
import { openStream, STREAM, STREAM_SUBJECT } from './stream.ts';

/** One message into a stream like a shard's, on a private nats-server like Holdfast's own. */
export async function openPuback(sync: string, opened: Opened): Promise<Entrant<Latencies>> {
  const { dir, nats, jsm } = await openStream(sync, opened);
  const js = jetstream(nats);
  const record = oneReservation();
  let acknowledged = 0;
  const trips = async (count: number): Promise<Latencies> => {
    const latencies = new Latencies();
    for (let i = 0; i < count; i++) {
      const begun = performance.now();
      await js.publish(STREAM_SUBJECT, record);
      latencies.add(performance.now() - begun);
    }
    acknowledged += count;
    return latencies;
  };
  return {
    warmUp: () => trips(WARM_UP_SAMPLES),
    round: () => trips(SAMPLES),
    verify: async () => {
      const { state } = await jsm.streams.info(STREAM);
      if (state.messages === acknowledged) return;
      throw new Error(`${acknowledged} messages acknowledged, ${state.messages} stored`);
    },
    processes: [{ name: 'nats-server', pid: await pidOf(dir) }, THIS],
  };
}
