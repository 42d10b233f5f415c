import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StockDigest } from '../../actors/digest.ts';
import type { Command, Quality } from '../../actors/stock/commands.ts';
import { faults } from '../../actors/stock/conserved.ts';
import { allOf, command, FakeClock, FaultyJournal, recordsOf } from '../../test/support/engine.ts';
import { pictureOf, type Reign, World } from '../../test/support/world.ts';
import { LIMITS } from '../limits.ts';
import { open, type SnapshotName } from '../record.ts';
import { takeOver } from '../recovery.ts';
import type { ShardState } from '../state.ts';
import { MemorySnapshots } from './memory.ts';
import { loadSnapshot, SnapshotTaker } from './snapshot.ts';

/** More than one slice takes. */
const SKUS = 150;
const DAY_MS = 24 * 3_600_000;

interface Step {
  readonly command: Command;
  readonly who: number;
  readonly n: number;
  readonly acked: number;
  readonly waitMs: number;
}

const change: fc.Arbitrary<Command> = fc
  .record({
    op: fc.constantFrom(
      ...(['receive', 'reserve', 'reserve', 'extend', 'harden', 'release', 'pick'] as const),
      ...(['pack', 'ship', 'cancel', 'putback', 'adjust', 'adjust'] as const),
    ),
    sku: fc.nat(SKUS + 20),
    hold: fc.nat(3),
    qty: fc.nat(4),
    delta: fc.integer({ min: -6, max: 6 }),
    ttlMs: fc.constantFrom(0, 0, 5, 500),
    quality: fc.constantFrom<Quality[]>(0, 0, 0, 2),
  })
  .map(({ sku, hold, qty, delta, ...rest }) => {
    const needsHold = !['receive', 'putback', 'adjust'].includes(rest.op);
    return command(rest.op, `sku-${sku % 7 === 0 ? sku : sku % 3}`, {
      ...{ ...rest, qty: rest.op === 'receive' || rest.op === 'reserve' ? qty + 1 : qty },
      ...{ delta: delta || 1, hold: needsHold ? `H${hold}` : '', partial: true },
    });
  });
const steps = fc.array(
  fc.record<Step>({
    command: fc.oneof(
      { weight: 4, arbitrary: change },
      {
        weight: 1,
        arbitrary: fc
          .array(change, { minLength: 1, maxLength: 4 })
          .map((lines) => allOf(...(lines as Parameters<typeof allOf>))),
      },
    ),
    who: fc.nat(2),
    n: fc.integer({ min: 1, max: 60 }),
    acked: fc.constantFrom(0, 0, 0, 10, 20),
    waitMs: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 100, DAY_MS),
  }),
  { maxLength: 80, size: 'max' },
);

const digestOf = (state: ShardState): string => {
  const digest = new StockDigest();
  for (const [key, actor] of state.stockroom.entries()) digest.add(key, actor.seq, actor.b);
  return digest.toString();
};

/** What is left of them after trimming. */
async function namesIn({ journal }: World): Promise<SnapshotName[]> {
  const [first, last] = [await journal.firstFrom(1), await journal.last()];
  const names: SnapshotName[] = [];
  for await (const { bytes } of journal.read(first?.seq ?? 1, last?.seq ?? 0)) {
    const { body } = open(bytes);
    if (body.kind === 'snapshot') names.push(body);
  }
  return names;
}

async function fill(reign: Reign): Promise<void> {
  const lines = Array.from({ length: SKUS }, (_, i) => command('receive', `sku-${i}`, { qty: 5 }));
  const asked = await reign.ask(allOf(...lines));
  expect(asked.said).toBe('ok');
}

describe('C3 a snapshot taken in slices while commands go on', () => {
  it('gives, with the tail, what never having stopped gives', async () => {
    let spread = 0;
    await fc.assert(
      fc.asyncProperty(steps, fc.boolean(), async (told, hasCentre) => {
        const world = new World();
        const reign = await world.reign('A', 4);
        await fill(reign);
        await reign.lease.release(); // or its renewals would take most of the time
        world.clock.msPerLook = LIMITS.sliceMs; // a slice is over as soon as it has begun
        for (const { command: what, who, n, acked, waitMs } of told) {
          const caller = { client: `c${who}`, incarnation: '' };
          await reign.ask(what, { caller, n, acked });
          await world.clock.advance(waitMs);
          const { epoch, number, hash } = reign.shard.head;
          if (hasCentre) world.centre.says = { epoch, number, hash, seq: reign.shard.seq };
        }
        await world.clock.advance(1);
        // From here on it decides nothing more: a hold that runs out now would run out in its memory alone.
        reign.shard.depose();
        await world.clock.until(reign.end);
        const never = reign.shard.state;

        const recovered = await world.clock.until(takeOver(world.recovery()));
        for (const { toNumber, fromNumber } of await namesIn(world))
          spread += toNumber - fromNumber;
        expect(digestOf(recovered.state)).toBe(digestOf(never));
        expect(pictureOf(recovered.state)).toEqual(pictureOf(never));
        for (const [, actor] of recovered.state.stockroom.entries()) {
          expect(faults(actor)).toEqual([]);
        }
        expect(reign.warnings).toEqual([]);
      }),
      { numRuns: 40 },
    );
    expect(spread, 'records that came while slices were taken').toBeGreaterThan(30);
  });

  it('keeps every soft hold on the clock', async () => {
    const world = new World();
    const reign = await world.reign('A', 2);
    await reign.ask(command('receive', 'mug', { qty: 9 }));
    await reign.ask(command('reserve', 'mug', { hold: 'A', qty: 3, ttlMs: 60_000 }));
    await reign.ask(command('reserve', 'mug', { hold: 'B', qty: 3, ttlMs: 30_000 }));
    await reign.ask(command('extend', 'mug', { hold: 'B', qty: 1, ttlMs: 90_000 }));
    await reign.close();
    const { state, snapshot } = await world.clock.until(takeOver(world.recovery()));
    expect(snapshot).toBeDefined();
    const due = state.expiry.take(Number.POSITIVE_INFINITY, 100);
    const now = world.clock.wallMs();
    expect(new Set(due.map((d) => `${d.hold} ${d.atMs - now}`))).toEqual(
      new Set(['B 30000', 'A 60000', 'B 90000']),
    );
  });

  it('is begun after so many records, of a tail that was read as well', async () => {
    const world = new World();
    const reign = await world.reign('A', 10);
    for (let i = 0; i < 8; i++) await reign.ask(command('receive', 'mug', { qty: 1 }));
    await reign.close();
    expect(await world.snapshots.list()).toEqual([]);
    const next = await world.reign('B', 10);
    await next.ask(command('receive', 'mug', { qty: 1 }));
    expect(await world.snapshots.list()).toHaveLength(1);
    expect((await recordsOf(world.journal)).at(-1)?.body).toMatchObject({ kind: 'snapshot' });
  });
});

describe('C3 a slice', () => {
  it('ends when its time is over, and the next goes on there', async () => {
    const world = new World();
    const reign = await world.reign('A');
    await fill(reign);
    const { head, seq, state } = reign.shard;
    const clock = new FakeClock();
    clock.msPerLook = LIMITS.sliceMs / 2;
    const store = new MemorySnapshots();
    const taker = await SnapshotTaker.start(store, 0, { head, seq }, state, 'aa');
    let slices = 1;
    while (!taker.step(clock)) slices++;
    const name = await taker.finish(head);
    // The header, three pieces of actors, the end: two a slice, and one to find that it is all.
    expect(slices).toBe(3);
    expect(name).toEqual({
      ...{ name: `${String(head.number).padStart(14, '0')}-aa`, digest: expect.any(String) },
      ...{ fromSeq: seq, fromNumber: head.number, fromHash: head.hash },
      ...{ toNumber: head.number, toHash: head.hash },
    });
    const loaded = await loadSnapshot(store, name.name, 0);
    expect([loaded.digest, digestOf(loaded.state)]).toEqual([name.digest, digestOf(state)]);
  });

  it('of sessions keeps their order, though one speaks between two slices', async () => {
    const world = new World();
    const reign = await world.reign('A');
    const speak = async (client: string, n: number): Promise<void> => {
      await world.clock.advance(1);
      const caller = { client, incarnation: '' };
      await reign.ask(command('receive', 'mug', { qty: 1 }), { caller, n });
    };
    for (const client of ['c1', 'c2', 'c3']) await speak(client, 1);
    const { head, seq, state } = reign.shard;
    const clock = new FakeClock();
    clock.msPerLook = LIMITS.sliceMs;
    const taker = await SnapshotTaker.start(world.snapshots, 0, { head, seq }, state, 'aa');
    for (let i = 0; i < 3; i++) taker.step(clock); // the header, the actors, c1
    await speak('c2', 2);
    while (!taker.step(clock));
    const { name } = await taker.finish(reign.shard.head);
    const loaded = await loadSnapshot(world.snapshots, name, 0);
    for (const record of await recordsOf(world.journal)) {
      if (record.number > head.number) loaded.state.apply(record);
    }
    expect([...loaded.state.sessions.all()].map((s) => s.caller.client)).toEqual([
      'c1',
      'c3',
      'c2',
    ]);
    expect(pictureOf(loaded.state)).toEqual(pictureOf(state));
  });

  it('of another shard is not read', async () => {
    const world = new World();
    const { shard } = await world.reign('A');
    const { head, seq, state } = shard;
    const taker = await SnapshotTaker.start(world.snapshots, 3, { head, seq }, state, 'aa');
    while (!taker.step(world.clock));
    const { name } = await taker.finish(head);
    await expect(loadSnapshot(world.snapshots, name, 0)).rejects.toThrow(/is of shard 3/);
  });

  it('of an actor holds all that the actor knows', async () => {
    const world = new World();
    const reign = await world.reign('A');
    for (const step of [
      command('receive', 'mug', { qty: 9 }),
      command('receive', 'mug', { qty: 2, quality: 3 }),
      command('reserve', 'mug', { hold: 'A', qty: 4, doc: 'SO-1' }),
      command('reserve', 'mug', { hold: 'B', qty: 3, ttlMs: 60_000 }),
      command('reserve', 'mug', { hold: 'C', qty: 2 }),
      command('extend', 'mug', { hold: 'B', qty: 1, ttlMs: 90_000 }),
      command('pick', 'mug', { hold: 'A', qty: 2 }),
      command('pack', 'mug', { hold: 'A', qty: 1 }),
      command('release', 'mug', { hold: 'C' }),
      command('adjust', 'mug', { delta: -5, reason: 'broken' }),
    ]) {
      expect((await reign.ask(step)).said).toBe('ok');
    }
    const { head, seq, state } = reign.shard;
    const store = new MemorySnapshots();
    const taker = await SnapshotTaker.start(store, 0, { head, seq }, state, 'aa');
    while (!taker.step(world.clock));
    const loaded = await loadSnapshot(store, (await taker.finish(head)).name, 0);
    expect([...loaded.state.stockroom.entries()]).toEqual([...state.stockroom.entries()]);
    // And both go on alike.
    const link = new FaultyJournal(world.journal);
    const next = await world.clock.until(takeOver(world.recovery(link)));
    const more = command('receive', 'mug', { qty: 9 });
    expect(loaded.state.stockroom.run(more as never, 0)).toEqual(
      next.state.stockroom.run(more as never, 0),
    );
  });
});
