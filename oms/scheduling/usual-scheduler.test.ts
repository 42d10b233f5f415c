import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { OwnerId, SkuId, WarehouseId } from '../../actors/ids.ts';
import type { UsualNews } from '../../engine/scheduling/messages.ts';
import { SCHEDULE_ASK, scheduleSubject } from '../../engine/subjects.ts';
import { FakeClock, START_MS } from '../../test/support/engine.ts';
import { type NatsServer, startNats } from '../../test/support/nats.ts';
import { SCHEDULING } from './policy.ts';
import { UsualScheduler } from './usual-scheduler.ts';

const HOME = 'eu.0';
const SKUS = 2 * SCHEDULING.skusARound + 10;

/** Counts what is looked at between two turns of the loop. */
class TurnsClock extends FakeClock {
  looked = 0;
  most = 0;

  override turn(fn: () => void): void {
    this.looked = 0;
    super.turn(fn);
  }

  look(): void {
    this.most = Math.max(this.most, ++this.looked);
  }
}

let server: NatsServer;
let nats: NatsConnection;
let clock: TurnsClock;
let scheduler: UsualScheduler;
let heard: UsualNews[];
let isThere: boolean;
let stop: () => void;

beforeAll(async () => {
  server = await startNats();
  nats = await server.connect();
});
afterAll(() => server.stop());

beforeEach(() => {
  clock = new TurnsClock();
  [heard, isThere] = [[], true];
  const home = nats.subscribe(scheduleSubject(HOME), {
    callback: (_error, message) => {
      if (!isThere) return;
      heard.push(message.json());
      message.respond();
    },
  });
  stop = () => home.unsubscribe();
  const rows = Array.from({ length: SKUS }, (_, actor) => {
    return { actor, source: 'eu', units: 100, atMs: START_MS - 1_000 + actor };
  });
  scheduler = new UsualScheduler({
    ...{
      nats,
      clock,
      points: ['hub', 'eu'],
      log: { warn: (what: unknown) => expect.fail(JSON.stringify(what)) },
    },
    books: { sold: async () => ({ rows, firstMs: START_MS }) },
    shards: [{ number: 4, home: HOME, history: { durable: { number: 1 } } }],
    actorOf(id) {
      clock.look();
      const [owner, warehouse] = ['demo' as OwnerId, 'eu-1' as WarehouseId];
      return { owner, warehouse, sku: `SKU-${id}` as SkuId, shard: 4 };
    },
  });
  scheduler.start();
});
afterEach(async () => {
  await scheduler.close();
  stop();
});

const told = (): number => new Set(heard.flatMap((news) => news.map(([sku]) => sku))).size;

/** Time passes, a little at a time, until that is so. */
const passing = (stepMs: number, check: () => void): Promise<void> =>
  vi.waitFor(
    async () => {
      await clock.advance(stepMs);
      check();
    },
    { timeout: 20_000, interval: 20 },
  );

test('all is told in bounded messages, the rest soon after the first round, and once', async () => {
  await clock.advance(SCHEDULING.everyMs - 1);
  expect(heard).toEqual([]);
  await passing(500, () => expect(told()).toBe(SKUS));
  expect(clock.monoMs()).toBeLessThan(2 * SCHEDULING.everyMs);
  expect(heard.map((news) => news.length)).toEqual([
    ...[SCHEDULING.skusARound, SCHEDULING.skusARound, SKUS - 2 * SCHEDULING.skusARound],
  ]);
  for (const [, shares] of heard.flat()) {
    const sum = Object.values(shares ?? {}).reduce((all, one) => all + one, 0);
    expect(sum).toBeCloseTo(1, 2);
  }
  expect(JSON.stringify(heard[0]).length / SCHEDULING.skusARound).toBeLessThan(100);
});

test('a home that asks is told soon, and again where it has lost it', async () => {
  for (let i = 0; i < 2; i++) {
    heard = [];
    await nats.request(SCHEDULE_ASK, JSON.stringify({ home: HOME }));
    const askedMs = clock.monoMs();
    await passing(500, () => expect(told()).toBe(SKUS));
    expect(clock.monoMs() - askedMs).toBeLessThan(SCHEDULING.everyMs);
  }
});

test('what is no question is passed over', async () => {
  for (const ask of ['', 'null', '[]', '{"home":7}', '{"home":"eu.9"}', 'not JSON']) {
    nats.publish(SCHEDULE_ASK, ask);
  }
  await nats.flush();
  await clock.advance(SCHEDULING.everyMs - 1);
  expect(heard).toEqual([]);
});

test('the loop is never held for more SKUs than a few hundred', async () => {
  await clock.advance(SCHEDULING.everyMs);
  await passing(500, () => expect(told()).toBe(SKUS));
  expect(clock.most).toBeLessThanOrEqual(200);
});
