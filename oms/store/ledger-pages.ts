import type { Database, Row } from './database.ts';
import type { LedgerEntry, LedgerPage, LedgerQuery, Mark } from './store.ts';

/**
 * Lines of a shard looked at for one page, at most, when neither a SKU nor a document narrows the
 * search: an embedded database holds its thread while it looks. Most often as many as the page takes will do.
 */
const WINDOW_LINES = 20_000;
/** And records, which are found before their lines are. */
const WINDOW_RECORDS = 4_000;
/** Looks again at so many times as much, where a page got less than half of what it takes. */
const WIDER = 5;

/** One page. Marks are kept for each shard, so that lines which arrive late are not missed. */
export async function readLedger(db: Database, query: LedgerQuery): Promise<LedgerPage> {
  const marks = await marksOf(db, query);
  if (query.doc !== undefined) return pageOf(marks, query, await linesOfDoc(db, query, marks));
  if (query.sku !== undefined) return pageOf(marks, query, await linesOfSku(db, query, marks));
  for (let lines = query.limit; ; lines *= WIDER) {
    const isWidest = lines >= WINDOW_LINES;
    const page = await window(db, query, marks, Math.min(lines, WINDOW_LINES));
    const isFew = page.next !== undefined && page.lines.length < query.limit / 2;
    if (!isFew || isWidest) return page;
  }
}

/** Through the filter of documents, never along the primary key: the hits are few and far between. */
async function linesOfDoc(
  db: Database,
  query: LedgerQuery,
  marks: readonly Mark[],
): Promise<LedgerEntry[]> {
  const { value, values } = parameters();
  const found = `select * from ledger where ${filters(query, value).join(' and ')}`;
  const unseen = marks.map((m) => `(shard = ${m.shard} and ${isAfter(m)})`).join(' or ');
  return select(
    db,
    `with found as materialized (${found}) select * from found where ${unseen || 'false'}`,
    query,
    values,
  );
}

/** Actor by actor along its own index. */
async function linesOfSku(
  db: Database,
  query: LedgerQuery,
  marks: readonly Mark[],
): Promise<LedgerEntry[]> {
  const actors = await db.query('select id, shard from actor where owner = $1 and sku = $2', [
    query.owner,
    query.sku,
  ]);
  const { value, values } = parameters();
  const where = filters(query, value).join(' and ');
  const parts = actors.flatMap(({ id, shard }) => {
    const mark = marks.find((m) => m.shard === Number(shard));
    return mark === undefined
      ? []
      : [part(`actor_id = ${Number(id)} and ${isAfter(mark)} and ${where}`, query)];
  });
  return select(db, parts.join(' union all '), query, values);
}

/** All of an owner's lines: a bounded stretch of every shard. */
async function window(
  db: Database,
  query: LedgerQuery,
  marks: readonly Mark[],
  most: number,
): Promise<LedgerPage> {
  const stretches = await Promise.all(marks.map((mark) => stretchAfter(db, mark, most)));
  // Lines past the end of one shard's stretch come before later ones of another shard.
  const ends = stretches.filter((s) => s.hasMore);
  const horizonMs = Math.min(
    query.toMs ?? Number.MAX_SAFE_INTEGER,
    ...ends.map((e) => e.recordedAtMs + 1),
  );
  const { value, values } = parameters();
  const where = filters({ ...query, toMs: horizonMs }, value).join(' and ');
  const parts = stretches.map(({ shard, from, to }) => {
    const between = `shard = ${shard} and number between ${from.number} and ${to.number}`;
    return part(`${between} and ${isAfter(from)} and ${where}`, query);
  });
  const lines = await select(db, parts.join(' union all '), query, values);
  const nearest = ends.find((e) => e.recordedAtMs + 1 === horizonMs);
  if (lines.length === query.limit || nearest === undefined) return pageOf(marks, query, lines);
  const next = advance(marks, lines).map((m) => (m.shard === nearest.shard ? nearest.to : m));
  return { lines, next };
}

const pageOf = (
  marks: readonly Mark[],
  { limit }: LedgerQuery,
  lines: LedgerEntry[],
): LedgerPage => ({
  lines,
  next: lines.length < limit ? undefined : advance(marks, lines),
});

const part = (where: string, { limit }: LedgerQuery): string =>
  `(select * from ledger where ${where} order by number, line limit ${limit})`;

async function select(
  db: Database,
  text: string,
  { limit }: LedgerQuery,
  values: readonly unknown[],
): Promise<LedgerEntry[]> {
  if (text === '') return [];
  const order = 'order by recorded_at_ms, shard, number, line';
  const rows = await db.query(`select * from (${text}) as found ${order} limit ${limit}`, values);
  return rows.map(entryOf);
}

function parameters(): { values: unknown[]; value: (v: unknown) => string } {
  const values: unknown[] = [];
  return { values, value: (v) => `$${values.push(v)}` };
}

function filters(q: LedgerQuery, value: (v: unknown) => string): string[] {
  const found = [`owner = ${value(q.owner)}`];
  if (q.sku !== undefined) found.push(`sku = ${value(q.sku)}`);
  if (q.warehouse !== undefined) found.push(`warehouse = ${value(q.warehouse)}`);
  if (q.doc !== undefined) found.push(`doc = ${value(q.doc)}`);
  if (q.account !== undefined) found.push(`account = ${value(q.account)}`);
  if (q.quality !== undefined) found.push(`quality = ${value(q.quality)}`);
  if (q.fromMs !== undefined) found.push(`recorded_at_ms >= ${value(q.fromMs)}`);
  if (q.toMs !== undefined) found.push(`recorded_at_ms < ${value(q.toMs)}`);
  return found;
}

const isAfter = ({ number, line }: Mark): string =>
  `(number, line) > (${Number(number)}, ${Number(line)})`;

/** Where to begin in each shard: where the last page ended, or at `fromMs`. */
async function marksOf(db: Database, { after, fromMs }: LedgerQuery): Promise<Mark[]> {
  const marks: Mark[] = [];
  for (const row of await db.query('select shard, number from watermark order by shard')) {
    const shard = Number(row.shard);
    const known = after.find((m) => m.shard === shard);
    marks.push(known ?? (await markBefore(db, shard, Number(row.number), fromMs ?? 0)));
  }
  return marks;
}

/** Record times never fall along a shard, so a few looks find the place. */
async function markBefore(db: Database, shard: number, last: number, ms: number): Promise<Mark> {
  let mark: Mark = { shard, epoch: 0, number: 0, line: -1 };
  let low = 0;
  let high = ms === 0 ? 0 : last;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [row] = await db.query(LAST_UP_TO, [shard, middle]);
    if (row !== undefined && Number(row.recorded_at_ms) >= ms) {
      high = middle;
    } else {
      if (row !== undefined) mark = markOf(row);
      low = middle + 1;
    }
  }
  return mark;
}

const LAST_UP_TO = `select shard, epoch, number, lines - 1 as line, recorded_at_ms
  from ledger_record where shard = $1 and number <= $2 order by number desc limit 1`;

/** The records of one shard that are looked at for one page. */
interface Stretch {
  readonly shard: number;
  /** They come after it, or hold it. */
  readonly from: Mark;
  /** The last line of the last one. */
  readonly to: Mark;
  readonly recordedAtMs: number;
  /** Whether there are more after it. */
  readonly hasMore: boolean;
}

async function stretchAfter(db: Database, from: Mark, most: number): Promise<Stretch> {
  const mostRecords = Math.min(most + 1, WINDOW_RECORDS);
  const records = await db.query(RECORDS_FROM, [from.shard, from.number, mostRecords]);
  // Of the first record, those after the mark.
  let lines = Number(records[0]?.number) === from.number ? -1 - from.line : 0;
  let count = 0;
  while (count < records.length && lines < most) lines += Number(records[count++]?.lines);
  const last = records[count - 1];
  const hasMore = count < records.length || count === mostRecords;
  const to = last === undefined ? from : markOf(last);
  return { shard: from.shard, from, to, recordedAtMs: Number(last?.recorded_at_ms), hasMore };
}

const RECORDS_FROM = `select shard, epoch, number, lines - 1 as line, lines, recorded_at_ms
  from ledger_record where shard = $1 and number >= $2 order by number limit $3`;

/** Each shard's mark moved to its last line of this page. */
function advance(marks: readonly Mark[], lines: readonly LedgerEntry[]): Mark[] {
  return marks.map((mark) => {
    const { shard, epoch, number, line } = lines.findLast((l) => l.shard === mark.shard) ?? mark;
    return { shard, epoch, number, line };
  });
}

const markOf = (row: Row | Mark): Mark => ({
  shard: Number(row.shard),
  epoch: Number(row.epoch),
  number: Number(row.number),
  line: Number(row.line),
});

const entryOf = (row: Row): LedgerEntry => ({
  ...markOf(row),
  hash: String(row.hash),
  owner: String(row.owner),
  sku: String(row.sku),
  warehouse: String(row.warehouse),
  actorSeq: Number(row.actor_seq),
  occurredAtMs: Number(row.occurred_at_ms),
  recordedAtMs: Number(row.recorded_at_ms),
  docType: String(row.doc_type),
  doc: String(row.doc),
  docLine: String(row.doc_line),
  reason: String(row.reason),
  actor: String(row.actor),
  quality: String(row.quality),
  account: String(row.account),
  change: Number(row.change),
  before: Number(row.before),
  after: Number(row.after),
});
