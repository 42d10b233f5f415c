import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from '../child.ts';
import type { Opened } from '../opened.ts';
import { startCluster } from '../peers/postgres-cluster.ts';
import { median } from '../stats.ts';
import { catchUp } from './catch-up.ts';
import type { CentreOrder } from './worker.ts';

const WORKER = new URL('./worker.js', import.meta.url);
const LIMIT_MS = 180_000;

/** How fast the centre is behind a journal that is there already. */
export interface CentreRates {
  /** Changes a second from records to availability in memory. */
  readonly merge: number;
  /** Ledger lines a second from records to the embedded store, merged in memory too. */
  readonly lines: number;
  /** The same to PostgreSQL; undefined where there is none. */
  readonly linesPostgres: number | undefined;
  /** Ledger lines a second of a centre that starts behind a journal in JetStream. */
  readonly catchUp: number;
}

export async function centre(
  opened: Opened,
  say: (line: string) => void = () => {},
): Promise<CentreRates> {
  say('centre: merging in memory');
  const merge = median(await ask(opened, { kind: 'merge' }));
  say('centre: history, embedded');
  const lines = await embedded(opened);
  say('centre: history, PostgreSQL');
  const linesPostgres = await inPostgres(opened);
  say('centre: catching up');
  try {
    return { merge, lines, linesPostgres, catchUp: await catchUp(opened) };
  } finally {
    await opened.close();
  }
}

async function embedded(opened: Opened): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-history-'));
  opened.add(() => rm(dir, { recursive: true, force: true }));
  return first(await ask(opened, { kind: 'pglite', dir: join(dir, 'centre') }));
}

async function inPostgres(opened: Opened): Promise<number | undefined> {
  const cluster = await startCluster(opened);
  if (cluster === undefined) return undefined;
  const { host, port, user, password, database } = cluster.cluster;
  const url = `postgres://${user}:${password}@${host}:${port}/${database}`;
  return first(await ask(opened, { kind: 'postgres', url }));
}

/** Asks a process of its own; closes what was opened for it. */
async function ask(opened: Opened, order: CentreOrder): Promise<readonly number[]> {
  try {
    const { child } = await Child.start<string, CentreOrder, readonly number[]>(WORKER, opened);
    return await child.ask(order, LIMIT_MS);
  } finally {
    await opened.close();
  }
}

function first(rates: readonly number[]): number {
  const [rate] = rates;
  if (rate === undefined) throw new Error('nothing was measured');
  return rate;
}
