import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock, MemoryLeases } from '../test/support/engine.ts';
import { Lease } from './lease.ts';
import { LIMITS } from './limits.ts';

const SHARD = 2;
const RELIED_ON_MS = LIMITS.leaseMs - LIMITS.leaseMarginMs;

let clock: FakeClock;
let store: MemoryLeases;
let lost: string[];

beforeEach(() => {
  clock = new FakeClock();
  store = new MemoryLeases(clock);
  lost = [];
});

const acquire = (node: string): Promise<Lease | undefined> =>
  Lease.acquire(store, clock, SHARD, { node, url: `ws://${node}` }, () => lost.push(node));

/** A lease that is surely there. */
const held = async (node: string): Promise<Lease> =>
  (await acquire(node)) ?? expect.fail(`${node} got no lease`);

describe('C2 a lease', () => {
  it('is held by one of two nodes, and shows which', async () => {
    const a = await held('A');
    expect(await acquire('B')).toBeUndefined();
    expect([a.valid, await store.holder(SHARD)]).toEqual([true, { node: 'A', url: 'ws://A' }]);
  });

  it('is renewed as long as it is held', async () => {
    const a = await held('A');
    await clock.advance(100 * LIMITS.leaseMs);
    expect([a.valid, await acquire('B'), lost]).toEqual([true, undefined, []]);
  });

  it('lets the next node in at once when it is released', async () => {
    const a = await held('A');
    await a.release();
    expect([a.valid, (await held('B')).valid]).toEqual([false, true]);
    await clock.advance(10 * LIMITS.leaseMs);
    expect(lost).toEqual([]);
  });

  it('ends by itself where the release is not heard', async () => {
    const a = await held('A');
    store.failing = 1;
    await a.release();
    expect(await acquire('B')).toBeUndefined();
    await clock.advance(LIMITS.leaseMs);
    expect((await held('B')).valid).toBe(true);
  });

  it('is had at once by a node of the same name: the one before it is dead', async () => {
    await held('A');
    expect((await held('A')).valid).toBe(true);
  });
});

describe('C6 a lease is relied on', () => {
  it('from before it was asked for, less a margin', async () => {
    const slow = store.acquire.bind(store);
    store.acquire = async (shard, value) => {
      const revision = await slow(shard, value);
      await new Promise<void>((resolve) => {
        clock.after(400, resolve);
      });
      return revision;
    };
    const a = await clock.until(held('A'));
    store.failing = Number.POSITIVE_INFINITY;
    await clock.advance(RELIED_ON_MS - 401);
    expect(a.valid).toBe(true);
    await clock.advance(1);
    expect(a.valid).toBe(false);
  });

  it('no longer than that, though nobody can say that it was lost', async () => {
    const a = await held('A');
    store.failing = Number.POSITIVE_INFINITY;
    await clock.advance(RELIED_ON_MS - 1);
    expect([a.valid, lost]).toEqual([true, []]);
    await clock.advance(1);
    expect(a.valid).toBe(false);
    await clock.advance(LIMITS.leaseRenewMs);
    expect(lost).toEqual(['A']);
  });

  it('by the monotonic clock: setting the wall clock changes nothing', async () => {
    const a = await held('A');
    store.failing = Number.POSITIVE_INFINITY;
    clock.setWall(-3_600_000);
    await clock.advance(RELIED_ON_MS);
    expect(a.valid).toBe(false);
  });
});

describe('C2 a renewal', () => {
  it('that is not answered is tried again; two may fail', async () => {
    const a = await held('A');
    store.failing = 4; // each try asks twice
    await clock.advance(2 * LIMITS.leaseRenewMs);
    expect([a.valid, lost]).toEqual([true, []]);
    await clock.advance(10 * LIMITS.leaseMs);
    expect([a.valid, lost]).toEqual([true, []]);
  });

  it('that was stored and not heard of goes on under its later revision', async () => {
    const a = await held('A');
    store.unheard = 1;
    await clock.advance(10 * LIMITS.leaseMs);
    expect([a.valid, lost]).toEqual([true, []]);
  });

  it('finds that another has it: lost, once, and no more renewals', async () => {
    const a = await held('A');
    store.forget();
    await held('B');
    await clock.advance(10 * LIMITS.leaseMs);
    expect([a.valid, lost]).toEqual([false, ['A']]);
    expect(await store.holder(SHARD)).toMatchObject({ node: 'B' });
  });

  it('finds nothing there: had again, and relied on once a commit shows that nobody came and went', async () => {
    const a = await held('A');
    const { proof } = a;
    store.forget();
    await clock.advance(LIMITS.leaseRenewMs);
    expect([a.valid, lost, await store.holder(SHARD)]).toMatchObject([false, [], { node: 'A' }]);
    a.proved(proof); // that was sent before
    expect(a.valid).toBe(false);
    a.proved(a.proof);
    expect([a.valid, await acquire('B')]).toEqual([true, undefined]);
  });

  it('after a long sleep, with another come and gone: had again, not relied on', async () => {
    const a = await held('A');
    store.failing = Number.POSITIVE_INFINITY; // the process stands still
    await clock.advance(LIMITS.leaseRenewMs);
    store.failing = 0;
    store.forget();
    await (await held('B')).release();
    await clock.advance(LIMITS.leaseRenewMs);
    expect([a.valid, lost]).toEqual([false, []]);
    await clock.advance(10 * LIMITS.leaseMs);
    expect([a.valid, lost]).toEqual([false, []]);
  });

  it('that is answered after the release changes nothing', async () => {
    const a = await held('A');
    let answer = (): void => {};
    const renew = store.renew.bind(store);
    store.renew = async (...args) => {
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return renew(...args);
    };
    await clock.advance(LIMITS.leaseRenewMs);
    await a.release();
    const b = await held('B');
    answer();
    await clock.advance(LIMITS.leaseMs / 4);
    expect([a.valid, b.valid, lost]).toEqual([false, true, []]);
  });
});
