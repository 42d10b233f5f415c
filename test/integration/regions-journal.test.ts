import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { freePort } from '../../cli/ports.ts';
import { Relay } from '../../cli/relay.ts';
import { natsCentreLink } from '../../engine/centre.ts';
import { systemClock } from '../../engine/clock.ts';
import { journalStream } from '../../engine/subjects.ts';
import { type Centre, startCentre } from '../../oms/centre.ts';
import type { AvailabilityAnswer } from '../../oms/services/availability.ts';
import type { LedgerAnswer } from '../../oms/services/ledger.ts';
import { openPglite } from '../../oms/store/pglite.ts';
import type { Books } from '../../oms/store/store.ts';
import { JournalShard } from '../support/journal-shard.ts';
import { type NatsServer, startNats } from '../support/nats.ts';

const STREAM = journalStream('eu', 0);
const SLOW_MS = 60_000;

/** Journals of a region over a link that can be cut, without a node: what the centre makes of them. */
describe('the centre over a link', () => {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-linked-'));
  const template = join(root, 'template');
  const said: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => said.push(line) });
  let made = 0;
  let dir: string;
  let hub: NatsServer;
  let region: NatsServer;
  let relay: Relay;
  let nats: NatsConnection;
  let there: NatsConnection;
  let copies: JetStreamManager;
  let origins: JetStreamManager;
  let store: Books;
  let centre: Centre | undefined;
  let eu: JournalShard;

  beforeAll(async () => {
    await (await openPglite(template)).close();
  }, 120_000);
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  beforeEach(async () => {
    said.length = 0;
    const leafs = `127.0.0.1:${await freePort()}`;
    hub = await startNats({ sync: 'always', place: { domain: 'hub', leafs, secret: 'told' } });
    relay = await Relay.open(leafs);
    const place = { domain: 'eu', hub: relay.address, secret: 'told' };
    region = await startNats({ sync: 'always', place });
    nats = await hub.connect();
    there = await region.connect();
    copies = await jetstreamManager(nats);
    origins = await jetstreamManager(there);
    dir = join(root, String(++made));
    cpSync(template, dir, { recursive: true });
    eu = await JournalShard.open(there, 'eu', 0, 'eu-1');
  }, SLOW_MS);
  afterEach(async () => {
    await stop();
    relay.close();
    await region.stop();
    await hub.stop();
  });

  async function start(wrap: (store: Books) => Books = (s) => s): Promise<void> {
    store = wrap(await openPglite(dir));
    centre = await startCentre({
      ...{ nats, region: 'hub', linked: ['eu', 'us'], shards: 1, store, log, clock: systemClock },
      defaultOwner: 'demo',
    });
  }

  async function stop(): Promise<void> {
    if (centre === undefined) return;
    await centre.close();
    await store.close();
    centre = undefined;
  }

  const eus = () => (centre as Centre).positions().find((p) => p.region === 'eu');
  const settled = (): Promise<void> =>
    vi.waitFor(
      () => {
        const at = eus();
        const { number } = eu.maker.head;
        expect([at?.memory.number, at?.durable.number]).toEqual([number, number]);
      },
      { timeout: SLOW_MS },
    );
  const receive = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++) await eu.commit({ op: 'receive', qty: 1 });
  };
  const inCopy = (seq: number): Promise<void> =>
    vi.waitFor(async () => expect((await copies.streams.info(STREAM)).state.last_seq).toBe(seq), {
      timeout: SLOW_MS,
      interval: 50,
    });
  const ask = async (sku = 'A1', warehouse?: string) => {
    const answer = await nats.request('inv.oms.availability', JSON.stringify({ sku, warehouse }));
    return answer.json<AvailabilityAnswer & { available: number }>();
  };

  test(
    'every figure says which region it is of, and how old it is while that is cut off',
    async () => {
      await start();
      const us = await JournalShard.open(nats, 'hub', 0, 'hub-1');
      await us.commit({ op: 'receive', qty: 4 });
      await receive(5);
      await settled();
      await vi.waitFor(async () => expect(await ask()).toMatchObject({ available: 9 }));
      const both = await ask();
      expect(both.asOf.map((a) => [a.region, a.shard, a.number])).toEqual([
        ['hub', 0, 1],
        ['eu', 0, 5],
        ['us', 0, 0],
      ]);
      expect(both.ageMs).toBeNull(); // nobody has heard of us yet
      await vi.waitFor(async () => expect((await ask('A1', 'eu-1')).ageMs).toBeLessThan(2_000));
      const lines = (await nats.request('inv.oms.ledger', '{"sku":"A1"}')).json<LedgerAnswer>()
        .lines;
      expect(lines.filter((l) => l.region === 'eu' && l.shard === 0)).toHaveLength(5);
      expect(lines.filter((l) => l.region === 'hub' && l.shard === 0)).toHaveLength(1);
      relay.cut('closed');
      await eu.commit({ op: 'receive', qty: 1 });
      await vi.waitFor(async () => expect((await ask('A1', 'eu-1')).ageMs).toBeGreaterThan(2_000), {
        timeout: 20_000,
        interval: 200,
      });
      expect((await ask('A1', 'hub-1')).ageMs).toBeLessThan(2_000);
      expect((await ask('A1')).available).toBe(9);
      relay.heal();
      await settled();
      await vi.waitFor(async () => expect((await ask('A1', 'eu-1')).ageMs).toBeLessThan(2_000), {
        timeout: 20_000,
      });
      expect((await ask('A1')).available).toBe(10);
    },
    SLOW_MS,
  );

  test(
    'what a copy lacks is fetched from the region by name',
    async () => {
      await start();
      await receive(1);
      await settled();
      await stop();
      await receive(9);
      await inCopy(10);
      await copies.streams.deleteMessage(STREAM, 4);
      await copies.streams.deleteMessage(STREAM, 5);
      await start();
      await settled();
      expect((await ask()).available).toBe(10);
      expect(said.filter((line) => line.includes('does not fit'))).not.toEqual([]);
      await receive(5);
      await settled();
      expect(eus()?.state.kind).toBe('following');
    },
    SLOW_MS,
  );

  test(
    'what neither has is told loudly, and nothing after it is taken',
    async () => {
      await start();
      await receive(2);
      await settled();
      await stop();
      await receive(8);
      await inCopy(10);
      await copies.streams.deleteMessage(STREAM, 4);
      await eu.trim(9);
      await start();
      await vi.waitFor(() => expect(eus()?.state.kind).toBe('broken'), { timeout: SLOW_MS });
      expect(eus()?.state).toMatchObject({ why: expect.stringContaining('trimmed') });
      expect(eus()?.memory.number).toBe(3);
      expect(said.some((line) => line.includes('takes nothing more from this shard'))).toBe(true);
    },
    SLOW_MS,
  );

  test(
    'a region may trim up to what is on disk at the centre, however far the copy is',
    async () => {
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
      await receive(10);
      await inCopy(10);
      await vi.waitFor(async () => expect((await ask()).available).toBe(10));
      const link = natsCentreLink(there, 'eu');
      expect(await link.watermark(0)).toMatchObject({ number: 0, seq: 0 });
      isAway = false;
      await settled();
      expect(await link.watermark(0)).toMatchObject({ number: 10, seq: 10 });
      relay.cut('closed');
      await vi.waitFor(async () => expect(await link.watermark(0)).toBeUndefined());
    },
    SLOW_MS,
  );

  test(
    'sequences stay the same over a trim during a cut',
    async () => {
      await start();
      await receive(5);
      await settled();
      relay.cut('closed');
      await receive(5);
      await eu.trim(4);
      relay.heal();
      await settled();
      await inCopy(10);
      expect((await ask()).available).toBe(10);
      const { state } = await origins.streams.info(STREAM);
      expect([state.first_seq, state.last_seq]).toEqual([4, 10]);
      expect(eus()?.durable.seq).toBe(10);
    },
    SLOW_MS,
  );

  test(
    'a region whose tail was lost, and that writes on over it, is told loudly',
    async () => {
      await start();
      await receive(5);
      await settled();
      await there.close();
      await region.shutdown();
      const kept = join(root, 'kept');
      cpSync(join(region.dir, 'store'), kept, { recursive: true });
      await region.restart();
      there = await region.connect();
      const { head } = eu.maker;
      let writer = await JournalShard.open(there, 'eu', 0, 'eu-1');
      await writer.append(eu.maker.run({ op: 'receive', qty: 1, warehouse: 'eu-1' }).record(), 5);
      await settled(); // 6 is at the centre
      await there.close();
      await region.shutdown();
      rmSync(join(region.dir, 'store'), { recursive: true });
      cpSync(kept, join(region.dir, 'store'), { recursive: true });
      await region.restart();
      there = await region.connect();
      eu.maker.head = head;
      writer = await JournalShard.open(there, 'eu', 0, 'eu-1');
      for (let expected = 5; expected < 8; expected++) {
        const record = eu.maker.run({ op: 'receive', qty: 7, warehouse: 'eu-1' }).record();
        await writer.append(record, expected);
      }
      await vi.waitFor(() => expect(eus()?.state.kind).toBe('broken'), { timeout: SLOW_MS });
      expect(eus()?.state).toMatchObject({
        why: expect.stringContaining('not the one that was read'),
      });
      expect(eus()?.memory.number).toBe(6);
    },
    2 * SLOW_MS,
  );
});
