import { Pool } from 'pg';
import type { Entrant } from '../alternate.ts';
import { Latencies } from '../latencies.ts';
import type { Opened } from '../opened.ts';
import { perSecond } from '../stats.ts';
import type { Rate } from '../throughput/rate.ts';
import { CONNECTIONS } from '../throughput/shape.ts';
import { startCluster } from './postgres-cluster.ts';

const UNITS = 1_000_000_000;
const WARM_UP_MS = 500;
const ROUND_MS = 2_000;
const RESERVE = {
  name: 'reserve',
  text: 'UPDATE stock SET available = available - 1 WHERE sku = $1 AND available >= 1',
  values: ['HOT'],
};

/** One row that everybody wants, at PostgreSQL's default durability. Undefined where there is none. */
export async function openPostgres(opened: Opened): Promise<Entrant<Rate> | undefined> {
  const cluster = await startCluster(opened);
  if (cluster === undefined) return undefined;
  const pool = new Pool({ ...cluster, max: CONNECTIONS });
  pool.on('error', () => {}); // an idle connection cut; the next query tells
  opened.add(() => pool.end());
  await pool.query('CREATE TABLE stock (sku text PRIMARY KEY, available bigint NOT NULL)');
  await pool.query('INSERT INTO stock VALUES ($1, $2)', ['HOT', UNITS]);
  let acknowledged = 0;
  const run = async (ms: number): Promise<Rate> => {
    const latencies = new Latencies();
    const begun = performance.now();
    const lanes = Array.from({ length: CONNECTIONS }, () => lane(pool, begun + ms, latencies));
    await Promise.all(lanes);
    acknowledged += latencies.count;
    const took = performance.now() - begun;
    return { perSecond: perSecond(latencies.count, took), p99Us: latencies.us(99) };
  };
  return {
    warmUp: () => run(WARM_UP_MS),
    round: () => run(ROUND_MS),
    verify: () => verify(pool, acknowledged),
  };
}

/** One connection, one statement after another. */
async function lane(pool: Pool, untilMs: number, into: Latencies): Promise<void> {
  const client = await pool.connect();
  try {
    for (let now = performance.now(); now < untilMs; ) {
      const { rowCount } = await client.query(RESERVE);
      if (rowCount !== 1) throw new Error('PostgreSQL reserved nothing');
      const after = performance.now();
      into.add(after - now);
      now = after;
    }
  } finally {
    client.release();
  }
}

async function verify(pool: Pool, acknowledged: number): Promise<void> {
  const { rows } = await pool.query<{ available: string }>('SELECT available FROM stock');
  const reserved = UNITS - Number(rows[0]?.available);
  if (reserved === acknowledged) return;
  throw new Error(`PostgreSQL acknowledged ${acknowledged}, has ${reserved} reserved`);
}
