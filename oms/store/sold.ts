import { EVENT_KINDS } from '../../actors/stock/events.ts';
import { ACCOUNTS } from '../ledger.ts';
import type { Database } from './database.ts';

/** Some records of one shard: those after `after`, up to and with `upTo`. */
export interface SoldQuery {
  /** The centre's number of it. */
  readonly shard: number;
  readonly after: number;
  readonly upTo: number;
}

/** Units of one actor that one source promised, within an hour. */
export interface SoldRow {
  readonly actor: number;
  /** The selling point, where it was one: its life and the number in its log are the document. '' is home itself. */
  readonly source: string;
  readonly units: number;
  /** Of the newest of them, record time, epoch ms. */
  readonly atMs: number;
}

export interface Sold {
  readonly rows: readonly SoldRow[];
  /** The record time of the first of those that have lines; undefined where none has. Epoch ms. */
  readonly firstMs: number | undefined;
}

/** What was promised of stock in these records: by orders at home, and by sales of points as they came home. */
export async function readSold(
  db: Pick<Database, 'query'>,
  { shard, after, upTo }: SoldQuery,
): Promise<Sold> {
  const between = [shard, after, upTo];
  const [first] = await db.query(FIRST, between);
  if (first === undefined) return { rows: [], firstMs: undefined };
  const rows = await db.query(SOLD, between);
  return {
    firstMs: Number(first.recorded_at_ms),
    rows: rows.map((row) => ({
      actor: Number(row.actor),
      source: String(row.source),
      units: Number(row.units),
      atMs: Number(row.at_ms),
    })),
  };
}

const FIRST = `select recorded_at_ms from ledger_record
  where shard = $1 and number > $2 and number <= $3 order by number limit 1`;

const kind = (name: (typeof EVENT_KINDS)[number]): number => EVENT_KINDS.indexOf(name);

const SOLD = `select l.actor,
    case when l.doc ~ '^[A-Za-z0-9_-]+[.][0-9]+:[0-9]+$' then split_part(l.doc, '.', 1) else '' end as source,
    sum(l.change) as units, max(r.recorded_at_ms) as at_ms
  from ledger_line l join ledger_record r on r.shard = l.shard and r.number = l.number
  where l.shard = $1 and l.number > $2 and l.number <= $3
    and l.kind in (${kind('reserved')}, ${kind('sold')}) and l.account = ${ACCOUNTS.indexOf('allocated')}
    and l.quality = 0 and l.change > 0
  group by l.actor, source, r.recorded_at_ms / 3600000`;
