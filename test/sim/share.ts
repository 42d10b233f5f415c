import { parentPort, workerData } from 'node:worker_threads';
import { runShare, type Share } from './many.ts';

// What test/sim/many.ts starts on each thread.
await runShare(workerData as Share, (told) => parentPort?.postMessage(told));
