import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { isHoldId, isOwnerId, isQty, RIGHTS } from '../actors/ids.ts';
import { CODES, refuse } from '../actors/outcomes.ts';
import { BLOCK_REASONS, PICK_POLICIES, QUALITIES, STOCK_OPS } from '../actors/stock/commands.ts';
import { LIMITS } from '../engine/limits.ts';
import { Watchers } from '../engine/watch.ts';
import type { Identity } from './auth.ts';
import { parseCommand } from './commands.ts';
import { parseEnvelope } from './envelope.ts';
import { MORE_FIELDS } from './more.ts';
import { refusalOf } from './replies.ts';
import { Command, NatsEnvelope, Refusal, SCHEMAS, Watch } from './schemas.ts';
import { type EdgeOp, SHAPES } from './shapes.ts';
import { Watching } from './watching.ts';

const ADMIN: Identity = {
  client: 'a',
  owners: ['*'],
  warehouses: ['*'],
  roles: ['admin'],
  expiresAtMs: Number.POSITIVE_INFINITY,
};
/** Never named by a generated command: that it is the same one the schema cannot know. */
const DEFAULTS = { owner: 'demo', warehouse: 'W0' };

const OPS = Object.keys(SHAPES) as EdgeOp[];

const accepts = (schema: z.ZodType, v: unknown): boolean => schema.safeParse(v).success;

const odd = fc.oneof(
  fc.constantFrom<unknown>(null, '', ' ', 'a ', 0, -1, 1.5, 2 ** 53, true, [], {}, '__proto__'),
  fc.constantFrom<unknown>(
    'x'.repeat(64),
    'x'.repeat(65),
    '\u0000',
    '\ud800',
    LIMITS.softTtlMs + 1,
  ),
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ unit: 'binary', maxLength: 70 }),
  fc.integer(),
  fc.double(),
);
/** Mostly right, now and then nearly so. */
const near = (right: fc.Arbitrary<unknown>) => fc.oneof({ weight: 14, arbitrary: right }, odd);
const maybe = (right: fc.Arbitrary<unknown>) => fc.option(near(right), { nil: undefined, freq: 3 });

const text = fc.oneof(
  fc.stringMatching(/^[!-~]{1,12}$/),
  fc.constantFrom('a b', '漢字', 'Ä', '😀😀', 'x'.repeat(64)),
);
const name = fc.constantFrom('demo', 'W1', 'W2', 'a_b-c', 'x'.repeat(32));
const qty = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant(Number.MAX_SAFE_INTEGER));

/** A field left out is not there, not `undefined`: no frame says that. */
const present = <T extends object>(of: T): Partial<T> =>
  Object.fromEntries(Object.entries(of).filter(([, v]) => v !== undefined)) as Partial<T>;

const lotText = fc.oneof(text, fc.constant(''));
const box = fc.constantFrom(0, 1, 12, LIMITS.boxPieces, LIMITS.boxPieces + 1);
const time = fc.constantFrom(1, 2, 2 ** 41);
const SERIALS = ['S1', 'S2', 'S3'];
const serial = fc.constantFrom(...SERIALS);
/** What few commands say. */
const more = fc
  .record({
    toQuality: maybe(fc.constantFrom(...QUALITIES)),
    why: maybe(fc.constantFrom(...BLOCK_REASONS)),
    arrived: maybe(fc.integer({ min: 1, max: 3 })),
    level: maybe(fc.nat({ max: 3 })),
    untilPutaway: maybe(fc.boolean()),
    useSafety: maybe(fc.boolean()),
    location: maybe(lotText),
    container: maybe(lotText),
    batch: maybe(lotText),
    box: maybe(box),
    fnsku: maybe(lotText),
    toLocation: maybe(lotText),
    toContainer: maybe(lotText),
    toBox: maybe(box),
    toFnsku: maybe(lotText),
    serials: maybe(fc.oneof(fc.subarray(SERIALS, { minLength: 1 }), fc.array(near(serial)))),
    startAt: maybe(time),
    expiresAt: maybe(time),
    sellUntil: maybe(time),
    policy: maybe(fc.constantFrom(...PICK_POLICIES)),
    backorder: maybe(fc.boolean()),
  })
  .chain((all) => fc.subarray(Object.entries(all), { maxLength: 6 }))
  .map((some) => present(Object.fromEntries(some)));

const plain = fc
  .record({
    op: near(fc.constantFrom(...STOCK_OPS, 'read', 'all', 'hello')),
    sku: near(text),
    owner: maybe(name),
    warehouse: maybe(fc.constant('W1')),
    qty: maybe(qty),
    delta: maybe(fc.oneof(qty, fc.integer({ min: -9, max: 9 }))),
    hold: maybe(fc.oneof({ weight: 6, arbitrary: text }, fc.constant(RIGHTS))),
    doc: maybe(text),
    reason: maybe(text),
    quality: maybe(fc.constantFrom(...QUALITIES)),
    ttlMs: maybe(fc.integer({ min: 1, max: LIMITS.softTtlMs })),
    partial: maybe(fc.boolean()),
    occurredAt: maybe(fc.integer({ min: 1, max: 2 ** 41 })),
    read: maybe(fc.constantFrom('strict', 'lease')),
    n: maybe(fc.nat()),
  })
  .map(present);

const fields = fc
  .tuple(plain, fc.oneof(fc.constant({}), more))
  .map(([v, said]) => ({ ...v, ...said }));

/** Much like `fields`, but with all that any op needs, so that most of them are taken. */
const NEEDED = {
  ...{ hold: 'h', qty: 1, delta: -1, reason: 'r', ttlMs: 1 },
  ...{ why: 'recall', toQuality: 'defective', level: 0, toLocation: '' },
};
const whole = fields.map((v) => ({ ...NEEDED, ...v }));
const line = fc.oneof(
  { weight: 8, arbitrary: whole.map((v) => (v.op === 'all' ? { ...v, op: 'pick' } : v)) },
  { weight: 1, arbitrary: odd },
);
const all = fc
  .record({
    op: fc.constant('all'),
    owner: maybe(name),
    warehouse: maybe(fc.constantFrom('W1', 'W2')),
    commands: near(fc.array(line, { maxLength: 4 })),
  })
  .map(present);

const column = (one: fc.Arbitrary<unknown>) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.array(near(one), { minLength: 2, maxLength: 2 }) },
    { weight: 2, arbitrary: one },
    { weight: 1, arbitrary: fc.array(one, { maxLength: 3 }) },
  );
const each = fc
  .record({
    op: fc.constant('each'),
    do: near(fc.constantFrom(...STOCK_OPS, 'reserve' as const, 'read' as const)),
    sku: fc.oneof({ weight: 5, arbitrary: fc.constant(['a', 'b']) }, column(text)),
    hold: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(['h', 'i'], undefined, ['h', RIGHTS]) },
      column(text),
    ),
    qty: fc.option(column(qty), { nil: undefined, freq: 3 }),
    delta: fc.option(column(fc.integer({ min: -9, max: 9 })), { nil: undefined, freq: 3 }),
    reason: maybe(text),
    ttlMs: maybe(fc.constant(5)),
    quality: maybe(fc.constantFrom(...QUALITIES)),
    warehouse: maybe(name),
    more: fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, more),
  })
  .map(({ more: said, ...v }) => present({ ...v, ...said }));

describe('the schemas', () => {
  it('take exactly the commands that the hand-written checks take', () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.oneof(fields, whole, all, each), (frame) => {
        const parsed = parseCommand(frame, ADMIN, DEFAULTS);
        const isTaken = !('ok' in parsed);
        if (isTaken) taken++;
        expect(accepts(Command, frame)).toBe(isTaken);
      }),
      { numRuns: 4_000 },
    );
    expect(taken).toBeGreaterThan(400);
  });

  it('take exactly the details of stock that the hand-written checks take', () => {
    const said = new Map<string, number>();
    const small = fc.constantFrom(1, 2, 3);
    const steps = fc.record({ op: fc.constantFrom(...OPS), qty: small, delta: small });
    const B1 = { batch: 'B1' };
    const bases = fc.constantFrom({}, B1, { ...B1, expiresAt: 2 ** 41 }, { backorder: true });
    fc.assert(
      fc.property(steps, bases, more, (step, base, detail) => {
        const frame = { ...NEEDED, ...step, ...base, sku: 'A', ...detail };
        const parsed = parseCommand(frame, ADMIN, DEFAULTS);
        const isTaken = !('ok' in parsed);
        expect(accepts(Command, frame)).toBe(isTaken);
        if (!isTaken) return;
        for (const name of Object.keys(detail)) said.set(name, (said.get(name) ?? 0) + 1);
      }),
      { numRuns: 4_000 },
    );
    for (const name of MORE_FIELDS) expect(said.get(name) ?? 0, name).toBeGreaterThan(5);
  });

  it('take exactly the envelopes that the hand-written check takes', () => {
    const envelope = fc
      .record({
        n: maybe(qty),
        acked: maybe(qty),
        ack: maybe(fc.constantFrom('decided', 'committed')),
      })
      .map(present);
    fc.assert(
      fc.property(envelope, (v) => {
        expect(accepts(NatsEnvelope, v)).toBe(!('ok' in parseEnvelope(v)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('take exactly the watches that the hand-written checks take', () => {
    const watching = new Watching(new Watchers(), ADMIN, () => {});
    const watch = fc
      .record({
        op: fc.constantFrom('watch', 'unwatch'),
        n: maybe(qty),
        sku: maybe(text),
        owner: maybe(name),
        warehouse: maybe(name),
      })
      .map(present);
    fc.assert(
      fc.property(watch, (v) => {
        const isTaken = !('ok' in watching.target(v, DEFAULTS)) && !('ok' in parseEnvelope(v));
        expect(accepts(Watch, v)).toBe(isTaken);
      }),
      { numRuns: 2_000 },
    );
  });

  it('take exactly the names and quantities that the actors take', () => {
    fc.assert(
      fc.property(fc.oneof(text, name, qty, odd), (v) => {
        expect(accepts(SCHEMAS.Text, v)).toBe(isHoldId(v));
        expect(accepts(SCHEMAS.Name, v)).toBe(isOwnerId(v));
        expect(accepts(SCHEMAS.Qty, v)).toBe(isQty(v));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(CODES)('take the refusal %s as it is told', (code) => {
    const told = { ...refusalOf(7, refuse(code, 3, 2, 'why')), line: 1 };
    expect(Refusal.parse(told)).toEqual(told);
  });
});
