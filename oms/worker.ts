import { parentPort, workerData } from 'node:worker_threads';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { pino } from 'pino';
import { systemClock } from '../engine/clock.ts';
import { messageOfError, StartError } from '../engine/errors.ts';
import { RECONNECT } from '../engine/reconnect.ts';
import { type Centre, startCentre } from './centre.ts';
import { giveWay } from './give-way.ts';
import { openPgliteThread } from './store/pglite-thread.ts';
import { openPostgres } from './store/postgres.ts';
import type { Books } from './store/store.ts';
import type { CentreThreadOptions, StoreOptions } from './thread.ts';

/** What oms/thread.ts starts this thread with. */
export type WorkerOptions = Omit<CentreThreadOptions, 'log'> & { readonly logLevel: string };

export type ToWorker =
  | { readonly kind: 'metrics'; readonly id: number }
  | { readonly kind: 'close' };

export type FromWorker =
  | { readonly kind: 'ready' }
  /** It could not start, for a reason that a person can put right. */
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'metrics'; readonly id: number; readonly text: string };

const tell = (message: FromWorker): void => parentPort?.postMessage(message);

giveWay(5);
try {
  await run(workerData as WorkerOptions);
} catch (e) {
  if (!(e instanceof StartError)) throw e;
  tell({ kind: 'failed', why: messageOfError(e) });
  process.exit(1); // ends this thread alone
}

async function run({ servers, logLevel, ...options }: WorkerOptions): Promise<void> {
  const log = pino({ level: logLevel, base: null }, pino.destination({ dest: 2, sync: true }));
  const store = await openStore(options.store);
  const nats = await connect({
    servers: servers.split(','),
    name: 'holdfast centre',
    ...RECONNECT,
  });
  const journals = await connect({
    servers: servers.split(','),
    name: 'holdfast centre journals',
    ...RECONNECT,
  });
  const centre = await startCentre({ ...options, nats, journals, store, log, clock: systemClock });
  parentPort?.on('message', (message: ToWorker) => {
    if (message.kind === 'close') void close(centre, [nats, journals], store);
    else void centre.metrics().then((text) => tell({ kind: 'metrics', id: message.id, text }));
  });
  tell({ kind: 'ready' });
}

function openStore(options: StoreOptions): Promise<Books> {
  return options.kind === 'pglite' ? openPgliteThread(options.dir) : openPostgres(options.url);
}

async function close(centre: Centre, links: NatsConnection[], store: Books): Promise<void> {
  await centre.close();
  for (const link of links) await link.close();
  await store.close();
  process.exit(); // ends this thread alone
}
