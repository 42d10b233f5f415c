import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StockDigest } from '../actors/digest.ts';
import { type OwnerId, parseActorKey, type SkuId } from '../actors/ids.ts';
import type { Change } from '../actors/stock/stockroom.ts';
import { GENESIS, open, seal } from '../engine/record.ts';
import { ChangeReader, openHead } from '../engine/record-reader.ts';
import { JournalMaker } from '../test/support/journal-maker.ts';
import { Availability, type Merged } from './availability.ts';
import { Undo } from './undo.ts';

const DEMO = 'demo' as OwnerId;

/** Changes of a few SKUs in two warehouses, in commit order, and the maker that decided them. */
function story(seed: number, steps: number): { maker: JournalMaker; changes: Change[] } {
  const maker = new JournalMaker();
  let state = seed;
  const below = (n: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % n;
  };
  for (let i = 0; i < steps; i++) {
    const at = { sku: `S${below(3)}`, warehouse: `W${below(2)}` };
    maker.run({ op: 'receive', qty: 5, quality: below(8) === 0 ? 1 : 0, ...at });
    maker.run({ op: 'receive', qty: 5, ...at });
    maker.attempt({ op: 'reserve', qty: 1 + below(5), hold: `h${i}`, ...at });
    if (below(2) === 0) maker.attempt({ op: 'pick', hold: `h${i}`, ...at });
    if (below(3) === 0) maker.attempt({ op: 'cancel', hold: `h${i}`, ...at });
    if (below(4) === 0) maker.attempt({ op: 'adjust', delta: -5, ...at });
  }
  return { maker, changes: changesOf(maker) };
}

/** What was decided since the last record. */
function changesOf(maker: JournalMaker): Change[] {
  const { body } = open(maker.record().bytes);
  if (body.kind !== 'batch') throw new Error('unreachable');
  return body.entries.flatMap((e) => (e.outcome.ok ? e.outcome.changes : []));
}

/** The change as a record of its own brings it. */
function merge(availability: Availability, change: Change, undo = new Undo()): Merged {
  const outcome = { ok: true, changes: [change] } as const;
  const caller = { client: 'x', incarnation: '' };
  const entries = [{ caller, n: 0, fingerprint: 0, all: false, outcome }];
  const head = { epoch: 1, number: 0, hash: GENESIS, timeMs: 0 };
  const { bytes } = seal(0, head, 1, 0, { kind: 'batch', entries, acknowledged: [] });
  const reader = new ChangeReader();
  reader.begin(openHead(bytes));
  expect(reader.next()).toBe(true);
  const { actors } = availability;
  const known = actors.find(bytes, reader.keyFrom(), reader.keyTo());
  const merged = availability.merge(
    reader,
    known ?? actors.add(parseActorKey(change.key), 0),
    undo,
  );
  expect(reader.next()).toBe(false);
  return merged;
}

function digestOf(steps: Generator<void, string>): string {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

function regionDigest(maker: JournalMaker): string {
  const digest = new StockDigest();
  for (const [key, { seq, b }] of maker.stockroom.entries()) digest.add(key, seq, b);
  return digest.toString();
}

describe('availability', () => {
  test('R2 merging every change gives the digest of the shard', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 40 }), (seed, steps) => {
        const { maker, changes } = story(seed, steps);
        const availability = new Availability();
        for (const change of changes) expect(merge(availability, change)).toBe('applied');
        expect(digestOf(availability.digest(0))).toBe(regionDigest(maker));
        expect(digestOf(availability.digest(1))).toBe(new StockDigest().toString());
      }),
      { numRuns: 30 },
    );
  });

  test('R1 what comes again does nothing', () => {
    const { maker, changes } = story(3, 30);
    const availability = new Availability();
    changes.forEach((change, i) => {
      merge(availability, change);
      const again = changes[Math.floor(i / 2)] as Change;
      expect(merge(availability, again)).toBe('known');
    });
    expect(digestOf(availability.digest(0))).toBe(regionDigest(maker));
  });

  test('R1 actors may be merged in any order among each other', () => {
    const { maker, changes } = story(5, 30);
    const byActor = new Map<string, Change[]>();
    for (const c of changes) byActor.set(c.key, [...(byActor.get(c.key) ?? []), c]);
    const availability = new Availability();
    for (const own of [...byActor.values()].reverse()) {
      for (const change of own) expect(merge(availability, change)).toBe('applied');
    }
    expect(digestOf(availability.digest(0))).toBe(regionDigest(maker));
  });

  test('a step that is missing does not pass', () => {
    const maker = new JournalMaker();
    for (const qty of [1, 2, 3]) maker.run({ op: 'receive', qty });
    const [first, , third] = changesOf(maker) as [Change, Change, Change];
    const availability = new Availability();
    merge(availability, first);
    expect(merge(availability, third)).toMatchObject({
      why: expect.stringContaining('from event 1 to event 3'),
    });
  });

  test('S4 a balance that is not what its postings make of the one before does not pass', () => {
    const { changes } = story(7, 25);
    for (let at = 0; at < changes.length; at++) {
      const availability = new Availability();
      for (const change of changes.slice(0, at)) merge(availability, change);
      const change = changes[at] as Change;
      const field = at % change.after.length;
      const after = change.after.with(field, (change.after[field] as number) + 1);
      expect(merge(availability, { ...change, after })).toMatchObject({
        why: expect.stringContaining('does not give the balance it says'),
      });
      expect(merge(availability, change)).toBe('applied');
    }
  });

  test('changes are taken back newest first', () => {
    const { changes } = story(9, 25);
    const availability = new Availability();
    const half = Math.floor(changes.length / 2);
    for (const change of changes.slice(0, half)) merge(availability, change);
    const before = digestOf(availability.digest(0));
    const undo = new Undo();
    for (const change of changes.slice(half)) merge(availability, change, undo);
    expect(undo.size).toBe(changes.length - half);
    availability.revert(undo);
    expect(digestOf(availability.digest(0))).toBe(before);
  });

  test('a SKU has one part a warehouse, found again after a start', () => {
    const { changes } = story(11, 40);
    const merged = new Availability();
    for (const change of changes) merge(merged, change);
    const loaded = new Availability();
    for (let id = merged.actors.size - 1; id >= 0; id--) {
      const part = merged.part(id);
      if (part !== undefined) loaded.load(part);
    }
    for (const sku of ['S0', 'S1', 'S2'] as SkuId[]) {
      const parts = merged.parts(DEMO, sku);
      expect(parts.map((p) => p.warehouse).toSorted()).toEqual(['W0', 'W1']);
      const byWarehouse = (a: { warehouse: string }, b: { warehouse: string }): number =>
        a.warehouse < b.warehouse ? -1 : 1;
      expect(loaded.parts(DEMO, sku).toSorted(byWarehouse)).toEqual(parts.toSorted(byWarehouse));
    }
    expect(merged.parts('other' as OwnerId, 'S0' as SkuId)).toEqual([]);
  });
});
