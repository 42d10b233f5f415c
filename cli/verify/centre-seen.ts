import { StockDigest } from '../../actors/digest.ts';
import { actorKey } from '../../actors/ids.ts';
import type { Position } from '../../oms/position.ts';
import { PgliteSession } from '../../oms/store/pglite.ts';
import { openPostgres } from '../../oms/store/postgres.ts';
import { SerialDatabase } from '../../oms/store/serial-database.ts';
import { SqlStore } from '../../oms/store/sql-store.ts';
import type { Store } from '../../oms/store/store.ts';

/** What the centre's store says of the shards. */
export interface CentreSeen {
  readonly positions: ReadonlyMap<number, Position>;
  /** R2, of each shard's balances. */
  readonly digests: ReadonlyMap<number, string>;
  readonly ledgerLines: number;
}

export const NOTHING_SEEN: CentreSeen = {
  positions: new Map(),
  digests: new Map(),
  ledgerLines: 0,
};

/** Reads every page of the embedded store's tables: PostgreSQL checks their sums as it does. */
export async function readEmbedded(dir: string): Promise<CentreSeen> {
  const session = await PgliteSession.open(dir);
  try {
    const db = new SerialDatabase(session);
    const store = await SqlStore.open(db);
    const [row] = await db.query('select count(*) as n, sum(after) as s from ledger_line');
    return { ...(await readStore(store)), ledgerLines: Number(row?.n) };
  } finally {
    await session.close().catch(() => {}); // a damaged one may not even close
  }
}

export async function readPostgres(url: string): Promise<CentreSeen> {
  const store = await openPostgres(url);
  try {
    return { ...(await readStore(store)), ledgerLines: 0 };
  } finally {
    await store.close();
  }
}

async function readStore(store: Store): Promise<Omit<CentreSeen, 'ledgerLines'>> {
  const digests = new Map<number, StockDigest>();
  for await (const page of store.parts()) {
    for (const { owner, sku, warehouse, shard, seq, balances } of page) {
      const digest = digests.get(shard) ?? new StockDigest();
      digests.set(shard, digest);
      if (seq > 0) digest.add(actorKey(owner, sku, warehouse), seq, balances);
    }
  }
  return {
    positions: await store.watermarks(),
    digests: new Map([...digests].map(([shard, digest]) => [shard, digest.toString()])),
  };
}
