import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HoldId } from '../actors/ids.ts';
import { CODES } from '../actors/outcomes.ts';
import { WIDTH } from '../actors/stock/balances.ts';
import { BLOCK_REASONS } from '../actors/stock/commands.ts';
import { EVENT_KINDS } from '../actors/stock/events.ts';
import type { Change } from '../actors/stock/stockroom.ts';
import { keyOf, START_MS } from '../test/support/engine.ts';
import { verified } from './chain.ts';
import { ShardStopped } from './errors.ts';
import {
  type Body,
  type Caller,
  type Entry,
  GENESIS,
  type Head,
  hashOf,
  open,
  RECORD_FORMAT,
  seal,
} from './record.ts';

const BEGIN: Head = { epoch: 0, number: 0, hash: GENESIS, timeMs: 0 };

const whole = fc.oneof(fc.constant(0), fc.nat(), fc.maxSafeNat());
const signed = fc.oneof(whole, fc.maxSafeInteger());
const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((b) => Buffer.from(b).toString('hex'));
const hold = text.map((t) => t as HoldId);
const quality = fc.constantFrom(0, 1, 2, 3);
const balances = fc.oneof(
  fc.array(whole, { minLength: WIDTH, maxLength: WIDTH }),
  fc.array(whole, { minLength: 4 * WIDTH, maxLength: 4 * WIDTH }),
);
const lot = fc.record(
  { location: text, container: text, batch: text, box: whole, fnsku: text },
  { requiredKeys: [] },
);
const texts = fc.array(text, { maxLength: 3 });
const detail = fc.record({
  moves: fc.array(fc.record({ from: text, to: text, qty: whole, serials: texts }), {
    maxLength: 3,
  }),
  pins: fc.array(fc.record({ hold, line: text, qty: signed }), { maxLength: 3 }),
  want: fc.option(lot, { nil: undefined }),
  held: texts,
  batch: fc.option(
    fc.record({
      ...{ name: text, startMs: whole, expiresAtMs: whole, sellUntilMs: whole },
      kept: fc.constantFrom('', 'quarantine', 'recall', 'expired'),
    }),
    { nil: undefined },
  ),
});
const change: fc.Arbitrary<Change> = fc.record({
  key: text.map(keyOf),
  seq: whole,
  after: balances,
  event: fc.record({
    kind: fc.constantFrom(...EVENT_KINDS),
    ...{ hold, doc: text, reason: text, quality, toQuality: quality },
    ...{ qty: signed, waiting: whole, picked: whole, packed: whole, blocked: whole },
    ...{ arrived: whole, why: fc.constantFrom('', ...BLOCK_REASONS) },
    ...{ expiresAtMs: whole, occurredAtMs: whole },
    shifts: fc.array(fc.record({ hold, qty: signed, picked: whole, packed: whole }), {
      maxLength: 4,
    }),
    detail: fc.option(detail, { nil: undefined }),
  }),
});
const refused = fc.record({
  ok: fc.constant(false as const),
  code: fc.constantFrom(...CODES),
  ...{ asked: whole, available: signed, line: fc.integer({ min: -1, max: 999 }), detail: text },
});
const changes = fc.array(change, { maxLength: 4 });
const accepted = fc.oneof(
  fc.record({ ok: fc.constant(true as const), changes }),
  fc.record({
    ok: fc.constant(true as const),
    changes,
    refused: fc.array(refused, { maxLength: 4 }),
  }),
);
const caller: fc.Arbitrary<Caller> = fc.record({ client: text, incarnation: text });
const entry: fc.Arbitrary<Entry> = fc
  .record({
    ...{ caller, n: whole, fingerprint: whole, all: fc.boolean() },
    outcome: fc.oneof(accepted, refused),
  })
  .map((e) => ({ ...e, all: e.all && e.outcome.ok && !('refused' in e.outcome) }));
const batch: fc.Arbitrary<Body> = fc.record({
  kind: fc.constant('batch' as const),
  entries: fc.array(entry, { maxLength: 6 }),
  acknowledged: fc.array(fc.record({ caller, below: whole }), { maxLength: 3 }),
});
const others: fc.Arbitrary<Body> = fc.oneof(
  fc.record({
    kind: fc.constant('owner' as const),
    node: text,
    nonce: hex(8),
    lineage: fc.nat(),
    points: fc.array(text),
  }),
  fc.record({ kind: fc.constant('fence' as const) }),
  fc.record({
    kind: fc.constant('snapshot' as const),
    ...{ name: text, fromSeq: whole, fromNumber: whole, fromHash: hex(16) },
    ...{ toNumber: whole, toHash: hex(16), digest: hex(32) },
  }),
);
const head = fc.record({ epoch: whole, number: fc.nat(), hash: hex(16), timeMs: whole });

describe('a record', () => {
  it('is read as it was written, whatever is in it', () => {
    fc.assert(
      fc.property(
        fc.nat(3),
        head,
        whole,
        whole,
        fc.oneof(batch, others),
        (shard, prev, ...rest) => {
          const [epoch, timeMs, body] = rest;
          const sealed = seal(shard, prev, epoch, timeMs, body);
          const number = prev.number + 1;
          expect(sealed.head).toEqual({ epoch, number, hash: sealed.hash, timeMs });
          expect(open(sealed.bytes)).toEqual({ shard, ...sealed.head, prev: prev.hash, body });
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each(CODES)('S8 carries the refusal %s', (code) => {
    const outcome = { ok: false, code, asked: 3, available: -1, line: 7, detail: 'why' } as const;
    const entries = [
      { caller: { client: 'c', incarnation: '' }, n: 1, fingerprint: 2, all: false, outcome },
    ];
    const body = { kind: 'batch', entries, acknowledged: [] } as const;
    expect(open(seal(0, BEGIN, 1, START_MS, body).bytes).body).toEqual(body);
  });

  it('names the record before it, so that equal content has another hash elsewhere', () => {
    const one = seal(0, BEGIN, 1, START_MS, { kind: 'fence' });
    const two = seal(0, one.head, 1, START_MS, { kind: 'fence' });
    expect(open(two.bytes).prev).toBe(one.hash);
    expect(two.hash).not.toBe(one.hash);
    expect(one.hash).toBe(hashOf(one.bytes));
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['text', new TextEncoder().encode('{"not":"ours"}')],
    ['a list of something else', Uint8Array.of(0x93, 1, 2, 3)],
    ['a format of a later version', Uint8Array.of(0x97, RECORD_FORMAT + 1, 0, 1, 1, 0xc4, 0, 0, 3)],
  ])('is not %s', (_, bytes) => {
    expect(() => open(bytes)).toThrow();
  });
});

describe('a flipped bit', () => {
  const stop = (bytes: Uint8Array, id: string, prev: Head): unknown => {
    try {
      return verified(0, { seq: 17, bytes, id }, prev);
    } catch (e) {
      return e;
    }
  };

  it('is found anywhere in a record, and the record is named', () => {
    fc.assert(
      fc.property(batch, fc.nat(), (body, at) => {
        const { bytes, hash } = seal(0, BEGIN, 1, START_MS, body);
        const bit = at % (bytes.length * 8);
        bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
        const said = stop(bytes, hash, BEGIN);
        expect(said).toBeInstanceOf(ShardStopped);
        expect(String(said)).toMatch(/at 17 in the journal of shard 0 is damaged/);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is found in every place of a small record', () => {
    const { bytes, hash } = seal(0, BEGIN, 1, START_MS, { kind: 'fence' });
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(stop(flipped, hash, BEGIN)).toBeInstanceOf(ShardStopped);
    }
  });

  it('is found in the id that a record was stored under', () => {
    const { bytes, hash } = seal(0, BEGIN, 1, START_MS, { kind: 'fence' });
    const last = Number.parseInt(hash.slice(-1), 16) ^ 1;
    expect(stop(bytes, hash.slice(0, -1) + last.toString(16), BEGIN)).toBeInstanceOf(ShardStopped);
  });
});
