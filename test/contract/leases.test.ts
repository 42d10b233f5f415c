import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../engine/clock.ts';
import { KvLeases, Lease, type LeaseStore, type LeaseValue } from '../../engine/lease.ts';
import { LIMITS } from '../../engine/limits.ts';
import { leaseBucket } from '../../engine/subjects.ts';
import { MemoryLeases } from '../support/engine.ts';
import { type NatsServer, startNats } from '../support/nats.ts';

const A: LeaseValue = { node: 'A', url: 'ws://a' };
const B: LeaseValue = { node: 'B', url: 'ws://b' };
/** The server ends an entry up to a third later than it says. */
const ENDED_MS = { timeout: 3 * LIMITS.leaseMs, interval: 50 };

let server: NatsServer;
let nats: NatsConnection;
let regions = 0;

beforeAll(async () => {
  server = await startNats();
  nats = await server.connect();
});
afterAll(() => server.stop());

/** The revision, where it must have been had. */
const had = (revision: number | undefined): number => revision ?? expect.fail('not acquired');

describe.each<[string, () => Promise<LeaseStore>]>([
  ['MemoryLeases', () => Promise.resolve(new MemoryLeases(systemClock))],
  ['KvLeases', () => KvLeases.open(nats, `t${++regions}`)],
])('C2 %s', (_, open) => {
  let leases: LeaseStore;
  beforeEach(async () => {
    leases = await open();
  });

  it('give a shard to one of two nodes, and tell which', async () => {
    expect(await leases.holder(0)).toBeUndefined();
    const got = await Promise.all([leases.acquire(0, A), leases.acquire(0, B)]);
    expect(got.filter((r) => r !== undefined)).toHaveLength(1);
    expect(await leases.holder(0)).toEqual(got[0] === undefined ? B : A);
    expect([await leases.acquire(1, A), await leases.holder(1)]).toEqual([expect.any(Number), A]);
  });

  it('are renewed under the revision that is held, and under no other', async () => {
    const first = had(await leases.acquire(0, A));
    const second = had(await leases.renew(0, A, first));
    expect(second).toBeGreaterThan(first);
    expect(await leases.renew(0, A, first)).toBeUndefined();
    expect(await leases.renew(0, B, first)).toBeUndefined();
    expect(had(await leases.renew(0, A, second))).toBeGreaterThan(second);
  });

  it('let the next one in when they are released; the old revision is worth nothing then', async () => {
    const first = had(await leases.acquire(0, A));
    await leases.release(0, first);
    expect(await leases.holder(0)).toBeUndefined();
    expect(await leases.renew(0, A, first)).toBeUndefined();
    had(await leases.acquire(0, B));
    expect([await leases.renew(0, A, first), await leases.holder(0)]).toEqual([undefined, B]);
  });

  it('are not released by a revision that is old', async () => {
    const first = had(await leases.acquire(0, A));
    const second = had(await leases.renew(0, A, first));
    await leases.release(0, first).catch(() => {});
    expect(await leases.holder(0)).toEqual(A);
    had(await leases.renew(0, A, second));
  });

  it('are had again at once by a node of the same name', async () => {
    const first = had(await leases.acquire(0, A));
    const again = had(await leases.acquire(0, { ...A, url: 'ws://elsewhere' }));
    expect(await leases.renew(0, A, first)).toBeUndefined();
    expect(await leases.holder(0)).toMatchObject({ url: 'ws://elsewhere' });
    had(await leases.renew(0, A, again));
  });

  it('end when they are not renewed, and not while they are', async () => {
    let revision = had(await leases.acquire(0, A));
    had(await leases.acquire(1, A));
    for (const begun = Date.now(); Date.now() - begun < 1.5 * LIMITS.leaseMs; ) {
      await new Promise((resolve) => setTimeout(resolve, LIMITS.leaseRenewMs / 2));
      revision = had(await leases.renew(0, A, revision));
      expect(await leases.acquire(0, B)).toBeUndefined();
    }
    await expect.poll(() => leases.acquire(1, B), ENDED_MS).toBeDefined();
    await expect.poll(() => leases.acquire(0, B), ENDED_MS).toBeDefined();
    expect(await leases.renew(0, A, revision)).toBeUndefined();
  });
});

describe('C2 KvLeases', () => {
  let own: NatsServer;
  let a: KvLeases;
  let b: KvLeases;
  beforeEach(async () => {
    own = await startNats();
    a = await KvLeases.open(await own.connect(), 't');
    b = await KvLeases.open(await own.connect(), 't');
    return () => own.stop();
  });

  it('outlive their server: nobody else gets in because it was restarted', async () => {
    const first = had(await a.acquire(0, A));
    await own.restart();
    const jsm = await jetstreamManager(await own.connect());
    const { config } = await jsm.streams.info(`KV_${leaseBucket('t')}`);
    expect(config).toMatchObject({ storage: 'file', allow_direct: false });
    const leases = await KvLeases.open(await own.connect(), 't');
    // Unless the restart took longer than the lease, A has it still; never both.
    const got = await leases.acquire(0, B);
    const kept = await leases.renew(0, A, first);
    expect([got, kept].filter((revision) => revision !== undefined)).toHaveLength(1);
  });

  it('are made again when their bucket is gone; the old revision is worth nothing then', async () => {
    const nats = await own.connect();
    const first = had(await a.acquire(0, A));
    await (await jetstreamManager(nats)).streams.delete(`KV_${leaseBucket('t')}`);
    had(await b.acquire(0, B));
    expect(await a.acquire(0, A)).toBeUndefined();
    // Revisions begin again: a lucky one must not be taken for the old one.
    expect([await a.holder(0), first]).toEqual([B, 1]);
  });

  it('say that they do not know while their server is away', async () => {
    const first = had(await a.acquire(0, A));
    await own.kill();
    await expect(a.renew(0, A, first)).rejects.toThrow();
    await own.restart();
    await expect.poll(() => a.holder(0).catch(() => 'no answer'), ENDED_MS).not.toBe('no answer');
  });

  it('never ask by direct get, which may be old', async () => {
    const asked: string[] = [];
    const nats = await own.connect();
    nats.subscribe('$JS.API.DIRECT.>', {
      callback: (_, message) => {
        asked.push(message.subject);
      },
    });
    await nats.flush();
    had(await a.acquire(0, A));
    await a.holder(0);
    await b.acquire(0, B);
    await nats.flush();
    expect(asked).toEqual([]);
  });
});

describe('C2 a lease of a real server', () => {
  const open: Lease[] = [];
  const acquire = async (store: LeaseStore, who: LeaseValue, onLost = () => {}) => {
    const lease = await Lease.acquire(store, systemClock, 0, who, onLost);
    if (lease !== undefined) open.push(lease);
    return lease;
  };
  afterEach(async () => {
    await Promise.all(open.splice(0).map((lease) => lease.release()));
  });

  it('is kept as long as it is renewed, then released to the next', async () => {
    const store = await KvLeases.open(nats, `t${++regions}`);
    const lost: string[] = [];
    const first = await acquire(store, A, () => lost.push('A'));
    await new Promise((resolve) => setTimeout(resolve, 1.5 * LIMITS.leaseMs));
    expect([first?.valid, lost, await acquire(store, B)]).toEqual([true, [], undefined]);
    await first?.release();
    expect((await acquire(store, B))?.valid).toBe(true);
  });

  it('is lost when its entry is gone and another took it', async () => {
    const store = await KvLeases.open(nats, `t${++regions}`);
    const lost: string[] = [];
    const first = await acquire(store, A, () => lost.push('A'));
    await (await jetstreamManager(nats)).streams.purge(`KV_${leaseBucket(`t${regions}`)}`);
    expect((await acquire(store, B))?.valid).toBe(true);
    await expect.poll(() => lost).toEqual(['A']);
    expect(first?.valid).toBe(false);
  });

  it('is kept through a restart of the server, or lost and had again under the same name', async () => {
    const own = await startNats();
    const store = await KvLeases.open(await own.connect(), 't');
    const lost: string[] = [];
    const first = await acquire(store, A, () => lost.push('A'));
    await own.restart();
    await expect.poll(() => first?.valid === true || lost.length > 0, ENDED_MS).toBe(true);
    await expect
      .poll(async () => first?.valid || (await acquire(store, A).catch(() => undefined))?.valid)
      .toBe(true);
    await Promise.all(open.splice(0).map((lease) => lease.release()));
    await own.stop();
  });
});
