/** The centre's own pieces over a journal in memory, in a process of their own. */
import { pino } from 'pino';
import { sleep, systemClock } from '../../engine/clock.ts';
import { openShards } from '../../oms/shards.ts';
import type { Sources } from '../../oms/source.ts';
import { openPgliteThread } from '../../oms/store/pglite-thread.ts';
import { openPostgres } from '../../oms/store/postgres.ts';
import type { Store } from '../../oms/store/store.ts';
import { serveParent } from '../child.ts';
import { perSecond } from '../stats.ts';
import { type MadeJournal, madeJournal } from './journal.ts';
import { madeSources, memoryOnly } from './made-source.ts';
import { SHAPE } from './shape.ts';

export type CentreOrder =
  | { readonly kind: 'merge' }
  | { readonly kind: 'pglite'; readonly dir: string }
  | { readonly kind: 'postgres'; readonly url: string };

/** Of one journal; the first ones are for the compiler. */
const MERGE_PASSES = 7;
const LOOK_MS = 5;

const journal = madeJournal(SHAPE);

serveParent('ready', async (order: CentreOrder): Promise<readonly number[]> => {
  if (order.kind === 'merge') return merging();
  const store =
    order.kind === 'pglite' ? await openPgliteThread(order.dir) : await openPostgres(order.url);
  try {
    return [await run(store, madeSources(journal), 'durable')];
  } finally {
    await store.close();
  }
});

/** Changes a second from journal records to availability: checked, read, merged. */
async function merging(): Promise<number[]> {
  const rates: number[] = [];
  for (let pass = 0; pass < MERGE_PASSES; pass++) {
    rates.push(await run(NO_STORE, memoryOnly(journal), 'memory'));
  }
  return rates;
}

/** Changes a second until the position that is asked for is at the journal's end. */
async function run(store: Store, sources: Sources, of: 'memory' | 'durable'): Promise<number> {
  const { aggregators } = await openShards({
    ...{
      regions: [{ region: 'local', number: 0 }],
      shards: 1,
      store,
      clock: systemClock,
      log: pino({ level: 'error' }, pino.destination(2)),
    },
    sources: () => sources,
    onChanged: () => {},
  });
  const [aggregator] = aggregators;
  if (aggregator === undefined) throw new Error('unreachable');
  const last = lastOf(journal);
  const begunMs = systemClock.monoMs();
  aggregator.start();
  for (;;) {
    const { memory, history, state } = aggregator;
    if (state.kind === 'broken') throw new Error(state.why);
    if ((of === 'memory' ? memory : history.durable).number === last) break;
    await sleep(systemClock, of === 'memory' ? 0 : LOOK_MS);
  }
  const rate = perSecond(journal.changes, systemClock.monoMs() - begunMs);
  await aggregator.close();
  return rate;
}

const lastOf = ({ stored }: MadeJournal): number => stored.length;

const NO_STORE: Store = {
  watermarks: async () => new Map(),
  async *parts() {},
  write: () => Promise.reject(new Error('nothing is to be written')),
  ledger: async () => ({ lines: [], next: undefined }),
  close: async () => {},
};
