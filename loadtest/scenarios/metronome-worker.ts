import { parentPort, workerData } from 'node:worker_threads';
import { type Beat, HEARD, nowMs, STOP } from './metronome.ts';

const { cells, startMs, gridMs } = workerData as Beat;

for (let beat = 0; Atomics.load(cells, STOP) === 0; ) {
  const waitMs = startMs + beat * gridMs - nowMs();
  if (waitMs > 0) Atomics.wait(cells, STOP, 0, waitMs);
  if (Atomics.exchange(cells, HEARD, 1) === 0) parentPort?.postMessage(undefined);
  beat = Math.max(beat + 1, Math.ceil((nowMs() - startMs) / gridMs));
}
