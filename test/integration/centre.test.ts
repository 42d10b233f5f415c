import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../engine/clock.ts';
import type { ShardInfo } from '../../engine/info.ts';
import { hashOf, type Sealed, seal } from '../../engine/record.ts';
import {
  ALL_STOCK,
  journalStream,
  shardInfoSubject,
  slotOf,
  watermarkSubject,
} from '../../engine/subjects.ts';
import { type Centre, startCentre } from '../../oms/centre.ts';
import type { ChangeEvent } from '../../oms/changes.ts';
import type { AvailabilityAnswer } from '../../oms/services/availability.ts';
import type { DigestAnswer } from '../../oms/services/digest.ts';
import type { LedgerAnswer, LedgerRow } from '../../oms/services/ledger.ts';
import type { StockAnswer } from '../../oms/services/stock.ts';
import { openPglite } from '../../oms/store/pglite.ts';
import type { Books } from '../../oms/store/store.ts';
import type { Step } from '../support/journal-maker.ts';
import { JournalShard } from '../support/journal-shard.ts';
import { type NatsServer, startNats } from '../support/nats.ts';

const REGION = 'test';
const SHARDS = 2;
/** A warehouse of each shard. */
const WAREHOUSES = Array.from({ length: SHARDS }, (_, shard) => {
  for (let i = 1; ; i++) if (slotOf(`W${i}`, SHARDS) === shard) return `W${i}`;
}) as [string, string];
const [W0, W1] = WAREHOUSES;

const root = mkdtempSync(join(tmpdir(), 'holdfast-centre-'));
/** An empty store, made once: making one takes seconds. */
const template = join(root, 'template');

beforeAll(async () => {
  await (await openPglite(template)).close();
}, 120_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('the centre', () => {
  const errors: string[] = [];
  const log = pino({ level: 'error' }, { write: (line) => errors.push(line) });
  let made = 0;
  let server: NatsServer;
  let nats: NatsConnection;
  let dir: string;
  let store: Books;
  let centre: Centre;
  let shards: [JournalShard, JournalShard];

  beforeEach(async () => {
    errors.length = 0;
    server = await startNats({ sync: 'always' });
    nats = await server.connect();
    dir = join(root, String(++made));
    cpSync(template, dir, { recursive: true });
    await start();
    shards = [await open(0), await open(1)];
  });
  afterEach(async () => {
    await stop();
    await server.stop();
  });

  const open = (shard: number): Promise<JournalShard> =>
    JournalShard.open(nats, REGION, shard, WAREHOUSES[shard] as string);

  async function start(wrap: (store: Books) => Books = (s) => s): Promise<void> {
    store = wrap(await openPglite(dir));
    centre = await startCentre({
      ...{ nats, region: REGION, shards: SHARDS, store, log, clock: systemClock },
      defaultOwner: 'demo',
    });
  }

  async function stop(): Promise<void> {
    await centre.close();
    await store.close();
  }

  async function ask<T>(name: string, request: unknown = {}): Promise<T> {
    const answer = await nats.request(`inv.oms.${name}`, JSON.stringify(request));
    return answer.json<T>();
  }

  const available = async (sku: string, warehouse?: string): Promise<number> =>
    ((await ask<AvailabilityAnswer>('availability', { sku, warehouse })) as { available: number })
      .available;

  /** Waits until every shard's last record is merged and in SQL. */
  const settled = (): Promise<void> =>
    vi.waitFor(
      () => {
        for (const { shard, memory, durable } of centre.positions()) {
          const { number } = (shards[shard] as JournalShard).maker.head;
          expect([memory.number, durable.number]).toEqual([number, number]);
        }
      },
      { timeout: 15_000 },
    );

  async function ledger(request: Record<string, unknown> = {}): Promise<LedgerRow[]> {
    const lines: LedgerRow[] = [];
    let after: string | null | undefined;
    while (after !== null) {
      const page: LedgerAnswer = await ask('ledger', { ...request, after });
      lines.push(...page.lines);
      after = page.after;
    }
    return lines;
  }

  test('availability is summed over warehouses and says as of when', async () => {
    await shards[0].commit({ op: 'receive', qty: 10 }, { op: 'reserve', qty: 3, hold: 'h' });
    await shards[1].commit({ op: 'receive', qty: 5 }, { op: 'receive', qty: 2, quality: 1 });
    await settled();
    const answer = await ask<AvailabilityAnswer>('availability', { sku: 'A1' });
    expect(answer).toMatchObject({
      owner: 'demo',
      sku: 'A1',
      known: true,
      onHand: 17,
      qualified: 15,
      defective: 2,
      allocated: 3,
      available: 12,
      warehouses: {
        [W0]: { onHand: 10, allocated: 3, available: 7, seq: 2 },
        [W1]: { onHand: 7, qualified: 5, defective: 2, available: 5, seq: 2 },
      },
    });
    expect(answer.asOf).toEqual(
      shards.map(({ maker }) => ({
        region: REGION,
        shard: maker.shard,
        epoch: 1,
        number: 1,
        seq: 1,
        recordedAt: new Date(maker.head.timeMs).toISOString(),
        state: 'following',
      })),
    );
    expect(answer.ageMs).toBeLessThan(1_000);
    const one = await ask<AvailabilityAnswer>('availability', { sku: 'A1', warehouse: W1 });
    expect(one).toMatchObject({ onHand: 7, warehouses: { [W1]: { onHand: 7 } } });
    expect(one.asOf.map((a) => a.shard)).toEqual([1]);
    const many = await ask<AvailabilityAnswer>('availability', { skus: ['A1', 'never'] });
    expect(many).toMatchObject({
      items: [
        { sku: 'A1', available: 12 },
        { sku: 'never', known: false, onHand: 0, available: 0, warehouses: {} },
      ],
    });
  });

  test('stock comes in pages', async () => {
    const skus = Array.from({ length: 25 }, (_, i) => `S${i}`);
    await shards[0].commit(...skus.map((sku): Step => ({ op: 'receive', qty: 1, sku })));
    await shards[1].commit({ op: 'receive', qty: 1, sku: 'S3' });
    await shards[1].commit({ op: 'receive', qty: 9, owner: 'other', sku: 'S3' });
    await settled();
    const seen: string[] = [];
    let after: string | null | undefined;
    while (after !== null) {
      const page: StockAnswer = await ask('stock', { after, limit: 10 });
      expect(page.parts.length).toBeLessThanOrEqual(10);
      seen.push(...page.parts.map((p) => `${p.sku}@${p.warehouse}`));
      after = page.after;
    }
    const all = [...skus.map((s) => `${s}@${W0}`), `S3@${W1}`];
    expect(seen.toSorted()).toEqual(all.toSorted());
    expect((await ask<StockAnswer>('stock', { sku: 'S3' })).parts).toHaveLength(2);
    expect((await ask<StockAnswer>('stock', { warehouse: W1 })).parts).toHaveLength(1);
    expect((await ask<StockAnswer>('stock', { owner: 'other' })).parts).toMatchObject([
      { sku: 'S3', onHand: 9, available: 9 },
    ]);
  });

  test('the ledger tells the story of an order', async () => {
    const hold = 'SO-1/1';
    await shards[0].commit({ op: 'receive', qty: 10, doc: 'PO-1' });
    await shards[0].commit({ op: 'reserve', qty: 4, hold, doc: 'SO-1' });
    await shards[0].commit({ op: 'pick', hold }, { op: 'pack', hold }, { op: 'ship', hold });
    await settled();
    const story = await ledger({ sku: 'A1' });
    expect(story.map((l) => [l.docType, l.doc, l.reason, l.account, l.before, l.after])).toEqual([
      ['receipt', 'PO-1', 'received', 'onHand', 0, 10],
      ['order', 'SO-1', 'reserved', 'allocated', 0, 4],
      ['order', 'SO-1', 'shipped', 'onHand', 10, 6],
      ['order', 'SO-1', 'shipped', 'allocated', 4, 0],
    ]);
    expect(await ledger({ doc: 'SO-1', account: 'onHand', limit: 1 })).toHaveLength(1);
    const { recordedAt } = story[1] as LedgerRow;
    expect(await ledger({ from: recordedAt })).toHaveLength(3);
    expect(await ledger({ to: recordedAt })).toHaveLength(1);
    const { asOf } = await ask<LedgerAnswer>('ledger');
    expect(asOf).toMatchObject([{ shard: 0, number: 3, state: 'following' }, { shard: 1 }]);
  });

  test('a bad request is told what to send', async () => {
    const cases = [
      ['availability', 'nonsense', 'send one JSON object'],
      ['availability', '[]', 'send one JSON object'],
      ['availability', '', 'send either "sku", one SKU, or "skus", a list of them'],
      ['availability', '{"sku":7}', 'sku is a text'],
      ['availability', '{"sku":"A1","colour":"red"}', 'there is no field colour'],
      ['stock', '{"limit":5000}', 'limit is a whole number from 1 to 1000'],
      ['stock', '{"after":"x"}', 'after is not a cursor of this service'],
      ['ledger', '{"from":"yesterday"}', 'from and to are times in ISO form'],
      ['ledger', '{"account":"cash"}', 'account is one of onHand, allocated, inTransit'],
      ['ledger', '{"owner":"a.b"}', 'owner is 1–32 of'],
      ['digest', '{"shard":1}', 'there is no field shard'],
    ] as const;
    for (const [name, request, sentence] of cases) {
      const answer = await nats.request(`inv.oms.${name}`, request);
      expect(answer.headers?.get('Nats-Service-Error-Code')).toBe('400');
      expect(answer.headers?.get('Nats-Service-Error')).toContain(sentence);
      const message = expect.stringContaining(sentence);
      expect(answer.json()).toMatchObject({ error: { code: 400, message } });
    }
  });

  test('it is a service that ping, info and stats know', async () => {
    await ask('stock');
    const info = (await nats.request('$SRV.INFO.holdfast-oms')).json<{
      endpoints: { name: string; subject: string }[];
    }>();
    expect(info.endpoints.map((e) => e.subject)).toEqual(
      ['availability', 'stock', 'ledger', 'batchLedger', 'digest'].map((name) => `inv.oms.${name}`),
    );
    expect((await nats.request('$SRV.PING.holdfast-oms')).json()).toMatchObject({
      name: 'holdfast-oms',
    });
    expect((await nats.request('$SRV.STATS.holdfast-oms')).json()).toMatchObject({
      endpoints: [{ num_requests: 0 }, { num_requests: 1 }, {}, {}, {}],
    });
  });

  test('R2 digests are equal at rest, and it says when they are not', async () => {
    const answerInfo = (shard: JournalShard, info: () => ShardInfo): void => {
      nats.subscribe(shardInfoSubject(REGION, shard.maker.shard), {
        callback: (_, message) => {
          message.respond(JSON.stringify(info()));
        },
      });
    };
    await shards[0].commit({ op: 'receive', qty: 10 }, { op: 'reserve', qty: 3, hold: 'h' });
    await shards[1].commit({ op: 'receive', qty: 5 });
    await settled();
    const alone = await ask<DigestAnswer>('digest');
    expect(alone).toMatchObject({ equal: null, shards: [{ region: null, equal: null }, {}] });
    expect(alone.shards[0]?.regionWhy).toContain('no node of the region answers');
    answerInfo(shards[0], () => shards[0].info());
    let digest = shards[1].info().digest;
    answerInfo(shards[1], () => ({ ...shards[1].info(), digest }));
    expect(await ask<DigestAnswer>('digest')).toMatchObject({
      regions: [REGION],
      equal: true,
      shards: shards.map((s) => ({ equal: true, centre: { number: 1, digest: s.info().digest } })),
    });
    digest = '1:0000000000000000';
    expect(await ask<DigestAnswer>('digest')).toMatchObject({
      equal: false,
      shards: [{ equal: true }, { equal: false }],
    });
  });

  test('every change is an event and a last value, in plain JSON', async () => {
    const heard: Msg[] = [];
    nats.subscribe(ALL_STOCK, { callback: (_, message) => void heard.push(message) });
    await shards[0].commit({ op: 'receive', qty: 10, sku: 'A.1 *' });
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    await shards[0].commit({ op: 'reserve', qty: 4, hold: 'h', sku: 'A.1 *' });
    await vi.waitFor(() => expect(heard).toHaveLength(2));
    const message = heard[1] as Msg;
    expect(message.subject).toBe(`inv.stock.demo.${W0}.A=2E1=20=2A`);
    expect(message.json<ChangeEvent>()).toMatchObject({
      owner: 'demo',
      sku: 'A.1 *',
      warehouse: W0,
      seq: 2,
      stock: { onHand: 10, allocated: 4, available: 6 },
      asOf: { shard: 0, number: 2 },
    });
    const jsm = await jetstreamManager(nats);
    const last = await jsm.streams.getMessage('KV_STOCK', {
      last_by_subj: `$KV.STOCK.demo.${W0}.A=2E1=20=2A`,
    });
    expect(last?.json()).toEqual(message.json());
  });

  test('last values are filled again after the server has lost them', async () => {
    await shards[0].commit({ op: 'receive', qty: 10 });
    await shards[1].commit({ op: 'receive', qty: 10 });
    await settled();
    await server.restart();
    await vi.waitFor(
      async () => {
        const jsm = await jetstreamManager(nats);
        expect((await jsm.streams.info('KV_STOCK')).state.messages).toBe(2);
      },
      { timeout: 15_000 },
    );
  });

  test('R1 a centre that is stopped in the middle goes on where it was, nothing twice', async () => {
    for (let i = 0; i < 60; i++) {
      await shards[(i % 2) as 0 | 1].commit({
        op: 'receive',
        qty: 1,
        doc: `PO-${i}`,
        sku: `S${i % 7}`,
      });
      if (i % 15 !== 7) continue;
      await stop();
      await start();
    }
    await settled();
    const docs = (await ledger({ limit: 17 })).map((l) => l.doc);
    expect(docs.toSorted()).toEqual(Array.from({ length: 60 }, (_, i) => `PO-${i}`).toSorted());
    expect(await available('S0')).toBe(9);
    expect(errors).toEqual([]);
  });

  test('R1 it answers as before right after a start, from what it has on disk', async () => {
    await shards[0].commit({ op: 'receive', qty: 10 }, { op: 'receive', qty: 1, quality: 3 });
    await settled();
    const before = await ask<StockAnswer>('stock');
    await stop();
    await server.kill();
    await server.restart();
    await start();
    expect((await ask<StockAnswer>('stock')).parts).toEqual(before.parts);
  });

  test('kills of nats-server are ridden out, nothing is lost or twice', async () => {
    let count = 0;
    const write = async (): Promise<void> => {
      for (let i = 0; i < 40; i++, count++) {
        await shards[0].commit({ op: 'receive', qty: 1, doc: `PO-${count}` });
      }
    };
    for (let round = 0; round < 3; round++) {
      const writing = write();
      await new Promise((resolve) => setTimeout(resolve, 30));
      await server.kill();
      await server.restart();
      await writing;
    }
    await settled();
    expect(await available('A1')).toBe(120);
    const lines = await ledger({ sku: 'A1' });
    expect(lines.map((l) => l.after)).toEqual(Array.from({ length: 120 }, (_, i) => i + 1));
    expect(errors).toEqual([]);
  });

  test.each<[string, string, (shard: JournalShard) => Pick<Sealed, 'bytes' | 'hash'>]>([
    [
      'a flipped bit',
      'its content does not match its hash',
      ({ maker }) => {
        const sealed = maker.run({ op: 'receive', qty: 1, warehouse: W0 }).record();
        const bytes = sealed.bytes.slice();
        bytes[20] = (bytes[20] as number) ^ 4;
        return { bytes, hash: sealed.hash };
      },
    ],
    [
      'bytes that are no record',
      'is damaged',
      () => {
        const bytes = new TextEncoder().encode('what is this');
        return { bytes, hash: hashOf(bytes) };
      },
    ],
    [
      'a record that is left out',
      'it should be number 2',
      ({ maker }) => {
        maker.run({ op: 'receive', qty: 1, warehouse: W0 }).record();
        return maker.run({ op: 'receive', qty: 1, warehouse: W0 }).record();
      },
    ],
    [
      'a record of another chain',
      'it does not follow the record before it',
      ({ maker }) =>
        seal(0, { ...maker.head, hash: 'a'.repeat(32) }, 1, maker.head.timeMs, { kind: 'fence' }),
    ],
    [
      'an older epoch',
      'its epoch is older',
      ({ maker }) => seal(0, maker.head, 0, maker.head.timeMs, { kind: 'fence' }),
    ],
    [
      'a balance that does not continue',
      'does not give the balance it says',
      ({ maker }) => {
        const outcome = maker.stockroom.run(
          { ...maker.run({ op: 'receive', qty: 1, warehouse: W0 }).last, qty: 1 },
          0,
        );
        if (!outcome.ok) throw new Error('unreachable');
        const [change] = outcome.changes;
        if (change === undefined) throw new Error('unreachable');
        const after = change.after.with(0, 999);
        return seal(0, maker.head, 1, maker.head.timeMs, {
          kind: 'batch',
          acknowledged: [],
          entries: [
            {
              caller: { client: 'x', incarnation: '' },
              n: 0,
              fingerprint: 0,
              all: false,
              outcome: { ok: true, changes: [{ ...change, seq: 2, after }] },
            },
          ],
        });
      },
    ],
  ])('%s stops that shard, loudly, and the others go on', async (_, sentence, bad) => {
    await shards[0].commit({ op: 'receive', qty: 10 });
    await shards[1].commit({ op: 'receive', qty: 10 });
    await settled();
    await shards[0].append(bad(shards[0]));
    await vi.waitFor(() => expect(centre.positions()[0]?.state.kind).toBe('broken'), 10_000);
    await shards[1].commit({ op: 'receive', qty: 5 });
    await vi.waitFor(async () => expect(await available('A1', W1)).toBe(15));
    expect(await available('A1', W0)).toBe(10);
    expect(centre.positions()[0]).toMatchObject({ memory: { number: 1 }, durable: { number: 1 } });
    const said = (await ask<DigestAnswer>('digest')).shards[0];
    expect(said).toMatchObject({ state: 'broken', centre: { number: 1 } });
    expect(said?.why).toContain(sentence);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain('restore it, then restart the centre');
    expect(await ledger({ warehouse: W0 })).toHaveLength(1);
  });

  test('records that were trimmed before they were read stop that shard', async () => {
    await stop();
    for (let i = 0; i < 5; i++) await shards[0].commit({ op: 'receive', qty: 1 });
    await shards[0].trim(4);
    await start();
    await vi.waitFor(() => expect(centre.positions()[0]?.state.kind).toBe('broken'), 10_000);
    const [state] = centre.positions().map((p) => p.state);
    expect(state).toMatchObject({
      why: expect.stringContaining('begins at 4, the centre has read up to 0'),
    });
  });

  test('what it has on disk may be trimmed: it says how far, and goes on after it', async () => {
    const watermark = async (): Promise<unknown> =>
      (await nats.request(watermarkSubject(REGION, 0))).json();
    expect(await watermark()).toMatchObject({ number: 0, seq: 0 });
    for (let i = 0; i < 5; i++) await shards[0].commit({ op: 'receive', qty: 1 });
    await settled();
    const { hash } = shards[0].maker.head;
    expect(await watermark()).toEqual({ epoch: 1, number: 5, seq: 5, hash });
    const jsm = await jetstreamManager(nats);
    await vi.waitFor(async () => {
      const seen = await jsm.consumers.info(journalStream(REGION, 0), 'oms');
      expect(seen).toMatchObject({ ack_floor: { stream_seq: 5 }, num_pending: 0 });
    });
    await stop();
    await shards[0].trim(5);
    await start();
    await shards[0].commit({ op: 'receive', qty: 1 });
    await settled();
    expect(await available('A1')).toBe(6);
  });

  test('a journal that has lost its tail is not followed', async () => {
    for (let i = 0; i < 3; i++) await shards[0].commit({ op: 'receive', qty: 1 });
    await settled();
    await stop();
    const jsm = await jetstreamManager(nats);
    await jsm.streams.delete(journalStream(REGION, 0));
    const other = await open(0);
    await other.commit({ op: 'receive', qty: 7 });
    await start();
    await vi.waitFor(() => expect(centre.positions()[0]?.state.kind).toBe('broken'), 15_000);
    expect(await available('A1')).toBe(3);
  });

  test('a journal that was replaced is not followed', async () => {
    for (let i = 0; i < 3; i++) await shards[0].commit({ op: 'receive', qty: 1 });
    await settled();
    await stop();
    const jsm = await jetstreamManager(nats);
    await jsm.streams.delete(journalStream(REGION, 0));
    const other = await open(0);
    for (let i = 0; i < 4; i++) await other.commit({ op: 'receive', qty: 7 });
    await start();
    await vi.waitFor(() => expect(centre.positions()[0]?.state.kind).toBe('broken'), 15_000);
    expect(centre.positions()[0]?.state).toMatchObject({
      why: expect.stringContaining('is not the one that was read there before'),
    });
  });

  test('a journal that comes later is waited for', async () => {
    await stop();
    const jsm = await jetstreamManager(nats);
    await jsm.streams.delete(journalStream(REGION, 1));
    await start();
    await vi.waitFor(() => expect(centre.positions()[1]?.state.kind).toBe('waiting'));
    const late = await open(1);
    await late.commit({ op: 'receive', qty: 3 });
    await vi.waitFor(async () => expect(await available('A1')).toBe(3), 5_000);
  });

  test('a store that is away delays history, not availability, and loses nothing', async () => {
    await stop();
    let isAway = true;
    await start((inner) => ({
      regions: (names) => inner.regions(names),
      keptRegions: () => inner.keptRegions(),
      watermarks: () => inner.watermarks(),
      parts: () => inner.parts(),
      ledger: (query) => inner.ledger(query),
      batchLedger: (query) => inner.batchLedger(query),
      sold: (query) => inner.sold(query),
      close: () => inner.close(),
      write: (chunk) => (isAway ? Promise.reject(new Error('away')) : inner.write(chunk)),
    }));
    for (let i = 0; i < 20; i++) await shards[0].commit({ op: 'receive', qty: 1 });
    await vi.waitFor(async () => expect(await available('A1')).toBe(20));
    const away = { durable: { number: 0 }, trouble: 'away' };
    await vi.waitFor(() => expect(centre.positions()[0]).toMatchObject(away)); // once it has tried
    isAway = false;
    await settled();
    expect(await ledger({ sku: 'A1' })).toHaveLength(20);
    expect(errors.filter((e) => e.includes('history cannot be written'))).toHaveLength(1);
  });

  test('it tells Prometheus how far it is', async () => {
    await shards[0].commit({ op: 'receive', qty: 1 });
    await settled();
    const text = await centre.metrics();
    expect(text).toContain('holdfast_centre_durable_number{region="test",shard="0"} 1');
    expect(text).toContain('holdfast_centre_ledger_lines_total{region="test",shard="0"} 1');
  });
});

const built = new URL('../../dist/oms/thread.js', import.meta.url);

describe.skipIf(!existsSync(built))(
  `the centre in a thread${existsSync(built) ? '' : ' (skipped: dist/ is not built)'}`,
  () => {
    let server: NatsServer;
    const dir = join(root, 'thread');
    beforeAll(async () => {
      cpSync(template, dir, { recursive: true });
      server = await startNats();
    });
    afterAll(() => server.stop());

    test('starts, answers, tells its metrics, ends, and starts again', async () => {
      const { startCentreThread } = (await import(
        built.href
      )) as typeof import('../../oms/thread.ts');
      const nats = await server.connect();
      for (let round = 0; round < 2; round++) {
        const thread = await startCentreThread({
          servers: server.url,
          region: REGION,
          shards: SHARDS,
          store: { kind: 'pglite', dir },
          defaultOwner: 'demo',
          log: pino({ level: 'silent' }),
        });
        const answer = await nats.request('inv.oms.availability', '{"sku":"A1"}');
        expect(answer.json()).toMatchObject({ known: false });
        expect(await thread.metrics()).toContain('holdfast_centre_merged_number');
        await thread.close();
        expect(await thread.ended).toBeUndefined();
        expect(await thread.metrics()).toBe('');
      }
    });

    test('says in words why it cannot start', async () => {
      const { startCentreThread } = (await import(
        built.href
      )) as typeof import('../../oms/thread.ts');
      await expect(
        startCentreThread({
          servers: server.url,
          region: REGION,
          shards: SHARDS,
          store: { kind: 'postgres', url: 'postgres://nobody@127.0.0.1:1/none' },
          defaultOwner: 'demo',
          log: pino({ level: 'silent' }),
        }),
      ).rejects.toThrow('PostgreSQL cannot be used');
    });
  },
);
