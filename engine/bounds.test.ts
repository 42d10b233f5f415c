import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HoldId } from '../actors/ids.ts';
import {
  type ChangeCommand,
  type More,
  NO_MORE,
  PICK_POLICIES,
  type Quality,
  type StockCommand,
  type StockOp,
} from '../actors/stock/commands.ts';
import type { LotFilter } from '../actors/stock/lot.ts';
import { Stockroom } from '../actors/stock/stockroom.ts';
import { allOf, command, START_MS } from '../test/support/engine.ts';
import { callerBound, commandBound, RECORD_HEAD } from './bounds.ts';
import { LIMITS } from './limits.ts';
import { type Caller, type Entry, GENESIS, seal } from './record.ts';
import { BatchWriter } from './record-batch.ts';

/** Three bytes each in a record. */
const WIDE = '庫'.repeat(64);
const CALLER: Caller = { client: `${WIDE}/${WIDE}`, incarnation: WIDE };
const BEGIN = { epoch: 0, number: 0, hash: GENESIS, timeMs: 0 };

const holdOf = (i: number): string => `${WIDE.slice(4)}${i}`;
const OPS: readonly StockOp[] = [
  ...(['receive', 'reserve', 'extend', 'harden', 'release', 'pick', 'pack'] as const),
  ...(['ship', 'cancel', 'putback', 'adjust', 'expire', 'move', 'short', 'block'] as const),
  ...(['unblock', 'requality', 'safety', 'unreceive', 'unpick', 'unpack'] as const),
];

const place = fc.constantFrom(WIDE, 'a', '');
const lot: fc.Arbitrary<LotFilter> = fc.record(
  { location: place, container: place, batch: place, fnsku: place, box: fc.constantFrom(0, 1) },
  { requiredKeys: [] },
);
const more: fc.Arbitrary<More> = fc.record({
  ...{ toQuality: fc.constantFrom(0, 1, 2), arrived: fc.constant(0), untilPutaway: fc.boolean() },
  ...{ useSafety: fc.boolean(), why: fc.constantFrom('', 'recall', 'missing'), lot, to: lot },
  ...{ backorder: fc.boolean(), policy: fc.constantFrom(...PICK_POLICIES) },
  serials: fc.oneof(
    fc.constant([]),
    fc.uniqueArray(
      fc.nat({ max: 9 }).map((i) => `${WIDE.slice(1)}${i}`),
      { maxLength: 5 },
    ),
  ),
  fromHold: fc.constant('' as HoldId),
  ...{ presale: fc.constant(0), oversell: fc.constant(0) },
  dates: fc.constantFrom(undefined, { startMs: 1, expiresAtMs: 2e12, sellUntilMs: 2e12 }),
}) as fc.Arbitrary<More>;

const RIGHTS_OPS = ['grant', 'regain', 'sell'] as const;
const NO_HOLD: readonly StockOp[] = [
  ...(['receive', 'adjust', 'putback', 'move', 'block', 'unblock', 'requality'] as const),
  ...(['safety', 'unreceive', 'grant', 'regain'] as const),
];
const NEEDS_QTY: readonly StockOp[] = [
  'receive',
  'unreceive',
  'reserve',
  'move',
  'short',
  'requality',
  ...RIGHTS_OPS,
];

const step: fc.Arbitrary<StockCommand> = fc
  .record({
    op: fc.constantFrom(
      ...OPS,
      ...RIGHTS_OPS,
      'reserve' as const,
      'adjust' as const,
      'receive' as const,
    ),
    sku: fc.constantFrom('a', WIDE),
    hold: fc.nat({ max: 9 }).map(holdOf),
    qty: fc.constantFrom(0, 1, 2, 5, 2 ** 40),
    down: fc.boolean(),
    doc: fc.constantFrom('', WIDE),
    reason: fc.constantFrom('', WIDE),
    quality: fc.constantFrom(0, 0, 0, 1, 3),
    soft: fc.boolean(),
    more: fc.oneof(fc.constant(NO_MORE), more),
  })
  .map(({ op, sku, hold, qty, down, doc, reason, quality, soft, more }) => {
    const needsHold = !NO_HOLD.includes(op);
    const named = more.serials.length;
    const some = named || (NEEDS_QTY.includes(op) ? qty || 1 : qty);
    return command(op, sku, {
      ...{ qty: some, delta: (down ? -1 : 1) * (named || qty || 3), hold: needsHold ? hold : '' },
      ...{ doc, reason, quality: quality as Quality, partial: true },
      ...{ ttlMs: soft ? 60_000 : 0, occurredAtMs: START_MS, more },
    });
  });
const steps = fc.array(step, { maxLength: 40, size: 'max' });
const change: fc.Arbitrary<ChangeCommand> = fc.oneof(
  step,
  fc
    .array(step, { minLength: 1, maxLength: 30, size: 'max' })
    .map((lines) => allOf(...lines) as ChangeCommand),
);

const entryFor = (run: ChangeCommand, room: Stockroom): Entry => ({
  ...{ caller: CALLER, n: Number.MAX_SAFE_INTEGER, fingerprint: 2 ** 52, all: run.op === 'all' },
  outcome: room.run(run, START_MS),
});

const sizeOf = (entries: readonly Entry[], acknowledged: readonly Caller[] = []): number =>
  seal(3, BEGIN, 2 ** 50, START_MS, {
    kind: 'batch',
    entries,
    acknowledged: acknowledged.map((caller) => ({ caller, below: Number.MAX_SAFE_INTEGER })),
  }).bytes.length;

describe('a bound', () => {
  it('is never passed by the record, neither before the decision nor after', () => {
    fc.assert(
      fc.property(steps, change, (before, last) => {
        const room = new Stockroom();
        for (const s of before) room.run(s, START_MS);
        const bound = RECORD_HEAD + callerBound(CALLER) + commandBound(last, room);
        const entry = entryFor(last, room);
        expect(sizeOf([entry])).toBeLessThanOrEqual(bound);
        expect(sizeOf([entry])).toBeLessThanOrEqual(RECORD_HEAD + BatchWriter.of([entry]).bytes);
      }),
      { numRuns: 1_000 },
    );
  });

  it('holds for many entries in one record, and for what callers have read', () => {
    fc.assert(
      fc.property(steps, (commands) => {
        const room = new Stockroom();
        const entries = commands.map((c) => entryFor(c, room));
        const readers = Array.from({ length: 20 }, (_, i) => ({ ...CALLER, client: WIDE + i }));
        let bound = RECORD_HEAD + BatchWriter.of(entries).bytes;
        for (const reader of readers) bound += callerBound(reader);
        expect(sizeOf(entries, readers)).toBeLessThanOrEqual(bound);
      }),
    );
  });

  it('counts an `all` that takes the stock from behind the same holds again and again', () => {
    const room = new Stockroom();
    room.run(command('receive', 'mug', { qty: 100 }), START_MS);
    for (let i = 0; i < 100; i++) {
      room.run(command('reserve', 'mug', { hold: `H${i}`, qty: 1 }), START_MS);
    }
    const toAndFro = [
      command('adjust', 'mug', { delta: -100, reason: 'lost' }),
      command('receive', 'mug', { qty: 100 }),
    ];
    const all = allOf(...Array.from({ length: 100 }, () => toAndFro).flat()) as ChangeCommand;
    const bound = commandBound(all, room);
    expect(sizeOf([entryFor(all, room)])).toBeLessThanOrEqual(bound + 2 * RECORD_HEAD);
    expect(bound).toBeGreaterThan(LIMITS.recordBytes);
  });

  it('lets an order of as many lines as are allowed into one record', () => {
    const room = new Stockroom();
    const lines = Array.from({ length: LIMITS.allLines }, (_, i) =>
      command('reserve', `4710000${i}`, { hold: `SO-10000881/${i}`, qty: 12, doc: 'SO-10000881' }),
    );
    for (const { sku } of lines) room.run(command('receive', sku, { qty: 50 }), START_MS);
    expect(commandBound(allOf(...lines) as ChangeCommand, room)).toBeLessThan(
      LIMITS.recordBytes - 2 * RECORD_HEAD,
    );
  });

  it('of a receipt grows with its units, not with all that wait: small ones always fit', () => {
    const room = new Stockroom();
    room.run(command('receive', 'mug', { qty: 3_000 }), START_MS);
    for (let i = 0; i < 3_000; i++) {
      room.run(command('reserve', 'mug', { hold: `H${i}`, qty: 1 }), START_MS);
    }
    for (let i = 0; i < 3; i++) {
      room.run(command('adjust', 'mug', { delta: -1_000, reason: 'lost' }), START_MS);
    }
    const bound = (qty: number): number => commandBound(command('receive', 'mug', { qty }), room);
    expect(bound(3_000)).toBeGreaterThan(LIMITS.recordBytes);
    expect(bound(100)).toBeLessThan(LIMITS.recordBytes / 10);
  });
});
