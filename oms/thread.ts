import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { StartError } from '../engine/errors.ts';
import type { Places } from '../engine/regions.ts';
import type { FromWorker, ToWorker, WorkerOptions } from './worker.ts';

/** Where the centre keeps its history. */
export type StoreOptions =
  /** Embedded, in a folder of its own. */
  | { readonly kind: 'pglite'; readonly dir: string }
  | { readonly kind: 'postgres'; readonly url: string };

export interface CentreThreadOptions {
  /** Address of the NATS server. */
  readonly servers: string;
  readonly region: string;
  readonly linked?: readonly string[];
  readonly places?: Places;
  readonly shards: number;
  readonly slots?: number;
  readonly store: StoreOptions;
  readonly defaultOwner: string;
  readonly scheduleEveryMs?: number | undefined;
  /** Of the caller; the thread logs to stderr by itself, at the same level. */
  readonly log: Logger;
}

/** A centre in a thread of its own, so that SQL never holds up a scan. */
export interface CentreThread {
  /** In Prometheus' text format; empty once the thread has ended. */
  metrics(): Promise<string>;
  /** Finishes what is being written. */
  close(): Promise<void>;
  /** Resolves when the thread has ended: with the error it died of, or undefined after a close. */
  readonly ended: Promise<Error | undefined>;
}

/** Resolves when the centre answers. Throws {@link StartError} if it cannot. */
export async function startCentreThread(options: CentreThreadOptions): Promise<CentreThread> {
  const { log, ...rest } = options;
  const workerData: WorkerOptions = { ...rest, logLevel: log.level };
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData });
  let isClosing = false;
  const ended = endOf(worker, () => isClosing);
  const started = new Promise<FromWorker>((resolve) => worker.once('message', resolve));
  const first = await Promise.race([started, ended]);
  if (first === undefined || first instanceof Error) throw first ?? new Error('the centre ended');
  if (first.kind === 'failed') throw new StartError(first.why);
  void ended.then((error) => {
    if (error !== undefined)
      log.error({ err: error }, 'the centre has ended; restart to have it back');
  });
  return {
    ended,
    metrics: () => askMetrics(worker, ended),
    async close() {
      isClosing = true;
      worker.postMessage({ kind: 'close' } satisfies ToWorker);
      await ended;
    },
  };
}

function endOf(worker: Worker, isClosing: () => boolean): Promise<Error | undefined> {
  let error: Error | undefined;
  worker.once('error', (e) => {
    error = e instanceof Error ? e : new Error(String(e));
  });
  return new Promise((resolve) => {
    worker.once('exit', (code) => {
      const unasked = new Error(`the thread of the centre ended with ${code}`);
      resolve(error ?? (isClosing() ? undefined : unasked));
    });
  });
}

let asked = 0;

/** Answers carry the number of their question. */
function askMetrics(worker: Worker, ended: Promise<unknown>): Promise<string> {
  const id = ++asked;
  const answer = new Promise<string>((resolve) => {
    const hear = (message: FromWorker): void => {
      if (message.kind !== 'metrics' || message.id !== id) return;
      worker.off('message', hear);
      resolve(message.text);
    };
    worker.on('message', hear);
    worker.postMessage({ kind: 'metrics', id } satisfies ToWorker);
  });
  return Promise.race([answer, ended.then(() => '')]);
}
