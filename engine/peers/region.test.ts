import pino from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Command } from '../../actors/stock/commands.ts';
import {
  Asked,
  command,
  drain,
  FakeCentre,
  FakeClock,
  MemoryLeases,
  read,
  recordsOf,
  SCANNER,
} from '../../test/support/engine.ts';
import { PeersHere } from '../../test/support/peers.ts';
import type { Appended } from '../journal/journal.ts';
import { MemoryJournal } from '../journal/memory.ts';
import type { LeaseStore, LeaseValue } from '../lease.ts';
import { LIMITS } from '../limits.ts';
import { newCounters } from '../metrics.ts';
import { Slot } from '../slot.ts';
import { MemorySnapshots } from '../snapshots/memory.ts';
import { rendezvous } from './members.ts';

const SHARD = 0;
const named = (node: string): LeaseValue => ({ node, url: `ws://${node}` });
/** The shard should be the first one's whenever that one lives. */
const [SECOND, FIRST] = ['A', 'B'].sort((a, b) =>
  rendezvous(SHARD, [named(a), named(b)])?.node === a ? 1 : -1,
) as [string, string];

let clock: FakeClock;
let leases: MemoryLeases;
let journal: MemoryJournal;
let snapshots: MemorySnapshots;
let peers: PeersHere;
let nonces: number;

beforeEach(() => {
  clock = new FakeClock();
  leases = new MemoryLeases(clock);
  journal = new MemoryJournal();
  snapshots = new MemorySnapshots();
  peers = new PeersHere();
  nonces = 0;
});

interface Node {
  readonly slot: Slot;
  /** As SIGKILL does it: says nothing more to anybody. */
  kill(): void;
}

async function start(name: string): Promise<Node> {
  const self = named(name);
  let isDead = false;
  const alive = <T>(work: () => Promise<T>): Promise<T> =>
    isDead ? new Promise(() => {}) : work();
  const way: LeaseStore = {
    acquire: (...a) => alive(() => leases.acquire(...a)),
    renew: (...a) => alive(() => leases.renew(...a)),
    release: (...a) => alive(() => leases.release(...a)),
    holder: (...a) => alive(() => leases.holder(...a)),
  };
  const slot = new Slot({
    ...{ region: 'r1', shard: SHARD, clock, leases: way, self, journal, snapshots },
    ...{ centre: new FakeCentre(), counters: newCounters(), peers: peers.of(self) },
    history: { has: () => false, mark: () => Promise.resolve() },
    nonce: () => String(++nonces),
    log: pino({ level: 'silent' }),
    onErrand: () => {},
    isHeard: () => true,
    onCommitted: () => {},
  });
  slot.start();
  await clock.until(slot.settled());
  const kill = (): void => {
    isDead = true;
    peers.gone.add(name);
    peers.live.delete(name);
  };
  return { slot, kill };
}

const receive = () => command('receive', 'mug', { qty: 1 });

function send(slot: Slot, n: number, what: Command = receive()): Asked {
  const asked = new Asked(what, { n });
  slot.submit(asked);
  return asked;
}

const said = (all: readonly Asked[]): (string | undefined)[] => all.map((a) => a.said);
const seqs = (all: readonly Asked[]): unknown[] =>
  all.map(({ answers: [first] }) =>
    first?.answer.ok && first.answer.kind === 'done' ? first.answer.results[0]?.seq : first?.answer,
  );
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

describe('a region of several nodes', () => {
  it('sends a command on to the node that owns its shard, and its answer back', async () => {
    const first = await start(FIRST);
    const second = await start(SECOND);
    expect(second.slot.state).toEqual({ kind: 'waiting', owner: named(FIRST) });
    const all = [send(second.slot, 1), send(first.slot, 2), send(second.slot, 3, read('mug'))];
    await drain();
    expect(said(all)).toEqual(['ok', 'ok', 'ok']);
    expect(await second.slot.nextNumber(SCANNER)).toBe(3);
    await Promise.all([clock.until(second.slot.close()), clock.until(first.slot.close())]);
  });

  it('gives a node that joins its share; whatever arrives meanwhile is served in order', async () => {
    const second = await start(SECOND);
    expect(second.slot.state.kind).toBe('serving');
    const all = upTo(20).map((n) => send(second.slot, n));
    const joining = start(FIRST);
    for (let n = 21; n <= 200; n++) {
      all.push(send(second.slot, n));
      if (n % 10 === 0) await clock.advance(5);
      else await drain();
    }
    const first = await joining;
    await clock.advance(LIMITS.leaseMs);
    expect([first.slot.state.kind, second.slot.state.kind]).toEqual(['serving', 'waiting']);
    expect(seqs(all)).toEqual(upTo(200));
    const owners = (await recordsOf(journal)).filter((r) => r.body.kind === 'owner');
    expect(owners.map((r) => r.epoch)).toEqual([1, 2]);
    await Promise.all([clock.until(second.slot.close()), clock.until(first.slot.close())]);
  });

  it('keeps a shard with its owner when a node joins that should not have it', async () => {
    const first = await start(FIRST);
    const second = await start(SECOND);
    await clock.advance(20_000);
    expect([first.slot.state.kind, second.slot.state.kind]).toEqual(['serving', 'waiting']);
    expect((await recordsOf(journal)).filter((r) => r.body.kind === 'owner')).toHaveLength(1);
    await Promise.all([clock.until(second.slot.close()), clock.until(first.slot.close())]);
  });

  it('loses and refuses nothing with a number when the owner is killed', async () => {
    const first = await start(FIRST);
    const second = await start(SECOND);
    const all = upTo(10).map((n) => send(second.slot, n));
    await drain();
    first.kill();
    for (let n = 11; n <= 100; n++) {
      all.push(send(second.slot, n));
      await clock.advance(25);
    }
    await clock.advance(LIMITS.leaseMs + 500);
    expect(second.slot.state.kind).toBe('serving');
    expect(seqs(all)).toEqual(upTo(100));
    await clock.until(second.slot.close());
  });

  it('asks again elsewhere what a frozen owner did not answer, and tells who has no number', async () => {
    const first = await start(FIRST);
    const second = await start(SECOND);
    const before = send(second.slot, 1);
    await drain();
    peers.hanging.add(FIRST);
    const all = [send(second.slot, 2), send(second.slot, 0), send(second.slot, 3)];
    await drain();
    expect(said([before, ...all])).toEqual(['ok', undefined, undefined, undefined]);
    first.kill();
    await clock.advance(LIMITS.leaseMs / 2);
    peers.timeOut();
    await clock.advance(LIMITS.leaseMs + 500);
    expect(said(all)).toEqual(['ok', 'unknown', 'ok']);
    expect(seqs([before, all[0] as Asked, all[2] as Asked])).toEqual([1, 2, 3]);
    await clock.until(second.slot.close());
  });

  it('hands its shards to the others when it is stopped', async () => {
    const first = await start(FIRST);
    const second = await start(SECOND);
    peers.live.delete(FIRST); // it has said goodbye
    const all = upTo(5).map((n) => send(second.slot, n));
    const closing = first.slot.close();
    for (let n = 6; n <= 60; n++) {
      all.push(send(second.slot, n));
      await clock.advance(10);
    }
    await clock.until(closing);
    expect(second.slot.state.kind).toBe('serving');
    expect(seqs(all)).toEqual(upTo(60));
    await clock.until(second.slot.close());
  });

  it('serves a shard that the node which should have it does not want', async () => {
    peers.of(named(FIRST)); // it lives, and takes no shard
    const second = await start(SECOND);
    expect(second.slot.state.kind).toBe('serving');
    await clock.until(second.slot.close());
  });

  it('hands a shard over once, however long its lease had been free before it was taken', async () => {
    const second = await start(SECOND);
    await clock.advance(20_000);
    const first = await start(FIRST);
    await clock.advance(60_000);
    expect([first.slot.state.kind, second.slot.state.kind]).toEqual(['serving', 'waiting']);
    expect((await recordsOf(journal)).filter((r) => r.body.kind === 'owner')).toHaveLength(2);
    await Promise.all([clock.until(second.slot.close()), clock.until(first.slot.close())]);
  });

  it('does not let what was sent on get ahead of what was told moved', async () => {
    const first = await start(FIRST);
    const elsewhere = peers.of(named('X'));
    peers.live.delete('X');
    const said: string[] = [];
    const forward = (n: number): void => {
      const asked = new Asked(receive(), { n });
      void elsewhere
        .forward(named(FIRST), SHARD, asked, 1)
        .then((answer) => said.push(`${n} ${answer.ok ? 'ok' : answer.code}`));
    };
    const hung: ((unheard: Appended) => void)[] = [];
    const append = journal.append.bind(journal);
    journal.append = () => new Promise((resolve) => hung.push(resolve));
    forward(1);
    await drain();
    leases.forget();
    await leases.acquire(SHARD, named('X'));
    await clock.advance(LIMITS.leaseRenewMs + 50);
    leases.forget();
    journal.append = append;
    for (const answer of hung) answer({ kind: 'unknown', why: 'timeout' });
    while (said.length === 0) await clock.advance(10);
    forward(2); // on its way when 1 was refused
    await clock.advance(3_000);
    expect(said).toEqual(['1 moved', '2 moved']);
    forward(1);
    forward(2);
    await clock.advance(10);
    expect(said.slice(2)).toEqual(['1 ok', '2 ok']);
    await clock.until(first.slot.close());
  });

  it('sends nothing to itself where its own name is left in the lease', async () => {
    const second = await start(SECOND);
    leases.release = () => Promise.reject(new Error('timeout'));
    let forwards = 0;
    const all = upTo(20).map((n) => send(second.slot, n));
    const first = peers.of(named(FIRST));
    first.serve(SHARD, {
      submit: () => forwards++,
      handOver: async () => false,
      nextNumber: () => undefined,
    });
    await first.askFor(named(SECOND), SHARD);
    for (let n = 21; n <= 40; n++) all.push(send(second.slot, n));
    await clock.advance(LIMITS.leaseMs + LIMITS.parkMs + 500);
    expect(said(all).filter((s) => s === undefined)).toEqual([]);
    expect(forwards).toBeLessThan(40);
    await clock.until(second.slot.close());
  });

  it('never sends a command round in circles', async () => {
    const [a, b] = [named('A'), named('B')];
    const lost = {
      ...leases,
      release: async () => {},
      renew: async () => 1,
      acquire: async () => undefined,
    };
    const nodes = [a, b].map((self) => {
      const holder = async () => (self === a ? b : a);
      return new Slot({
        ...{ region: 'r1', shard: SHARD, clock, self, journal, snapshots },
        ...{ centre: new FakeCentre(), counters: newCounters(), peers: peers.of(self) },
        leases: { ...lost, holder },
        history: { has: () => false, mark: () => Promise.resolve() },
        nonce: () => '1',
        log: pino({ level: 'silent' }),
        onErrand: () => {},
        isHeard: () => true,
        onCommitted: () => {},
      });
    });
    for (const slot of nodes) slot.start();
    await Promise.all(nodes.map((slot) => clock.until(slot.settled())));
    const asked = send(nodes[0] as Slot, 1);
    await clock.advance(LIMITS.parkMs + 1_000);
    expect(asked.said).toBe('moved');
    await Promise.all(nodes.map((slot) => clock.until(slot.close())));
  });
});
