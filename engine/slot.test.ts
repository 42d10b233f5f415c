import pino from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  Asked,
  command,
  drain,
  FakeCentre,
  FakeClock,
  FaultyJournal,
  MemoryLeases,
  read,
  recordsOf,
} from '../test/support/engine.ts';
import { MemoryJournal } from './journal/memory.ts';
import type { LeaseStore } from './lease.ts';
import { LIMITS } from './limits.ts';
import { newCounters } from './metrics.ts';
import { Slot, type SlotContext } from './slot.ts';
import { MemorySnapshots } from './snapshots/memory.ts';

let clock: FakeClock;
let leases: MemoryLeases;
let journals: MemoryJournal[];
let logged: { level: number; msg: string; shard: number }[];
let nonces: number;

beforeEach(() => {
  clock = new FakeClock();
  leases = new MemoryLeases(clock);
  journals = [new MemoryJournal(), new MemoryJournal()];
  logged = [];
  nonces = 0;
});

/** One node's part of a shard, and its own way to the lease and the journal. */
interface Node {
  readonly slot: Slot;
  readonly link: FaultyJournal;
  readonly counters: ReturnType<typeof newCounters>;
}

function node(name: string, shard = 0, more: Partial<SlotContext> = {}): Node {
  const link = new FaultyJournal(journals[shard] as MemoryJournal);
  const counters = newCounters();
  const slot = new Slot({
    ...{ region: 'r1', shard, clock, leases, self: { node: name, url: `ws://${name}` } },
    ...{ journal: link, snapshots: new MemorySnapshots(), centre: new FakeCentre(), counters },
    history: { has: () => false, mark: () => Promise.resolve() },
    nonce: () => String(++nonces),
    log: pino({ level: 'warn' }, { write: (line: string) => logged.push(JSON.parse(line)) }),
    onErrand: () => {},
    isHeard: () => true,
    onCommitted: () => {},
    ...more,
  });
  return { slot, link, counters };
}

async function serving(name: string, shard = 0, more: Partial<SlotContext> = {}): Promise<Node> {
  const started = node(name, shard, more);
  started.slot.start();
  await clock.until(started.slot.settled());
  expect(started.slot.state.kind).toBe('serving');
  return started;
}

async function ask(slot: Slot, what = command('receive', 'mug', { qty: 1 }), n = 0) {
  const asked = new Asked(what, { n });
  slot.submit(asked);
  await drain();
  return asked;
}

const detail = (asked: Asked): string | undefined => {
  const answer = asked.answers[0]?.answer;
  return answer?.ok === false ? answer.detail : undefined;
};

/** A way to the leases that can be cut, as when a node hangs or its link does. */
function cuttable(): LeaseStore & { cut: boolean } {
  const check = <T>(work: () => Promise<T>): Promise<T> =>
    way.cut ? Promise.reject(new Error('no answer')) : work();
  const way = {
    cut: false,
    acquire: (...a: Parameters<LeaseStore['acquire']>) => check(() => leases.acquire(...a)),
    renew: (...a: Parameters<LeaseStore['renew']>) => check(() => leases.renew(...a)),
    release: (...a: Parameters<LeaseStore['release']>) => check(() => leases.release(...a)),
    holder: (...a: Parameters<LeaseStore['holder']>) => check(() => leases.holder(...a)),
  };
  return way;
}

describe('C2 a slot', () => {
  it('waits, takes the shard over, serves, and is closed', async () => {
    const { slot, counters } = node('A');
    expect(slot.state).toEqual({ kind: 'waiting', owner: undefined });
    const early = await ask(slot);
    expect(early.said).toBeUndefined();
    slot.start();
    await clock.until(slot.settled());
    expect([slot.state.kind, counters.takeovers]).toEqual(['serving', 1]);
    await drain();
    expect([early.said, (await ask(slot)).said]).toEqual(['ok', 'ok']);
    expect(counters).toMatchObject({ commands: 2, turns: 2 });
    await slot.close();
    expect([slot.state, (await ask(slot)).said]).toEqual([{ kind: 'closed' }, 'moved']);
    expect(await leases.holder(0)).toBeUndefined();
  });

  it('lets commands wait while it recovers, and serves them in the order they came', async () => {
    const { slot, link } = node('A');
    link.failingReads = 3;
    slot.start();
    await drain();
    expect(slot.state.kind).toBe('recovering');
    const waiting = [];
    for (const n of [1, 2, 3]) waiting.push(await ask(slot, undefined, n));
    expect(waiting.map((a) => a.said)).toEqual([undefined, undefined, undefined]);
    await clock.until(slot.settled());
    await drain();
    expect(slot.state.kind).toBe('serving');
    expect(waiting.map((a) => a.answers[0]?.answer)).toMatchObject(
      [1, 2, 3].map((seq) => ({ ok: true, results: [{ seq }] })),
    );
    await slot.close();
  });

  it('tells all that wait to come again when the first has waited long enough', async () => {
    const { slot } = node('A', 0, {
      leases: { ...cuttable(), holder: () => Promise.reject(new Error('away')) },
    });
    const first = await ask(slot, undefined, 1);
    await clock.advance(LIMITS.parkMs / 2);
    const second = await ask(slot, undefined, 2);
    await clock.advance(LIMITS.parkMs / 2 - 1);
    expect([first.said, second.said]).toEqual([undefined, undefined]);
    await clock.advance(1);
    expect([first.said, second.said]).toEqual(['moved', 'moved']);
    await slot.close();
  });

  it('of the node that has no lease names the one that has', async () => {
    const a = await serving('A');
    const b = node('B');
    b.slot.start();
    await clock.until(b.slot.settled());
    expect(b.slot.state).toEqual({ kind: 'waiting', owner: { node: 'A', url: 'ws://A' } });
    const asked = await ask(b.slot);
    expect([asked.said, detail(asked)]).toEqual(['not_owned', 'ws://A']);
    await a.slot.close();
    await clock.advance(1_000);
    expect((await ask(b.slot)).said).toBe('ok');
    await b.slot.close();
  });

  it('takes over from a node that hangs when the lease has ended; that one names the new owner', async () => {
    const way = cuttable();
    const a = await serving('A', 0, { leases: way });
    await ask(a.slot, undefined, 1);
    const b = node('B');
    b.slot.start();
    way.cut = true;
    await clock.advance(LIMITS.leaseMs - LIMITS.leaseRenewMs);
    expect([(await ask(b.slot)).said, (await ask(a.slot, undefined, 2)).said]).toEqual([
      'not_owned',
      'ok',
    ]);
    await clock.advance(LIMITS.leaseMs);
    const late = await ask(a.slot);
    expect([(await ask(b.slot, undefined, 3)).said, late.said]).toEqual(['ok', undefined]);
    way.cut = false;
    await clock.advance(1_000);
    expect(late.said).toBe('not_owned');
    expect(a.slot.state).toEqual({ kind: 'waiting', owner: { node: 'B', url: 'ws://B' } });
    const epochs = (await recordsOf(journals[0] as MemoryJournal)).map((r) => r.epoch);
    expect(epochs).toEqual([1, 1, 1, 2, 2]);
    expect(logged).toMatchObject([{ level: 40, shard: 0 }]);
    expect(logged[0]?.msg).toMatch(/lease lost/);
    await Promise.all([clock.until(a.slot.close()), clock.until(b.slot.close())]);
  });

  it('whose lease ended while it was idle has it again, and goes on with what it has', async () => {
    const { slot, counters } = await serving('A');
    await ask(slot);
    leases.forget();
    await clock.advance(1_000);
    expect([slot.state.kind, counters.takeovers]).toEqual(['serving', 1]);
    expect((await ask(slot)).said).toBe('ok');
    await slot.close();
  });

  it('that was deposed by another without losing its lease takes the shard over again', async () => {
    const a = await serving('A');
    const elsewhere = new MemoryLeases(clock); // two nodes that do not see one another's leases
    const b = await serving('B', 0, { leases: elsewhere });
    expect((await ask(a.slot, undefined, 1)).said).toBe('moved');
    await clock.advance(1_000);
    expect((await ask(a.slot, undefined, 1)).said).toBe('ok');
    expect((await ask(b.slot, undefined, 1)).said).toBe('moved');
    await Promise.all([clock.until(a.slot.close()), clock.until(b.slot.close())]);
  });

  it('that loses its lease at the last moment of a takeover does not serve', async () => {
    let goOn = (): void => {};
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    let marks = 0;
    const mark = (): Promise<void> => (marks++ === 0 ? gate : Promise.resolve());
    const a = node('A', 0, { history: { has: () => false, mark } });
    a.slot.start();
    await clock.advance(10);
    leases.forget();
    const b = await serving('B');
    await clock.advance(LIMITS.leaseRenewMs);
    goOn();
    await clock.advance(1_000);
    expect(a.slot.state).toEqual({ kind: 'waiting', owner: { node: 'B', url: 'ws://B' } });
    expect((await ask(b.slot)).said).toBe('ok');
    await Promise.all([clock.until(a.slot.close()), clock.until(b.slot.close())]);
  });

  it('that loses its lease while it recovers leaves the shard to the one that has it', async () => {
    const way = cuttable();
    const a = node('A', 0, { leases: way });
    a.link.failingReads = Number.POSITIVE_INFINITY;
    a.slot.start();
    await clock.advance(100);
    way.cut = true;
    const b = node('B');
    b.slot.start();
    await clock.advance(2 * LIMITS.leaseMs);
    way.cut = false;
    await clock.advance(1_000);
    expect([a.slot.state.kind, b.slot.state.kind]).toEqual(['waiting', 'serving']);
    await Promise.all([clock.until(a.slot.close()), clock.until(b.slot.close())]);
  });

  it('waits for a lease store that cannot be reached', async () => {
    const way = cuttable();
    way.cut = true;
    const { slot } = node('A', 0, { leases: way });
    slot.start();
    await clock.advance(5_000);
    expect(slot.state).toEqual({ kind: 'waiting', owner: undefined });
    way.cut = false;
    await clock.advance(1_000);
    expect(slot.state.kind).toBe('serving');
    await slot.close();
  });

  it('marks that the shard has a journal, and stops where that is gone', async () => {
    let marked = false;
    const mark = async (): Promise<void> => {
      marked = true;
    };
    const more = { history: { has: () => marked, mark } };
    await (await serving('A', 0, more)).slot.close();
    expect(marked).toBe(true);
    journals[0] = new MemoryJournal();
    const { slot } = node('A', 0, more);
    slot.start();
    await clock.until(slot.settled());
    expect(slot.state).toMatchObject({ kind: 'stopped', why: /is gone/ });
  });
});

describe('a slot whose records are damaged', () => {
  it('stops loudly, says why to everybody, and leaves the others alone', async () => {
    await (await serving('A', 0)).slot.close();
    const [bad, good] = [node('A', 0), node('A', 1)];
    bad.link.see = (s) => ({ ...s, bytes: s.bytes.map((v, i) => (i === 9 ? v ^ 1 : v)) });
    bad.slot.start();
    good.slot.start();
    await clock.until(Promise.all([bad.slot.settled(), good.slot.settled()]));

    const why = 'the record at 1 in the journal of shard 0 is damaged: its content does not match';
    expect(bad.slot.state).toMatchObject({ kind: 'stopped' });
    const asked = await ask(bad.slot);
    expect(asked.said).toBe('stopped');
    expect(detail(asked)).toContain(why);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toMatchObject({ level: 60, shard: 0 });
    expect(logged[0]?.msg).toContain(why);

    expect((await ask(good.slot)).said).toBe('ok');
    await clock.advance(60_000);
    expect([bad.slot.state.kind, good.slot.state.kind, logged.length]).toEqual([
      'stopped',
      'serving',
      1,
    ]);
    await Promise.all([bad.slot.close(), clock.until(good.slot.close())]);
    expect(bad.slot.state.kind).toBe('stopped');
  });

  it('stops in the middle of its service, answers what waits, and gives the lease back', async () => {
    const a = await serving('A');
    await ask(a.slot);
    a.link.faults = [{ kind: 'duplicate', seq: 1 }];
    const [asked, numbered] = [await ask(a.slot), await ask(a.slot, undefined, 1)];
    await clock.advance(1_000);
    expect([asked.said, numbered.said]).toEqual(['unknown', 'stopped']);
    expect(a.slot.state).toMatchObject({ kind: 'stopped', why: /another record is there/ });
    expect(await leases.holder(0)).toBeUndefined();
  });
});

describe('closing a slot', () => {
  it.each([0, 1, 2, 3, 5, 8, 13])('ends a recovery, %i reads on', async (reads) => {
    const first = await serving('A');
    for (let n = 1; n <= 10; n++) await ask(first.slot, undefined, n);
    await first.slot.close();
    const { slot, link } = node('A');
    let left = reads;
    let closed: Promise<void> | undefined;
    link.before = () => {
      if (left-- === 0) closed = slot.close();
    };
    slot.start();
    await clock.until(slot.settled());
    await clock.until(closed ?? expect.fail('it was never asked'));
    expect(slot.state.kind).toBe('closed');
    expect(await leases.holder(0)).toBeUndefined();
  });

  it('ends a wait for the lease', async () => {
    const a = await serving('A');
    const { slot } = node('B');
    slot.start();
    await clock.advance(100);
    await clock.until(slot.close());
    expect(slot.state.kind).toBe('closed');
    await a.slot.close();
  });

  it('ends a wait for a journal that answers nothing any more, when the lease has ended', async () => {
    const way = cuttable();
    const { slot, link } = await serving('A', 0, { leases: way });
    link.chance = () => 'dropped';
    const asked = await ask(slot, undefined, 1);
    const look = await ask(slot, read('mug') as never);
    way.cut = true;
    await clock.until(slot.close());
    expect([asked.said, look.said, slot.state.kind]).toEqual(['moved', 'moved', 'closed']);
  });

  it('tells who has no number that nobody knows what became of the command', async () => {
    const way = cuttable();
    const { slot, link } = await serving('A', 0, { leases: way });
    link.chance = () => 'dropped';
    const asked = await ask(slot);
    way.cut = true;
    await clock.until(slot.close());
    expect(asked.said).toBe('unknown');
  });

  it('that was never started is nothing', async () => {
    await node('A').slot.close();
  });
});
