import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OwnerId, SkuId, WarehouseId } from '../../actors/ids.ts';
import { onHand } from '../../actors/stock/balances.ts';
import { type More, NO_MORE } from '../../actors/stock/commands.ts';
import { StartError } from '../../engine/errors.ts';
import { Actors } from '../../oms/actors.ts';
import { placeNumber } from '../../oms/places.ts';
import { openPglite } from '../../oms/store/pglite.ts';
import { openPostgres } from '../../oms/store/postgres.ts';
import type { BatchEntry, BatchQuery, Books } from '../../oms/store/store.ts';
import { keyOf } from '../../test/support/engine.ts';
import { Chunks } from '../support/chunks.ts';
import { findPostgres, type PostgresServer, startPostgres } from '../support/postgres.ts';

const OWNER = 'demo' as OwnerId;
const NAME = { owner: OWNER, sku: 'old' as SkuId };
const SLOW_MS = 120_000;

async function batchLines(
  books: Books,
  query: Partial<BatchQuery>,
  limit = 3,
): Promise<BatchEntry[]> {
  const found: BatchEntry[] = [];
  for (let after: BatchQuery['after']; ; ) {
    const page = await books.batchLedger({ owner: OWNER, ...query, after, limit });
    found.push(...page.lines);
    if (page.next === undefined) return found;
    after = page.next;
  }
}

const more = (said: Partial<More>): More => ({ ...NO_MORE, ...said });

/** Two batches and loose units that are received, put elsewhere, sold, found missing, damaged, recalled. */
function day(): Chunks {
  const chunks = new Chunks();
  const m = chunks.maker;
  const dates = { startMs: 1, expiresAtMs: 2e12, sellUntilMs: 1.9e12 };
  const lot = { location: 'A-1', batch: 'L1' };
  m.run({ op: 'receive', qty: 9, doc: 'PO-1', more: more({ lot, dates }) });
  m.run({ op: 'receive', qty: 4, doc: 'PO-2', more: more({ lot: { batch: 'L2' } }) });
  m.run({ op: 'receive', qty: 3, doc: 'PO-3' });
  chunks.record();
  m.run({ op: 'move', qty: 2, more: more({ lot, to: { location: 'B-7', container: 'T1' } }) });
  m.run({ op: 'move', qty: 1, more: more({ lot: { batch: '' }, to: { location: 'C-1' } }) });
  m.run({ op: 'reserve', qty: 5, hold: 'SO-1/1', doc: 'SO-1' });
  m.run({ op: 'short', qty: 1, hold: 'SO-1/1', more: more({ lot: { location: 'A-1' } }) });
  m.run({ op: 'pick', hold: 'SO-1/1' }).run({ op: 'pack', hold: 'SO-1/1' });
  chunks.record();
  m.run({ op: 'ship', hold: 'SO-1/1' });
  const damaged = more({ lot: { batch: 'L2' }, toQuality: 1 });
  m.run({ op: 'requality', qty: 1, doc: 'QC-1', reason: 'dented', more: damaged });
  m.run({ op: 'block', more: more({ lot: { batch: 'L2' }, why: 'recall' }) });
  m.run({ op: 'adjust', delta: -1, reason: 'lost', more: more({ lot: { batch: 'L1' } }) });
  chunks.record();
  return chunks;
}

const brief = (e: BatchEntry): string =>
  `${e.reason} ${e.batch} ${e.quality} ${e.qty}: ${e.placeFrom || 'outside'} → ${e.placeTo || 'outside'} ` +
  `${e.change} ${e.after}`;

function contract(open: () => Promise<Books>): void {
  let books: Books;
  beforeAll(async () => {
    books = await open();
  }, SLOW_MS);
  afterAll(() => books.close());

  test('F04 the batch ledger says which units went where, and what is left of their batch', async () => {
    const chunks = day();
    await books.write(chunks.of(1, 2));
    await books.write(chunks.of(2, 3)); // overlaps: nothing is written twice
    expect((await batchLines(books, { sku: 'A1' as SkuId })).map(brief)).toEqual([
      'received L1 qualified 9: outside → A-1 9 9',
      'received L2 qualified 4: outside → shelf 4 4',
      'moved L1 qualified 2: A-1 → B-7 [T1] 0 9',
      'moved  qualified 1: shelf → C-1 0 null',
      'shorted L1 qualified 1: A-1 → A-1 missing 0 9',
      'picked L1 qualified 5: A-1 → picked SO-1/1 0 9',
      'packed L1 qualified 5: picked SO-1/1 → packed SO-1/1 0 9',
      'shipped L1 qualified 5: packed SO-1/1 → outside -5 4',
      'dented L2 qualified 1: shelf → shelf -1 3',
      'dented L2 defective 1: shelf → shelf 1 1',
      'blocked L2 qualified 3: shelf → shelf recall 0 3',
      'lost L1 qualified 1: A-1 → outside -1 3',
    ]);
    const [first] = await batchLines(books, { doc: 'QC-1' });
    expect(first).toMatchObject({
      ...{ docType: 'inspection', doc: 'QC-1', batch: 'L2', kept: 'recall', startMs: 0 },
      ...{ qualityFrom: 'qualified', qualityTo: 'defective', actor: 'floor' },
    });
    const [l1] = await batchLines(books, { sku: 'A1' as SkuId, batch: 'L1' });
    expect(l1).toMatchObject({ startMs: 1, expiresAtMs: 2e12, kept: '', qualityFrom: null });
  });

  test('F04 batch ledger, stock ledger and stock agree, with units of no batch between', async () => {
    const state = day().maker.stockroom.get(keyOf('A1')) ?? expect.fail('no actor');
    const lines = await batchLines(books, { sku: 'A1' as SkuId });
    const left = new Map(
      lines.filter((e) => e.after !== null).map((e) => [`${e.batch} ${e.quality}`, e.after]),
    );
    const { detail } = state;
    const here = new Map<string, number>();
    for (const line of detail?.lines.values() ?? []) {
      if (line.batch === '') continue;
      const name = `${line.batch} ${line.quality === 0 ? 'qualified' : 'defective'}`;
      here.set(name, (here.get(name) ?? 0) + line.qty);
    }
    expect(left).toEqual(here);
    const page = await books.ledger({
      owner: OWNER,
      sku: 'A1' as SkuId,
      account: 'onHand',
      after: [],
      limit: 99,
    });
    const closing = page.lines.findLast((e) => e.quality === 'qualified')?.after;
    expect(closing).toBe(onHand(state.b, 0));
    const batched = [...left].reduce(
      (sum, [name, qty]) => sum + (name.endsWith('qualified') ? (qty ?? 0) : 0),
      0,
    );
    expect(closing).toBe(batched + 3);
  });

  test('R1 shard 1 of one region and shard 1 of another are two, in every table', async () => {
    const numbers = (await books.regions(['hub', 'eu'])).map((of) => placeNumber(of, 1)) as [
      number,
      number,
    ];
    const actors = new Actors();
    for (let i = 0; i < 30; i++) actors.add({ ...NAME, warehouse: `old-${i}` as WarehouseId }, 9);
    const made = numbers.map((number, i) => {
      const chunks = new Chunks(1, actors, number);
      const warehouse = i === 0 ? 'hub-1' : 'eu-1';
      const lot = { location: 'A-1', batch: 'L9' };
      const doc = 'SAME';
      chunks.maker.run({
        op: 'receive',
        qty: 3 + i,
        sku: 'B',
        warehouse,
        doc,
        more: more({ lot }),
      });
      chunks.record();
      return chunks;
    });
    for (const chunks of made) await books.write(chunks.all());
    for (const number of numbers) expect((await books.watermarks()).get(number)?.number).toBe(1);
    const query = { owner: OWNER, sku: 'B' as SkuId, after: [], limit: 9 };
    const { lines } = await books.ledger(query);
    expect(lines.map((l) => [l.shard, l.warehouse, l.after])).toEqual([
      [numbers[0], 'hub-1', 3],
      [numbers[1], 'eu-1', 4],
    ]);
    expect((await books.ledger({ ...query, doc: 'SAME' })).lines).toHaveLength(2);
    const first = await books.ledger({ ...query, sku: undefined, doc: 'SAME', limit: 1 });
    const next = await books.ledger({ ...query, doc: 'SAME', after: first.next ?? [] });
    expect(next.lines.map((l) => l.warehouse)).toEqual(['eu-1']);
    const lots = await batchLines(books, { sku: 'B' as SkuId, batch: 'L9' }, 1);
    expect(lots.map((l) => [l.shard, l.after])).toEqual([
      [numbers[0], 3],
      [numbers[1], 4],
    ]);
  });

  test('what was sold says from which selling point, or that it was at home, and leaves out the rest', async () => {
    const shard = 17;
    const chunks = new Chunks(shard);
    const m = chunks.maker;
    m.run({ op: 'receive', qty: 50, doc: 'PO-1' });
    chunks.record();
    m.run({ op: 'grant', qty: 20 });
    m.run({ op: 'sell', qty: 3, hold: 'SO-1', doc: 'eu.1:5' });
    m.run({ op: 'sell', qty: 4, hold: 'SO-2', doc: 'eu.2:1' });
    m.run({ op: 'reserve', qty: 5, hold: 'SO-3', doc: 'us.1:9' });
    m.run({ op: 'reserve', qty: 6, hold: 'SO-4', doc: 'SO-4' });
    m.run({ op: 'cancel', hold: 'SO-4' });
    chunks.record();
    await books.write(chunks.all());
    const { rows, firstMs } = await books.sold({ shard, after: 0, upTo: 2 });
    expect(firstMs).toBeGreaterThan(0);
    const units = rows.map(({ source, units }) => [source, units]).sort();
    expect(units).toEqual([
      ['', 6],
      ['eu', 7],
      ['us', 5],
    ]);
    expect((await books.sold({ shard, after: 0, upTo: 1 })).rows).toEqual([]);
    expect(await books.sold({ shard, after: 2, upTo: 9 })).toEqual({
      rows: [],
      firstMs: undefined,
    });
  });

  test('a region has its number for good, and none is left out', async () => {
    const before = await books.keptRegions();
    expect(before).toEqual([
      { region: 'hub', number: 0 },
      { region: 'eu', number: 1 },
    ]);
    expect(await books.regions(['us', 'eu', 'hub'])).toEqual([
      ...before,
      { region: 'us', number: 2 },
    ]);
    await expect(books.regions(['hub', 'us'])).rejects.toThrow(/has region eu/);
    await expect(books.regions(['local'])).rejects.toThrow(StartError);
    expect(await books.keptRegions()).toHaveLength(3);
  });
}

describe('Books on PGlite', () => {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-books-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  contract(() => openPglite(join(root, 'books')));
});

const bin = findPostgres();
describe.skipIf(bin === undefined)(
  `Books on PostgreSQL${bin === undefined ? ' (skipped: no PostgreSQL on this machine)' : ''}`,
  () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await startPostgres(bin as string);
    }, SLOW_MS);
    afterAll(() => server.stop());
    contract(async () => openPostgres(server.url));
  },
);
