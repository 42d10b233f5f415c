import { beforeEach, describe, expect, it } from 'vitest';
import { allOf, command, drain } from '../../test/support/engine.ts';
import { type Reign, World } from '../../test/support/world.ts';
import { LIMITS } from '../limits.ts';
import { open, type SnapshotName } from '../record.ts';
import { MemorySnapshots } from './memory.ts';
import type { SnapshotWriter } from './store.ts';

let world: World;
beforeEach(() => {
  world = new World();
});

const receive = (reign: Reign) => reign.ask(command('receive', 'mug', { qty: 1 }));

/** Commands until so many more snapshots are named. */
async function take(reign: Reign, snapshots: number): Promise<void> {
  const target = (await named()).length + snapshots;
  while ((await named()).length < target) {
    await receive(reign);
    await world.clock.advance(1);
  }
  await drain();
}

let journal: SnapshotName[] = [];
/** Every snapshot that was ever named, oldest first; the journal may have lost some to trimming. */
async function named(): Promise<SnapshotName[]> {
  const from = (await world.journal.firstFrom(1))?.seq ?? 1;
  const last = (await world.journal.last())?.seq ?? 0;
  for await (const stored of world.journal.read(from, last)) {
    const { body } = open(stored.bytes);
    if (body.kind === 'snapshot' && !journal.some((n) => n.name === body.name)) journal.push(body);
  }
  return journal;
}
beforeEach(() => {
  journal = [];
});

const firstSeq = async (): Promise<number | undefined> => (await world.journal.firstFrom(1))?.seq;

/** A snapshot that is large enough takes seconds to make, and more on a busy machine. */
const SLOW_MS = 120_000;

const centreReads = (reign: Reign): void => {
  const { epoch, number, hash } = reign.shard.head;
  world.centre.says = { epoch, number, hash, seq: reign.shard.seq };
};

const namesOf = (some: readonly SnapshotName[]): string[] => some.map(({ name }) => name);

describe('C3 of the snapshots', () => {
  it('two are kept where the centre has read that the first of them is named', async () => {
    const reign = await world.reign('A', 3);
    await take(reign, 4);
    centreReads(reign);
    await take(reign, 1);
    expect(await world.snapshots.list()).toEqual(namesOf((await named()).slice(-2)));
  });

  it('the one that recovery began with is kept as the one before', async () => {
    await take(await world.reign('A', 3), 3);
    world.leases.forget();
    const reign = await world.reign('B', 3);
    centreReads(reign);
    await take(reign, 1);
    expect(await world.snapshots.list()).toEqual(namesOf((await named()).slice(-2)));
  });

  it('so is the newest that is named before the place up to which the centre has read', async () => {
    const reign = await world.reign('A', 3);
    await take(reign, 2);
    centreReads(reign);
    await take(reign, 4);
    const all = await named();
    expect(await world.snapshots.list()).toEqual(namesOf([1, 4, 5].map((i) => all[i] as never)));
    expect(await firstSeq()).toBe(all[1]?.fromSeq);
  });

  it('while the centre has read of none, the first and the oldest are', async () => {
    await take(await world.reign('A', 3), 4);
    world.leases.forget();
    await take(await world.reign('B', 3), 4);
    const all = await named();
    const kept = [0, 3, 6, 7].map((i) => all[i] as never);
    expect(await world.snapshots.list()).toEqual(namesOf(kept));
    expect(await firstSeq()).toBe(1);
  });

  it(
    'a large one waits for half as much journal as it is long, however many records that takes',
    async () => {
      const reign = await world.reign('A', 3);
      const goods = Array.from({ length: 1_000 }, (_, i) =>
        command('receive', `${i}`, { qty: 99 }),
      );
      for (let hold = 0; hold < 25; hold++) {
        const lines = goods.map(({ sku }) =>
          command('reserve', sku, { hold: `${hold}`, qty: 1, doc: 'D'.repeat(64) }),
        );
        if (hold === 0) await reign.ask(allOf(...goods));
        await reign.ask(allOf(...lines));
      }
      const known = (await named()).length;
      while ((await named()).length === known) {
        await reign.ask(allOf(...goods));
        await drain();
      }
      const before = (await named()).length;
      for (let i = 0; i < 50; i++) await receive(reign);
      await drain();
      expect(await named()).toHaveLength(before);
    },
    SLOW_MS,
  );

  it('each is named only when it is stored', async () => {
    const { create } = world.snapshots;
    let finish = (): void => {};
    world.snapshots.create = async function (this: MemorySnapshots, name): Promise<SnapshotWriter> {
      const writer = await create.call(this, name);
      const gate = new Promise<void>((resolve) => {
        finish = resolve;
      });
      return { ...writer, finish: () => gate.then(() => writer.finish()) };
    };
    const reign = await world.reign('A', 3);
    for (let i = 0; i < 10; i++) await receive(reign);
    expect(await named()).toEqual([]);
    finish();
    await drain();
    expect(await named()).toHaveLength(1);
  });
});

describe('C3 the journal is trimmed', () => {
  it('below the snapshot before the newest, where the centre is further', async () => {
    const reign = await world.reign('A', 3);
    await take(reign, 1);
    centreReads(reign);
    await take(reign, 1);
    const [before, newest] = (await named()).slice(-2);
    centreReads(reign);
    expect(await firstSeq()).toBe(before?.fromSeq);
    expect(newest?.fromSeq).toBeGreaterThan(before?.fromSeq as number);
  });

  it('never below a snapshot that the journal would not name, if it lost what the centre has not read', async () => {
    const reign = await world.reign('A', 3);
    world.centre.says = { epoch: 1, number: 2, hash: '', seq: 2 };
    await take(reign, 4);
    expect(await firstSeq()).toBe(1);
    centreReads(reign);
    const [, , , safe] = await named();
    await take(reign, 1);
    expect(await firstSeq()).toBe(safe?.fromSeq);
  });

  it('not at all while the centre has read nothing, or cannot be asked', async () => {
    const reign = await world.reign('A', 3);
    await take(reign, 2);
    world.centre.says = { epoch: 0, number: 0, hash: '', seq: 0 };
    await take(reign, 2);
    expect(await firstSeq()).toBe(1);
  });

  it('and still there is enough to recover from either of the two', async () => {
    const reign = await world.reign('A', 3);
    for (let i = 0; i < 30; i++) {
      await receive(reign);
      centreReads(reign);
    }
    expect(await firstSeq()).toBeGreaterThan(1);
    await reign.close();
    const newest = (await world.snapshots.list()).at(-1) as string;
    await world.snapshots.remove(newest);
    world.leases.forget();
    const next = await world.reign('B');
    expect((await next.ask(command('receive', 'mug', { qty: 1 }))).said).toBe('ok');
    expect(next.shard.state.stockroom.get(command('receive', 'mug').key)?.seq).toBe(31);
  });
});

/** Snapshots in memory, with a word before each step, and a count of writers left open. */
class WatchedSnapshots extends MemorySnapshots {
  open = 0;
  readonly #before: (step: 'create' | 'write' | 'finish') => void;

  constructor(before: (step: 'create' | 'write' | 'finish') => void) {
    super();
    this.#before = before;
  }

  override async create(name: string): Promise<SnapshotWriter> {
    this.#before('create');
    const writer = await super.create(name);
    this.open++;
    return {
      write: async (bytes) => {
        this.#before('write');
        await writer.write(bytes);
      },
      finish: async () => {
        this.#before('finish');
        await writer.finish();
        this.open--;
      },
      abort: async () => {
        await writer.abort();
        this.open--;
      },
    };
  }
}

describe('C3 a snapshot that cannot be stored', () => {
  it.each(['create', 'write', 'finish'])(
    'at %s costs a warning; the shard goes on, and the next one is stored',
    async (failing) => {
      let left = 1;
      const store = new WatchedSnapshots((step) => {
        if (step === failing && left-- > 0) throw new Error('the disk is full');
      });
      world.snapshots = store;
      const reign = await world.reign('A', 3);
      for (let i = 0; i < 12; i++) expect((await receive(reign)).said).toBe('ok');
      expect(reign.warnings).toEqual(['a snapshot could not be stored: the disk is full']);
      expect((await named()).length).toBeGreaterThan(0);
      expect(store.open).toBe(0);
    },
  );
});

describe('C3 a shard that ends', () => {
  it.each(Array.from({ length: 12 }, (_, i) => i))(
    'leaves no snapshot half written, wherever its own was: after %i steps',
    async (steps) => {
      let left = steps;
      const store = new WatchedSnapshots(() => {
        if (left-- === 0) reign.shard.depose();
      });
      world.snapshots = store;
      world.clock.msPerLook = LIMITS.sliceMs;
      const reign = await world.reign('A', 2);
      for (let i = 0; i < 100 && reign.shard.serving; i++) {
        await receive(reign);
        await world.clock.advance(1);
      }
      expect(await world.clock.until(reign.end)).toBe('deposed');
      await world.clock.advance(10);
      expect(store.open).toBe(0);
    },
  );

  it('leaves nothing of a snapshot that was still being opened', async () => {
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const store = new WatchedSnapshots(() => {});
    const { create } = store;
    store.create = async (name) => {
      await gate;
      return create.call(store, name);
    };
    world.snapshots = store;
    const reign = await world.reign('A', 2);
    for (let i = 0; i < 5; i++) await receive(reign);
    await reign.close();
    open();
    await drain();
    expect([store.open, await store.list()]).toEqual([0, []]);
  });
});
