import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OwnerId, SkuId } from '../../actors/ids.ts';
import { NO_MORE } from '../../actors/stock/commands.ts';
import { EVENT_KINDS } from '../../actors/stock/events.ts';
import { nextTurn, systemClock } from '../../engine/clock.ts';
import { StartError } from '../../engine/errors.ts';
import { Actors } from '../../oms/actors.ts';
import type { Part } from '../../oms/availability.ts';
import { type Arrived, positionOf } from '../../oms/chunk.ts';
import type { Position } from '../../oms/position.ts';
import { openPglite } from '../../oms/store/pglite.ts';
import { openPostgres } from '../../oms/store/postgres.ts';
import type { LedgerEntry, LedgerQuery, Mark, Store } from '../../oms/store/store.ts';
import { type Moment, SimStore } from '../sim/store.ts';
import { Tables } from '../sim/tables.ts';
import { Chunks } from '../support/chunks.ts';
import { CutFiles } from '../support/cut-files.ts';
import { findPostgres, type PostgresServer, startPostgres } from '../support/postgres.ts';

interface Subject {
  /** Opens it as it was left, or empty. */
  open(): Promise<Store>;
  /** Empties it; it is not open. */
  clean(): Promise<void> | void;
}

/** Making an embedded database takes seconds, and many on a busy machine. */
const SLOW_MS = 120_000;

const ALL: LedgerQuery = { owner: 'demo' as OwnerId, after: [], limit: 1_000 };

async function entries(store: Store, query: Partial<LedgerQuery> = {}): Promise<LedgerEntry[]> {
  const found: LedgerEntry[] = [];
  let after: readonly Mark[] | undefined = [];
  while (after !== undefined) {
    const page = await store.ledger({ ...ALL, ...query, after });
    found.push(...page.lines);
    after = page.next;
  }
  return found;
}

async function parts(store: Store): Promise<Part[]> {
  const found: Part[] = [];
  for await (const page of store.parts()) found.push(...page);
  return found;
}

/** `sku account before→after` */
const brief = (e: LedgerEntry): string => `${e.sku} ${e.account} ${e.before}→${e.after}`;

/** The suite that every store passes. */
function contract(subject: Subject): void {
  describe('every store', () => {
    let store: Store;
    const reopen = async (): Promise<void> => {
      await store.close();
      store = await subject.open();
    };
    beforeAll(async () => {
      store = await subject.open();
    });
    afterAll(() => store.close());
    /** Each test begins with empty tables. */
    const fresh = async (): Promise<void> => {
      await store.close();
      await subject.clean();
      store = await subject.open();
    };

    test('an empty store knows nothing', async () => {
      await fresh();
      expect(await store.watermarks()).toEqual(new Map());
      expect(await parts(store)).toEqual([]);
      expect(await entries(store)).toEqual([]);
    });

    test('rows, stock and watermark are written together and found again', async () => {
      await fresh();
      const chunks = new Chunks();
      chunks.maker.run({ op: 'receive', qty: 10, doc: 'PO-1' });
      chunks.maker.run({ op: 'reserve', qty: 4, hold: 'SO-1/1', doc: 'SO-1' });
      chunks.record();
      await store.write(chunks.all());
      await reopen();
      const last = positionOf(chunks.arrived[0] as Arrived);
      expect(await store.watermarks()).toEqual(new Map<number, Position>([[0, last]]));
      expect(await parts(store)).toEqual([
        {
          id: 0,
          shard: 0,
          owner: 'demo',
          sku: 'A1',
          warehouse: 'W1',
          seq: 2,
          balances: [10, 0, 0, 0, 4, 0, 0, 0, 0, 0],
        },
      ]);
      expect((await entries(store)).map(brief)).toEqual(['A1 onHand 0→10', 'A1 allocated 0→4']);
    });

    test('a line says who, what, when and why', async () => {
      await fresh();
      const chunks = new Chunks();
      const occurredAtMs = 1_699_999_999_000;
      chunks.maker.run({ op: 'receive', qty: 10, doc: 'PO-1', occurredAtMs }, 'dock 1');
      chunks.maker.run({ op: 'reserve', qty: 4, hold: 'SO-1/1' }, 'shop');
      chunks.maker.run({ op: 'adjust', delta: -1, reason: 'broken' }, 'count');
      chunks.record();
      await store.write(chunks.all());
      const record = (chunks.arrived[0] as Arrived).record;
      const [received, reserved, adjusted] = await entries(store);
      expect(received).toEqual({
        shard: 0,
        epoch: 1,
        number: 1,
        line: 0,
        hash: record.hash,
        owner: 'demo',
        sku: 'A1',
        warehouse: 'W1',
        actorSeq: 1,
        occurredAtMs,
        recordedAtMs: record.timeMs,
        docType: 'receipt',
        doc: 'PO-1',
        docLine: '',
        reason: 'received',
        actor: 'dock 1',
        quality: 'qualified',
        account: 'onHand',
        change: 10,
        before: 0,
        after: 10,
      });
      expect(reserved).toMatchObject({
        docType: 'order',
        doc: 'SO-1/1',
        docLine: 'SO-1/1',
        reason: 'reserved',
        occurredAtMs: record.timeMs,
      });
      expect(adjusted).toMatchObject({
        docType: 'adjustment',
        doc: 'count#3',
        reason: 'broken',
        change: -1,
      });
    });

    test('SQL has a name for every kind of event', async () => {
      await fresh();
      const chunks = new Chunks();
      const m = chunks.maker;
      m.run({ op: 'receive', qty: 20 }).run({ op: 'reserve', qty: 9, hold: 'a', ttlMs: 1 });
      m.run({ op: 'release', qty: 1, hold: 'a' }).run({ op: 'extend', hold: 'a', ttlMs: 1 });
      m.run({ op: 'harden', qty: 7, hold: 'a' });
      m.head = { ...m.head, timeMs: m.head.timeMs + 10 };
      m.run({ op: 'expire', hold: 'a' }).run({ op: 'pick', qty: 5, hold: 'a' });
      m.run({ op: 'pack', qty: 4, hold: 'a' }).run({ op: 'ship', qty: 3, hold: 'a' });
      m.run({ op: 'cancel', hold: 'a' }).run({ op: 'putback', quality: 1 });
      m.run({ op: 'adjust', delta: 2 })
        .run({ op: 'announce', qty: 5 })
        .run({ op: 'withdraw', qty: 1 });
      m.run({ op: 'grant', qty: 5 }).run({ op: 'regain', qty: 1 });
      m.run({ op: 'sell', qty: 4, hold: 'b' });
      m.run({ op: 'requality', qty: 1, quality: 1, more: { ...NO_MORE, toQuality: 2 } });
      chunks.record();
      await store.write(chunks.all());
      const said = new Map((await entries(store)).map((e) => [e.actorSeq, e]));
      const kinds = chunks.decoded(1).body;
      if (kinds.kind !== 'batch') throw new Error('unreachable');
      for (const { outcome } of kinds.entries) {
        if (!outcome.ok) continue;
        for (const { seq, event } of outcome.changes) {
          if (said.has(seq)) expect(said.get(seq)?.reason).toBe(event.kind);
        }
      }
      expect(new Set([...said.values()].map((e) => e.reason))).toEqual(
        new Set(EVENT_KINDS.filter((k) => !UNSEEN.includes(k))),
      );
      expect([...said.values()].map((e) => `${e.reason} ${e.docType}`)).toEqual(
        expect.arrayContaining([
          ...['putBack putback', 'adjusted adjustment', 'expired order'],
          ...['announced announcement', 'requalified inspection'],
          ...['granted rights', 'regained rights', 'sold order'],
        ]),
      );
    });

    test('R1 a chunk written again, or one that overlaps, adds nothing twice', async () => {
      await fresh();
      const chunks = new Chunks();
      for (let i = 1; i <= 6; i++) {
        chunks.maker.run({ op: 'receive', qty: i, doc: `PO-${i}` });
        chunks.record();
      }
      await store.write(chunks.of(1, 3));
      await store.write(chunks.of(1, 3));
      await store.write(chunks.of(2, 5));
      await store.write(chunks.of(1, 2));
      await store.write(chunks.of(6, 6));
      await store.write(chunks.of(1, 6));
      expect((await entries(store)).map((e) => e.doc)).toEqual(
        [1, 2, 3, 4, 5, 6].map((i) => `PO-${i}`),
      );
      expect((await parts(store))[0]).toMatchObject({
        seq: 6,
        balances: [21, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      });
      expect((await store.watermarks()).get(0)?.number).toBe(6);
    });

    test('R1 a chunk that leaves records out, or follows another record, is not written', async () => {
      await fresh();
      const chunks = new Chunks();
      for (let i = 1; i <= 3; i++) {
        chunks.maker.run({ op: 'receive', qty: i });
        chunks.record();
      }
      await store.write(chunks.of(1, 1));
      await expect(store.write(chunks.of(3, 3))).rejects.toThrow('do not follow the watermark');
      const foreign = chunks.of(2, 2);
      const from = { ...foreign.from, hash: 'f'.repeat(32) };
      await expect(store.write({ ...foreign, from })).rejects.toThrow(
        'do not follow the watermark',
      );
      expect((await store.watermarks()).get(0)?.number).toBe(1);
      await store.write(chunks.of(2, 3));
      expect((await entries(store)).map(brief)).toEqual([
        'A1 onHand 0→1',
        'A1 onHand 1→3',
        'A1 onHand 3→6',
      ]);
    });

    test('a chunk that fails in the middle leaves nothing', async () => {
      await fresh();
      const chunks = new Chunks();
      chunks.maker.run({ op: 'receive', qty: 5 });
      chunks.record();
      const good = chunks.all();
      const twice = { ...good, records: [...good.records, ...good.records] };
      await expect(store.write(twice)).rejects.toThrow();
      expect(await store.watermarks()).toEqual(new Map());
      expect(await parts(store)).toEqual([]);
      await store.write(good);
      expect((await entries(store)).map(brief)).toEqual(['A1 onHand 0→5']);
    });

    test('texts of every kind come back as they were', async () => {
      await fresh();
      const chunks = new Chunks();
      const odd = ['a\\b', '\\N', 'tab\tline\nreturn\r', 'quo\'te"', '箱', '😀 {1,2}', '$1'];
      for (const doc of odd) chunks.maker.run({ op: 'receive', qty: 1, doc, sku: doc });
      chunks.record();
      await store.write(chunks.all());
      const found = await entries(store);
      expect(found.map((e) => e.doc)).toEqual(odd);
      expect(found.map((e) => e.sku)).toEqual(odd);
      expect(await entries(store, { doc: '\\N' })).toHaveLength(1);
    });

    test('quantities are exact up to 2^53 − 1, and other qualities keep their own balances', async () => {
      await fresh();
      const chunks = new Chunks();
      const most = Number.MAX_SAFE_INTEGER;
      chunks.maker.run({ op: 'receive', qty: most - 3 }).run({ op: 'receive', qty: 3, quality: 1 });
      chunks.record();
      await store.write(chunks.all());
      expect((await entries(store)).map((e) => `${e.quality} ${e.after}`)).toEqual([
        `qualified ${most - 3}`,
        'defective 3',
      ]);
      const [part] = await parts(store);
      expect(part?.balances.slice(0, 11)).toEqual([most - 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3]);
      expect(part?.balances).toHaveLength(40);
    });

    test('S4 opening + in − out = closing, line by line and account by account', async () => {
      await fresh();
      const chunks = busyDay(200);
      await store.write(chunks.of(1, 70));
      await store.write(chunks.of(71, 200));
      const last = new Map<string, number>();
      for (const e of await entries(store)) {
        const account = `${e.sku}@${e.warehouse} ${e.quality} ${e.account}`;
        expect(e.before).toBe(last.get(account) ?? 0);
        expect(e.after).toBe(e.before + e.change);
        last.set(account, e.after);
      }
      for (const { sku, warehouse, balances } of await parts(store)) {
        const [shelf, receiving, picked, packed, allocated] = balances as [
          number,
          number,
          number,
          number,
          number,
        ];
        const account = `${sku}@${warehouse} qualified`;
        expect(last.get(`${account} onHand`) ?? 0).toBe(shelf + receiving + picked + packed);
        expect(last.get(`${account} allocated`) ?? 0).toBe(allocated);
      }
    });

    test('the ledger is read in pages of any size, in commit order, with every filter', async () => {
      await fresh();
      const chunks = busyDay(120);
      await store.write(chunks.all());
      const whole = await entries(store);
      expect(whole.length).toBeGreaterThan(150);
      const place = (e: LedgerEntry): number => e.number * 1_000 + e.line;
      expect(whole.map(place)).toEqual(whole.map(place).toSorted((a, b) => a - b));
      for (const limit of [1, 7, 100]) expect(await entries(store, { limit })).toEqual(whole);
      const middle = whole[80] as LedgerEntry;
      const filters: [Partial<LedgerQuery>, (e: LedgerEntry) => boolean][] = [
        [{ sku: middle.sku as SkuId }, (e) => e.sku === middle.sku],
        [{ warehouse: 'W2' }, (e) => e.warehouse === 'W2'],
        [
          { sku: middle.sku as SkuId, warehouse: 'W2' },
          (e) => e.sku === middle.sku && e.warehouse === 'W2',
        ],
        [{ doc: middle.doc }, (e) => e.doc === middle.doc],
        [{ account: 'allocated' }, (e) => e.account === 'allocated'],
        [{ quality: 'defective' }, (e) => e.quality === 'defective'],
        [{ fromMs: middle.recordedAtMs }, (e) => e.recordedAtMs >= middle.recordedAtMs],
        [{ toMs: middle.recordedAtMs }, (e) => e.recordedAtMs < middle.recordedAtMs],
        [
          { fromMs: middle.recordedAtMs, toMs: middle.recordedAtMs + 1 },
          (e) => e.recordedAtMs === middle.recordedAtMs,
        ],
        [{ fromMs: 9e14 }, () => false],
        [{ owner: 'other' as OwnerId }, () => false],
      ];
      for (const [query, matches] of filters) {
        expect(await entries(store, { ...query, limit: 10 })).toEqual(whole.filter(matches));
      }
    });

    test('two shards are read as one by record time, and late lines of one are not missed', async () => {
      await fresh();
      const actors = new Actors();
      const one = new Chunks(0, actors);
      const two = new Chunks(1, actors);
      for (const [chunks, warehouse] of [
        [one, 'W1'],
        [two, 'W2'],
      ] as const) {
        for (let i = 0; i < 10; i++) {
          chunks.maker.run({ op: 'receive', qty: 1, warehouse });
          chunks.record();
        }
      }
      await store.write(one.all());
      await store.write(two.of(1, 5));
      const first = await store.ledger({ ...ALL, limit: 15 });
      expect(first.lines.slice(0, 4).map((e) => e.shard)).toEqual([0, 1, 0, 1]);
      await store.write(two.of(6, 10));
      const rest = await store.ledger({ ...ALL, after: first.next ?? [] });
      expect(rest.lines.map((e) => `${e.shard}/${e.number}`)).toEqual(
        [6, 7, 8, 9, 10].map((n) => `1/${n}`),
      );
    });

    test('what lies beyond one look is found by the next', async () => {
      await fresh();
      const chunks = new Chunks();
      const many = 21_000;
      for (let i = 0; i < many; i++)
        chunks.maker.run({ op: 'receive', qty: 1, doc: `PO-${i % 7}` });
      chunks.record();
      chunks.maker.run({ op: 'receive', qty: 1, quality: 1, doc: 'late' });
      chunks.record();
      await store.write(chunks.all());
      const found = await entries(store, { quality: 'defective' });
      expect(found.map((e) => e.doc)).toEqual(['late']);
      expect(await entries(store, { doc: 'late' })).toHaveLength(1);
    });
  });
}

/** Orders, some short-lived, over three SKUs in two warehouses; one record a step. */
function busyDay(records: number): Chunks {
  const chunks = new Chunks();
  let seed = 7;
  const below = (n: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % n;
  };
  for (let i = 0; i < records; i++) {
    const sku = `SKU${below(3)}`;
    const at = { sku, warehouse: `W${1 + below(2)}` };
    const hold = `SO-${i}/1`;
    const m = chunks.maker;
    m.run({ op: 'receive', qty: 5 + below(5), doc: `PO-${i}`, ...at });
    if (below(5) === 0) m.run({ op: 'receive', qty: 1, quality: 1, doc: `PO-${i}`, ...at });
    m.run({ op: 'reserve', qty: 1 + below(4), hold, doc: `SO-${i}`, ...at });
    if (below(4) === 0) m.run({ op: 'cancel', hold, ...at });
    else if (below(2) === 0) {
      for (const op of ['pick', 'pack', 'ship'] as const) m.run({ op, hold, ...at });
    }
    chunks.record();
  }
  return chunks;
}

/** They change no account; or so they do here. */
const UNSEEN = [
  ...['extended', 'hardened', 'picked', 'packed', 'blocked', 'unblocked', 'safetySet'],
  ...['moved', 'shorted', 'reassigned', 'unreceived', 'unpicked', 'unpacked'], // not tried here
];

describe('Store on PGlite', () => {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-pglite-'));
  /** An empty one, made once: making one takes seconds. */
  const template = join(root, 'template');
  let dir = template;
  let made = 0;
  beforeAll(async () => {
    await (await openPglite(template)).close();
  }, SLOW_MS);
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  contract({
    open: () => openPglite(dir),
    clean() {
      dir = join(root, String(++made));
      cpSync(template, dir, { recursive: true });
    },
  });

  test(
    'a folder whose making was cut off is made again',
    async () => {
      const path = join(root, 'again');
      mkdirSync(join(`${path}.unfinished`, 'base'), { recursive: true });
      writeFileSync(join(`${path}.unfinished`, 'PG_VERSION'), '18\n');
      const store = await openPglite(path);
      expect(await store.watermarks()).toEqual(new Map());
      await store.close();
    },
    SLOW_MS,
  );

  test(
    'a power cut after a write takes nothing of it back',
    async () => {
      const live = join(root, 'live');
      const disk = join(root, 'disk');
      cpSync(template, live, { recursive: true });
      cpSync(live, disk, { recursive: true });
      const store = await openPglite(live, (path) => new CutFiles(path, disk));
      const chunks = busyDay(40);
      for (const last of [20, 40]) {
        await store.write(chunks.of(last - 19, last));
        const left = join(root, `left-${last}`);
        cpSync(disk, left, { recursive: true });
        const found = await openPglite(left);
        expect((await found.watermarks()).get(0)?.number).toBe(last);
        expect(await entries(found)).toEqual(await entries(store));
        expect(await parts(found)).toEqual(await parts(store));
        await found.close();
      }
      await store.close();
    },
    SLOW_MS,
  );

  test('a folder that is no database is refused in words', async () => {
    const path = join(root, 'other');
    mkdirSync(path);
    writeFileSync(join(path, 'PG_VERSION'), '9\n');
    await expect(openPglite(path)).rejects.toThrow(StartError);
  });
});

describe('Store of the simulation', () => {
  let tables = new Tables();
  contract({
    open: async () => new SimStore(tables, () => nextTurn(systemClock)),
    clean() {
      tables = new Tables();
    },
  });

  test('a transaction that ends anywhere before its commit leaves nothing, after it everything', async () => {
    const moments: Moment[] = ['begin', 'rows', 'parts', 'commit', 'committed'];
    for (const last of moments) {
      const kept = new Tables();
      const chunks = busyDay(20);
      await new SimStore(kept, async () => {}).write(chunks.of(1, 10));
      const failing = new SimStore(kept, async (moment) => {
        if (moment === last) throw new Error(`ended at ${last}`);
      });
      await expect(failing.write(chunks.of(11, 20))).rejects.toThrow(`ended at ${last}`);
      const isThere = last === 'committed';
      expect(kept.watermarks.get(0)?.number).toBe(isThere ? 20 : 10);
      const whole = new SimStore(kept, async () => {});
      expect(new Set((await entries(whole)).map((e) => e.number)).size).toBe(isThere ? 20 : 10);
      await whole.write(chunks.of(11, 20));
      const other = new Tables();
      await new SimStore(other, async () => {}).write(chunks.of(1, 20));
      expect(await entries(whole)).toEqual(await entries(new SimStore(other, async () => {})));
    }
  });
});

const built = new URL('../../dist/oms/store/pglite-thread.js', import.meta.url);

describe.skipIf(!existsSync(built))(
  `Store on PGlite in a thread${existsSync(built) ? '' : ' (skipped: dist/ is not built)'}`,
  () => {
    const root = mkdtempSync(join(tmpdir(), 'holdfast-pglite-thread-'));
    const template = join(root, 'template');
    let dir = template;
    let made = 0;
    const openIt = async (): Promise<Store> => {
      const module = (await import(
        built.href
      )) as typeof import('../../oms/store/pglite-thread.ts');
      return module.openPgliteThread(dir);
    };
    beforeAll(async () => {
      await (await openIt()).close();
    }, SLOW_MS);
    afterAll(() => rmSync(root, { recursive: true, force: true }));
    contract({
      open: openIt,
      clean() {
        dir = join(root, String(++made));
        cpSync(template, dir, { recursive: true });
      },
    });
  },
);

const bin = findPostgres();

describe.skipIf(bin === undefined)(
  `Store on PostgreSQL${bin === undefined ? ' (skipped: no postgres on this machine)' : ''}`,
  () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await startPostgres(bin as string);
    });
    afterAll(() => server.stop());
    contract({
      open: () => openPostgres(server.url),
      async clean() {
        const client = new pg.Client({ connectionString: server.url });
        await client.connect();
        await client.query('drop schema public cascade; create schema public');
        await client.end();
      },
    });

    test('a second centre on one database is refused in words', async () => {
      const first = await openPostgres(server.url);
      await expect(openPostgres(server.url)).rejects.toThrow('another centre');
      await first.close();
      await (await openPostgres(server.url)).close();
    });

    test('a server that goes away and comes back: the same chunk is written again', async () => {
      const store = await openPostgres(server.url);
      const chunks = new Chunks(9);
      chunks.maker.run({ op: 'receive', qty: 1, warehouse: 'W9' });
      chunks.record();
      chunks.maker.run({ op: 'receive', qty: 1, warehouse: 'W9' });
      chunks.record();
      await store.write(chunks.of(1, 1));
      await server.crash();
      await expect
        .poll(() =>
          store.write(chunks.of(1, 2)).then(
            () => true,
            () => false,
          ),
        )
        .toBe(true);
      expect((await store.watermarks()).get(9)?.number).toBe(2);
      await store.close();
    });

    test('a server that is not there is said in words', async () => {
      await expect(openPostgres('postgres://nobody@127.0.0.1:1/none')).rejects.toThrow(StartError);
    });
  },
);
