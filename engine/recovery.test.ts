import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { command, FaultyJournal, recordsOf, SCANNER, storedOf } from '../test/support/engine.ts';
import { pictureOf, SHARD, World } from '../test/support/world.ts';
import { sleep } from './clock.ts';
import { commit } from './commit.ts';
import { Interrupted, ShardStopped } from './errors.ts';
import type { Stored } from './journal/journal.ts';
import { MemoryJournal } from './journal/memory.ts';
import { type Body, open, seal } from './record.ts';
import { type Recovered, takeOver } from './recovery.ts';
import { MemorySnapshots } from './snapshots/memory.ts';

let world: World;
/** The way to the journal of the node that takes over. */
let link: FaultyJournal;

beforeEach(() => {
  world = new World();
});

const recover = (): Promise<Recovered> => {
  link ??= new FaultyJournal(world.journal);
  return world.clock.until(takeOver(world.recovery(link, 'B')));
};

/** A node lived here: its owner record, so many receipts of one unit, and perhaps snapshots. */
async function lived(receipts: number, everyRecords?: number): Promise<void> {
  const reign = await world.reign('A', everyRecords);
  for (let n = 1; n <= receipts; n++) {
    await reign.ask(command('receive', `sku-${n % 3}`, { qty: 1 }), { caller: SCANNER, n });
    await world.clock.advance(1);
  }
  await reign.close();
  link = new FaultyJournal(world.journal);
}

async function stop(): Promise<string> {
  const said = await recover().catch((e: unknown) => e);
  expect(said).toBeInstanceOf(ShardStopped);
  return (said as ShardStopped).message;
}

describe('C2 a takeover', () => {
  it('of a new shard begins its journal with the owner record', async () => {
    link = new FaultyJournal(world.journal);
    const { head, seq, state, snapshot, records } = await recover();
    expect(await recordsOf(world.journal)).toMatchObject([
      { shard: SHARD, epoch: 1, number: 1, body: { kind: 'owner', node: 'B' } },
    ]);
    expect([head.epoch, head.number, seq, records, snapshot]).toEqual([1, 1, 1, 1, undefined]);
    expect(state.stockroom.size).toBe(0);
  });

  it('writes its owner record first and then has all up to it', async () => {
    await lived(20);
    const { head, seq, state, records } = await recover();
    expect([head.epoch, head.number, seq, records]).toEqual([2, 22, 22, 22]);
    expect((await recordsOf(world.journal)).at(-1)).toMatchObject({ number: 22, hash: head.hash });
    expect(state.sessions.nextNumber(SCANNER)).toBe(21);
  });

  it('has what the old owner committed between the look at the journal and the owner record', async () => {
    const old = await world.reign('A');
    link = new FaultyJournal(world.journal);
    let asked = 0;
    link.before = async () => {
      if (asked++ === 1) await old.ask(command('receive', 'late', { qty: 1 }), { n: 1 });
    };
    const { state } = await recover();
    expect(link.appends).toBe(2);
    expect(state.sessions.nextNumber(SCANNER)).toBe(2);
    const after = await old.ask(command('receive', 'late', { qty: 1 }), { n: 2 });
    expect([after.said, await old.end]).toEqual(['moved', 'deposed']);
  });

  it('never takes the time back', async () => {
    await lived(1);
    const [, last] = await recordsOf(world.journal);
    world.clock.setWall(-60_000);
    expect((await recover()).head.timeMs).toBe(last?.timeMs);
  });

  it('of two candidates at once leaves one that can go on, and none misses what was acknowledged', async () => {
    const seeds = fc.record({ a: fc.infiniteStream(fc.nat(9)), b: fc.infiniteStream(fc.nat(9)) });
    await fc.assert(
      fc.asyncProperty(seeds, fc.infiniteStream(fc.nat(9)), async (chances, oldChances) => {
        world = new World();
        const old = unruly(oldChances);
        const [first, acknowledged] = [await takeOverBy('old', old), [] as string[]];
        const writing = writeOn(old, first, acknowledged);
        const links = [unruly(chances.a), unruly(chances.b)] as const;
        const [a, b] = await world.clock.until(
          Promise.all([takeOverBy('A', links[0]), takeOverBy('B', links[1])]),
        );
        await world.clock.until(writing);

        const records = await recordsOf(world.journal);
        const last = records.at(-1);
        expect(new Set([a.head.hash, b.head.hash]).size).toBe(2);
        expect([a.head.hash, b.head.hash]).toContain(last?.hash);
        for (const [i, won] of [a, b].entries()) {
          const seen = new Set(records.slice(0, won.head.number).map((r) => r.hash));
          for (const hash of acknowledged) expect(seen).toContain(hash);
          const fence = seal(SHARD, won.head, won.head.epoch, won.head.timeMs, { kind: 'fence' });
          const link = new FaultyJournal(world.journal);
          const { kind } = await world.clock.until(commit(ways(link), fence, won.seq));
          expect(kind, `candidate ${i}`).toBe(won.head.hash === last?.hash ? 'committed' : 'lost');
        }
      }),
      { numRuns: 200 },
    );
  });

  const ways = (journal: FaultyJournal) => ({
    ...{ journal, clock: world.clock },
    mayPublish: () => true,
  });

  const takeOverBy = (node: string, by: FaultyJournal): Promise<Recovered> =>
    world.clock.until(takeOver(world.recovery(by, node)));

  /** A way on which things are late, lost or unheard, by chance. */
  function unruly(chances: Iterator<number>): FaultyJournal {
    const by = new FaultyJournal(world.journal);
    const next = (): number => chances.next().value as number;
    by.before = () => sleep(world.clock, next());
    by.chance = () => (['unheard', 'dropped', 'delayed'] as const)[next()] ?? 'none';
    return by;
  }

  /** The old owner goes on committing until it is told that it is not one. */
  async function writeOn(by: FaultyJournal, first: Recovered, done: string[]): Promise<void> {
    let { head, seq } = first;
    for (;;) {
      const record = seal(SHARD, head, head.epoch, head.timeMs, { kind: 'fence' });
      const fate = await commit(ways(by), record, seq);
      if (fate.kind !== 'committed') return;
      done.push(record.hash);
      [head, seq] = [record.head, fate.seq];
    }
  }
});

describe('C2 a takeover that is told to stop', () => {
  it.each([0, 1, 2, 3, 5, 8, 12])('stops, after %i looks', async (looks) => {
    await lived(10);
    let left = looks;
    const context = { ...world.recovery(link), mayPublish: () => left-- > 0 };
    await expect(world.clock.until(takeOver(context))).rejects.toBeInstanceOf(Interrupted);
  });

  it('stops though the journal does not answer', async () => {
    await lived(1);
    link.failingReads = Number.POSITIVE_INFINITY;
    let may = true;
    const ended = takeOver({ ...world.recovery(link), mayPublish: () => may }).catch((e) => e);
    await world.clock.advance(1_000);
    may = false;
    expect(await world.clock.until(ended)).toBeInstanceOf(Interrupted);
  });
});

describe('C2 a journal that cannot be read just now', () => {
  it('is asked again, and read on from where it broke off', async () => {
    await lived(10);
    let asked = 0;
    link.before = () => {
      if (asked++ % 3 === 0) throw new Error('no answer');
    };
    expect(await recover()).toMatchObject({ seq: 12, records: 12 });
  });

  it('is damaged if it answers and goes on not giving a record', async () => {
    await lived(10);
    link.see = (stored) => {
      if (stored.seq === 5) throw new Error('silent after 4 of 12');
      return stored;
    };
    expect(await stop()).toMatch(
      /the record at 5 .* is damaged: it cannot be read: silent after 4/,
    );
  });

  it('does not stop the shard when the snapshots cannot be listed just now', async () => {
    await lived(10, 4);
    const { list } = world.snapshots;
    let left = 3;
    world.snapshots.list = function (this: MemorySnapshots) {
      return left-- > 0 ? Promise.reject(new Error('no answer')) : list.call(this);
    };
    expect((await recover()).snapshot).toBeDefined();
  });
});

describe('C2 an empty journal', () => {
  beforeEach(() => lived(10, 4));

  it('beside a snapshot stops the shard', async () => {
    link = new FaultyJournal(new MemoryJournal());
    expect(await stop()).toMatch(/journal of shard 0 is gone, though it had one before. Restore/);
    expect(link.appends).toBe(0);
  });

  it('beside a history stops the shard', async () => {
    world.snapshots = new MemorySnapshots();
    world.hasHistory = true;
    link = new FaultyJournal(new MemoryJournal());
    expect(await stop()).toMatch(/journal of shard 0 is gone, though it had one before. Restore/);
  });

  it('beside a centre that has read some of it stops the shard', async () => {
    world.snapshots = new MemorySnapshots();
    world.centre.says = { epoch: 1, number: 5, hash: 'f'.repeat(32), seq: 5 };
    link = new FaultyJournal(new MemoryJournal());
    expect(await stop()).toMatch(
      /ends at record 0, the centre has read up to 5: its tail was lost/,
    );
  });
});

describe('C2 a centre', () => {
  it('that has read further than the journal goes stops the shard', async () => {
    await lived(10);
    world.centre.says = { epoch: 1, number: 12, hash: 'f'.repeat(32), seq: 12 };
    expect(await stop()).toMatch(/ends at record 11, the centre has read up to 12/);
    expect(link.appends).toBe(0);
  });

  it('that has read further and then falls silent stops the shard all the same', async () => {
    await lived(10);
    let asked = 0;
    world.centre.watermark = async () =>
      ++asked === 1 ? { epoch: 1, number: 12, hash: 'f'.repeat(32), seq: 12 } : undefined;
    expect(await stop()).toMatch(/ends at record 11, the centre has read up to 12/);
    expect(asked).toBeGreaterThan(2);
    expect(link.appends).toBe(0);
  });

  it('that has read another record stops the shard', async () => {
    await lived(10);
    world.centre.says = { epoch: 1, number: 7, hash: 'f'.repeat(32), seq: 7 };
    expect(await stop()).toMatch(/record 7 of shard 0 is not the one that the centre has read/);
  });

  it('that is not behind is all right, and so is one that cannot be reached', async () => {
    await lived(10);
    const seven = (await recordsOf(world.journal))[6];
    world.centre.says = { epoch: 1, number: 7, hash: seven?.hash ?? '', seq: 7 };
    await recover();
    world.centre.says = undefined;
    await recover();
  });

  it('that reads on while a node takes over is not ahead of the journal', async () => {
    const old = await world.reign('A');
    link = new FaultyJournal(world.journal);
    const watermark = world.centre.watermark.bind(world.centre);
    world.centre.watermark = async () => {
      await old.ask(command('receive', 'late', { qty: 1 }), { n: 1 });
      const { epoch, number, hash } = old.shard.head;
      world.centre.says = { epoch, number, hash, seq: old.shard.seq };
      return watermark();
    };
    expect((await recover()).head.number).toBe(3);
  });
});

describe('C2 a damaged record', () => {
  const last = 9;
  beforeEach(() => lived(last - 1));

  const flip = ({ bytes, ...rest }: Stored, at: number): Stored => {
    const flipped = bytes.slice();
    flipped[at % bytes.length] = (flipped[at % bytes.length] as number) ^ 0x10;
    return { ...rest, bytes: flipped };
  };

  it.each(Array.from({ length: last }, (_, i) => i + 1))(
    'at %i stops the shard and is named',
    async (seq) => {
      for (const at of [0, 5, 20, 40, 1_000]) {
        link = new FaultyJournal(world.journal);
        link.see = (stored) => (stored.seq === seq ? flip(stored, at) : stored);
        expect(await stop()).toMatch(new RegExp(`record at ${seq} in the journal.* is damaged`));
      }
    },
  );

  it.each(Array.from({ length: last - 1 }, (_, i) => i + 1))(
    'that is not there, at %i, stops the shard and is named',
    async (seq) => {
      link.see = (stored) => (stored.seq === seq ? undefined : stored);
      expect(await stop()).toMatch(
        seq === 1
          ? /journal of shard 0 begins at/
          : new RegExp(`record ${seq + 1} at ${seq + 1}.* number ${seq}`),
      );
    },
  );

  const forged: [string, (after: ReturnType<typeof open>) => ReturnType<typeof seal>, RegExp][] = [
    ['of another shard', (a) => seal(7, a, a.epoch, a.timeMs, FENCE), /it is of shard 7/],
    ['of an older epoch', (a) => seal(SHARD, a, 0, a.timeMs, FENCE), /epoch is older/],
    ['from before', (a) => seal(SHARD, a, a.epoch, a.timeMs - 1, FENCE), /time is before/],
    [
      'of another chain',
      (a) => seal(SHARD, { ...a, hash: 'f'.repeat(32) }, a.epoch, a.timeMs, FENCE),
      /does not follow/,
    ],
    [
      'that tells other balances than its events make',
      (a) => seal(SHARD, a, a.epoch, a.timeMs, receivedOneHas(7)),
      /sku-9@W1 event 1: the journal says 7,0,0,0,0,0,0,0,0,0, replay gives 1,0,0/,
    ],
  ];
  const FENCE: Body = { kind: 'fence' };

  it.each(forged)('%s stops the shard and is named', async (_, make, said) => {
    const stored = await storedOf(world.journal);
    const { bytes, hash } = make(open((stored[4] as Stored).bytes));
    link.see = (s) => (s.seq === 6 ? { seq: 6, bytes, id: hash } : s);
    const message = await stop();
    expect(message).toMatch(said);
    expect(message).toMatch(/record 6 at 6 in the journal of shard/);
  });

  function receivedOneHas(shelf: number): Body {
    const { key } = command('receive', 'sku-9');
    const blank = {
      hold: '',
      doc: '',
      reason: '',
      quality: 0,
      toQuality: 0,
      waiting: 0,
      picked: 0,
    };
    const event = {
      ...{ ...blank, kind: 'received', qty: 1, packed: 0, blocked: 0, expiresAtMs: 0 },
      ...{ occurredAtMs: 0, arrived: 0, why: '', shifts: [] },
    };
    const changes = [{ key, seq: 1, event, after: [shelf, 0, 0, 0, 0, 0, 0, 0, 0, 0] }];
    const outcome = { ok: true, changes };
    const entries = [{ caller: SCANNER, n: 0, fingerprint: 0, all: false, outcome }];
    return { kind: 'batch', entries, acknowledged: [] } as unknown as Body;
  }
});

describe('C3 a snapshot', () => {
  /** Its naming record, and the name. */
  const named = async () => {
    const records = await recordsOf(world.journal);
    return (
      records.flatMap((r) => (r.body.kind === 'snapshot' ? [r.body] : [])).at(-1) ?? expect.fail()
    );
  };

  /** The same snapshots, with the bytes of one of them changed. */
  async function changeBytes(name: string, change: (bytes: Buffer) => Buffer): Promise<void> {
    const store = new MemorySnapshots();
    for (const each of await world.snapshots.list()) {
      const pieces: Uint8Array[] = [];
      for await (const piece of world.snapshots.read(each)) pieces.push(piece);
      const writer = await store.create(each);
      const bytes = Buffer.concat(pieces);
      await writer.write(each === name ? change(bytes) : bytes);
      await writer.finish();
    }
    world.snapshots = store;
  }

  it('that a record names is where recovery begins; the tail does the rest', async () => {
    await lived(20, 5);
    const whole = await recover();
    expect(whole.snapshot).toEqual(await named());
    expect(whole.records).toBe(whole.seq - (whole.snapshot?.fromSeq as number));
    world.snapshots = new MemorySnapshots();
    expect(pictureOf((await recover()).state)).toEqual(pictureOf(whole.state));
  });

  it('that no record names is not used, and is cleared away when two others are named', async () => {
    await lived(20, 5);
    const { name } = await named();
    const unnamed = `${name}-unnamed`;
    const writer = await world.snapshots.create(unnamed);
    for await (const piece of world.snapshots.read(name)) await writer.write(piece);
    await writer.finish();
    expect((await recover()).snapshot?.name).toBe(name);
    world.leases.forget();
    const reign = await world.reign('C', 2);
    for (let n = 1; n < 9; n++) await reign.ask(command('receive', 'mug', { qty: 1 }));
    expect(await world.snapshots.list()).not.toContain(unnamed);
    expect(await world.snapshots.list()).toHaveLength(4);
  });

  it('of which nothing is left but unnamed ones is done without', async () => {
    await lived(4);
    const reign = await world.reign('A', 1);
    reign.link.chance = (b) => (open(b).body.kind === 'snapshot' ? 'dropped' : 'none');
    await reign.ask(command('receive', 'mug', { qty: 1 }));
    expect(await world.snapshots.list()).toHaveLength(1);
    // Deposed before it could name the snapshot that it has stored.
    reign.mayPublish = false;
    await world.clock.until(reign.end);
    expect(await recover()).toMatchObject({ snapshot: undefined, records: 8 });
  });

  it.each([
    [
      'a flipped bit',
      (b: Buffer) => Buffer.from(b.map((v, i) => (i === b.length - 40 ? v ^ 1 : v))),
    ],
    ['its end missing', (b: Buffer) => b.subarray(0, b.length - 10)],
    ['its last piece missing', (b: Buffer) => b.subarray(0, b.length - 9)],
    ['only half of it', (b: Buffer) => b.subarray(0, b.length / 2)],
    ['nothing in it', () => Buffer.alloc(0)],
    ['another length at its beginning', (b: Buffer) => Buffer.concat([Buffer.from([9]), b])],
  ])('with %s stops the shard and is named', async (_, change) => {
    await lived(20, 5);
    const { name } = await named();
    await changeBytes(name, change);
    const message = await stop();
    expect(message).toMatch(new RegExp(`snapshot ${name} of shard 0`));
    expect(message).toMatch(/Move it away to start from the snapshot before it/);
  });

  it('with any flipped bit stops the shard', async () => {
    await lived(6, 5);
    const [{ name }, store] = [await named(), world.snapshots];
    let bytes = 0;
    for await (const piece of store.read(name)) bytes += piece.length;
    for (let at = 0; at < bytes; at += 3) {
      world.snapshots = store;
      await changeBytes(name, (b) =>
        Buffer.from(b.map((v, i) => (i === at ? v ^ (1 << (at % 8)) : v))),
      );
      link = new FaultyJournal(world.journal);
      expect(await stop(), `bit at ${at}`).toMatch(/snapshot|journal/);
    }
  });

  it('that was moved away leaves the one before it', async () => {
    await lived(20, 5);
    const { name } = await named();
    const kept = await world.snapshots.list();
    expect(kept).toHaveLength(3);
    await world.snapshots.remove(name);
    expect((await recover()).snapshot?.name).toBe(kept[1]);
  });

  it('of another chain stops the shard', async () => {
    await lived(20, 5);
    const { name, toNumber } = await named();
    const body = { ...(await named()), toHash: 'f'.repeat(32) };
    const stored = await storedOf(world.journal);
    const at = stored.findIndex((s) => {
      const { body: b } = open(s.bytes);
      return b.kind === 'snapshot' && b.name === name;
    });
    const before = open((stored[at - 1] as Stored).bytes);
    // A journal that ends with the forged name, so that its chain is whole.
    world.journal = new MemoryJournal();
    for (const s of stored.slice(0, at)) await world.journal.append(s.bytes, s.id, s.seq - 1);
    const forged = seal(SHARD, before, before.epoch, before.timeMs, body);
    await world.journal.append(forged.bytes, forged.hash, at);
    link = new FaultyJournal(world.journal);
    expect(await stop()).toMatch(`snapshot ${name} belongs to another chain at record ${toNumber}`);
  });

  it('does not reach a journal that was trimmed beyond it', async () => {
    await lived(20, 5);
    await world.journal.trim(15);
    world.snapshots = new MemorySnapshots();
    expect(await stop()).toMatch(/begins at 15, and no snapshot reaches there. Restore a snapshot/);
  });

  it('and a journal that another owner has trimmed and cleared away meanwhile are no damage', async () => {
    await lived(20, 5);
    await recover(); // far enough behind for the next owner's trimming to matter
    let looks = 0;
    link.before = async () => {
      if (looks++ !== 4) return; // it reads the tail
      const other = await world.reign('C', 3);
      for (let n = 1; n <= 30; n++) {
        await other.ask(command('receive', 'mug', { qty: 1 }));
        const { epoch, number, hash } = other.shard.head;
        world.centre.says = { epoch, number, hash, seq: other.shard.seq };
      }
      await other.close();
    };
    const begun = (await world.journal.last())?.seq ?? 0;
    const { head, seq } = await recover();
    expect((await world.journal.firstFrom(1))?.seq).toBeGreaterThan(begun);
    expect([seq, head.hash]).toEqual([
      (await world.journal.last())?.seq,
      (await world.journal.last())?.id,
    ]);
  });

  it('beside a journal that lost its tail stops the shard', async () => {
    await lived(20, 5);
    const stored = await storedOf(world.journal);
    world.journal = new MemoryJournal();
    for (const s of stored.slice(0, 3)) await world.journal.append(s.bytes, s.id, s.seq - 1);
    link = new FaultyJournal(world.journal);
    expect(await stop()).toMatch(
      /does not end with our own record|does not follow|should be number/,
    );
  });
});
