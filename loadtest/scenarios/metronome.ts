import { Worker } from 'node:worker_threads';

/** What both threads look at: whether to stop, and whether a beat waits to be heard. */
export const STOP = 0;
export const HEARD = 1;

export interface Beat {
  readonly cells: Int32Array<SharedArrayBuffer>;
  /** By {@link nowMs}. */
  readonly startMs: number;
  readonly gridMs: number;
}

/** One clock for all threads, ms. */
export const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/**
 * Calls back on a grid that is finer than the millisecond of timers, and leaves
 * the processor to others in between. A beat that is missed is not made up for.
 */
export class Metronome {
  readonly #worker: Worker;
  readonly #cells: Int32Array<SharedArrayBuffer>;

  constructor(startMs: number, gridMs: number, onBeat: () => void) {
    this.#cells = new Int32Array(new SharedArrayBuffer(8));
    const workerData: Beat = { cells: this.#cells, startMs, gridMs };
    this.#worker = new Worker(new URL('./metronome-worker.js', import.meta.url), { workerData });
    this.#worker.on('message', () => {
      Atomics.store(this.#cells, HEARD, 0);
      onBeat();
    });
    this.#worker.on('error', (e) => {
      throw e;
    });
  }

  async stop(): Promise<void> {
    Atomics.store(this.#cells, STOP, 1);
    Atomics.notify(this.#cells, STOP);
    await this.#worker.terminate();
  }
}
