import { parentPort, workerData } from 'node:worker_threads';
import { connect } from '@nats-io/transport-node';
import { pino } from 'pino';
import { RulesStore } from '../../rules/store.ts';
import { messageOfError } from '../errors.ts';
import { RECONNECT } from '../reconnect.ts';
import type { AskName, Asks, FromWorker, ToWorker, WorkerOptions } from './asks.ts';
import { natsWire } from './wire.ts';

const tell = (message: FromWorker): void => parentPort?.postMessage(message);

try {
  await run(workerData as WorkerOptions);
} catch (e) {
  tell({ kind: 'failed', why: messageOfError(e) });
  process.exit(1); // ends this thread alone
}

async function run({ servers, dir, node, logLevel }: WorkerOptions): Promise<void> {
  const log = pino({ level: logLevel, base: null }, pino.destination({ dest: 2, sync: true }));
  // The library tells its troubles there, and stdout is for answers.
  console.log = (...told: unknown[]) => log.warn({ told }, 'rules');
  const nats = await connect({ servers: servers.split(','), name: 'holdfast rules', ...RECONNECT });
  const store = await RulesStore.open({ dir, node, wire: natsWire(nats), log });
  store.onChange((owner, standing) => tell({ kind: 'standing', owner, standing }));
  for (const owner of store.owners) {
    const standing = store.standingOf(owner);
    if (standing !== undefined) tell({ kind: 'standing', owner, standing });
  }
  parentPort?.on('message', async (message: ToWorker) => {
    if (message.kind === 'close') {
      await store.close();
      await nats.close();
      process.exit(); // ends this thread alone
    }
    const { id, name, asked } = message;
    try {
      tell({ kind: 'told', id, told: await answer(store, name, asked) });
    } catch (e) {
      log.error({ err: e, name }, 'a question about rules failed');
      tell({ kind: 'wrong', id, why: messageOfError(e) });
    }
  });
  tell({ kind: 'ready' });
}

type Answers = { [Name in AskName]: (asked: Asks[Name]['asked']) => unknown };

function answer(store: RulesStore, name: AskName, asked: unknown): unknown {
  const answers: Answers = {
    show: ({ owner }) => store.show(owner),
    history: ({ owner }) => store.history(owner),
    check: ({ owner, ops }) => store.check(owner, ops),
    dryRun: ({ owner, ops, figures, nowMs }) => store.dryRun(owner, ops, figures, nowMs),
    edit: ({ owner, ops, who, nowMs }) => store.edit(owner, ops, who, nowMs),
  };
  return (answers[name] as (asked: unknown) => unknown)(asked);
}
