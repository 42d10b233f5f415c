import { StockDigest } from '../../actors/digest.ts';
import { actorKey } from '../../actors/ids.ts';
import { type NumberedRegion, placeNumber } from '../../oms/places.ts';
import type { Position } from '../../oms/position.ts';
import { PgliteSession } from '../../oms/store/pglite.ts';
import { openPostgres } from '../../oms/store/postgres.ts';
import { SerialDatabase } from '../../oms/store/serial-database.ts';
import { SqlStore } from '../../oms/store/sql-store.ts';
import type { Books } from '../../oms/store/store.ts';

/** What the centre's store says of one region's shards, by their numbers there. */
export interface RegionSeen {
  readonly positions: ReadonlyMap<number, Position>;
  /** R2, of each shard's balances. */
  readonly digests: ReadonlyMap<number, string>;
}

/** Of all regions. */
export interface CentreSeen {
  readonly ledgerLines: number;
  /** Of `shards` shards; nothing where it does not know the region. */
  of(region: string, shards: number): RegionSeen;
}

export const NOTHING_SEEN: CentreSeen = {
  ledgerLines: 0,
  of: () => ({ positions: new Map(), digests: new Map() }),
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

async function readStore(store: Books): Promise<Pick<CentreSeen, 'of'>> {
  const digests = new Map<number, StockDigest>();
  for await (const page of store.parts()) {
    for (const { owner, sku, warehouse, shard, seq, balances } of page) {
      const digest = digests.get(shard) ?? new StockDigest();
      digests.set(shard, digest);
      if (seq > 0) digest.add(actorKey(owner, sku, warehouse), seq, balances);
    }
  }
  const positions = await store.watermarks();
  const kept = await store.keptRegions();
  return {
    of(region, shards) {
      const numbered = kept.find((one) => one.region === region || one.region === '');
      const numbers = numbered === undefined ? [] : numbersOf(numbered, shards);
      return {
        positions: picked(numbers, (number) => positions.get(number)),
        digests: picked(numbers, (number) => digests.get(number)?.toString()),
      };
    },
  };
}

/** By shard, the centre's number of it. */
const numbersOf = (numbered: NumberedRegion, shards: number): number[] =>
  Array.from({ length: shards }, (_, shard) => placeNumber(numbered, shard));

function picked<T>(
  numbers: readonly number[],
  of: (number: number) => T | undefined,
): ReadonlyMap<number, T> {
  const found = new Map<number, T>();
  for (const [shard, number] of numbers.entries()) {
    const value = of(number);
    if (value !== undefined) found.set(shard, value);
  }
  return found;
}
