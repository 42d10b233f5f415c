import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChangeCommand, PICK_POLICIES, type StockCommand } from '../actors/stock/commands.ts';
import type { Identity } from './auth.ts';
import { parseCommand } from './commands.ts';
import { fingerprint } from './fingerprint.ts';

const ADMIN: Identity = {
  client: 'a',
  owners: ['*'],
  warehouses: ['*'],
  roles: ['admin'],
  expiresAtMs: Number.POSITIVE_INFINITY,
};

const parse = (fields: Record<string, unknown>): ChangeCommand => {
  const command = parseCommand(fields, ADMIN, { owner: 'demo', warehouse: 'W1' });
  if ('ok' in command || command.op === 'read') throw new Error(JSON.stringify(command));
  return command;
};

const FULL = {
  op: 'reserve',
  owner: 'demo',
  warehouse: 'W1',
  sku: 'A1',
  qty: 2,
  hold: 'SO-1/1',
  doc: 'SO-1',
  reason: 'shop',
  quality: 'defective',
  ttlMs: 900_000,
  partial: true,
  occurredAt: 1_700_000_000_000,
};

describe('a fingerprint', () => {
  it('S5 is the same for the same content, however it was written', () => {
    const { owner: _o, warehouse: _w, ...short } = FULL;
    expect(fingerprint(parse(short))).toBe(fingerprint(parse(FULL)));
    expect(fingerprint(parse({ ...FULL, n: 7, acked: 3, ack: 'decided' }))).toBe(
      fingerprint(parse(FULL)),
    );
  });

  it.each([
    ['op', 'release'],
    ['owner', 'demo2'],
    ['warehouse', 'W2'],
    ['sku', 'A2'],
    ['qty', 3],
    ['hold', 'SO-1/2'],
    ['doc', 'SO-2'],
    ['reason', 'web'],
    ['quality', 'pending'],
    ['ttlMs', 900_001],
    ['partial', false],
    ['occurredAt', 1_700_000_000_001],
  ])('S5 differs when only %s does', (name, value) => {
    expect(fingerprint(parse({ ...FULL, [name]: value }))).not.toBe(fingerprint(parse(FULL)));
  });

  it('S5 differs when only delta does', () => {
    const adjust = (delta: number) => parse({ op: 'adjust', sku: 'A1', delta, reason: 'count' });
    expect(fingerprint(adjust(1))).not.toBe(fingerprint(adjust(-1)));
  });

  it('S5 differs for each thing that few commands say', () => {
    const different = [
      {},
      ...[
        'location',
        'container',
        'batch',
        'fnsku',
        'toLocation',
        'toContainer',
        'toFnsku',
      ].flatMap((name) => ['', 'A', 'B'].map((value) => ({ [name]: value }))),
      ...['box', 'toBox'].flatMap((name) => [0, 1, 12].map((value) => ({ [name]: value }))),
      ...[{ serials: ['A', 'B'] }, { serials: ['B', 'A'] }, { serials: ['AB', 'C'] }],
      ...[{ policy: 'fifo' }, { policy: 'lifo' }, { policy: 'fewest' }, { backorder: true }],
      ...[{ untilPutaway: true }, { useSafety: true }, { arrived: 1 }, { arrived: 2 }],
      ...[{ toQuality: 'pending' }, { why: 'missing' }, { why: 'recall' }],
      ...[{}, { startAt: 1 }, { expiresAt: 1 }, { expiresAt: 2, sellUntil: 1 }].map((dates) => ({
        batch: 'C',
        ...dates,
      })),
      ...[
        { location: 'A', batch: '' },
        { location: '', batch: 'A' },
        { location: '', toBox: 0 },
      ],
    ];
    const of = (said: object) =>
      fingerprint(parse({ ...FULL, partial: false, ...said } as Record<string, unknown>));
    expect(new Set(different.map(of)).size).toBe(different.length);
  });

  it('S5 is the same where what is said is meant anyway', () => {
    const of = (said: object) => fingerprint(parse({ ...FULL, ...said }));
    expect(of({ policy: 'fefo', backorder: false, useSafety: false })).toBe(of({}));
    const batch = { batch: 'B', expiresAt: 5 };
    expect(of({ ...batch, sellUntil: 5 })).toBe(of(batch));
  });

  it('S5 of different details of stock never meet', () => {
    const text = fc.constantFrom(undefined, '', 'A', 'B', 'AB');
    const whole = fc.constantFrom(undefined, 0, 1, 2);
    const details = fc.record({
      ...{ location: text, container: text, batch: text, fnsku: text, box: whole },
      ...{ toLocation: text, toContainer: text, toFnsku: text, toBox: whole },
      serials: fc.constantFrom(undefined, ['A', 'B'], ['AB', 'A'], ['A', 'AB']),
      policy: fc.constantFrom(undefined, ...PICK_POLICIES),
    });
    const seen = new Map<number, string>();
    fc.assert(
      fc.property(details, (said) => {
        const command = parse({ op: 'pick', sku: 'A', hold: 'h', qty: 2, ...said }) as StockCommand;
        const print = fingerprint(command);
        const { lot, to, serials, policy } = command.more;
        const same = JSON.stringify([lot, to, serials, policy]);
        expect(seen.get(print) ?? same).toBe(same);
        seen.set(print, same);
      }),
      { numRuns: 3_000 },
    );
  });

  it('S5 differs when a line of an all takes a detail from the one before it', () => {
    const of = (...commands: object[]) =>
      fingerprint(parse({ op: 'all', commands: commands.map((v) => ({ ...FULL, ...v })) }));
    const a = { batch: 'B', expiresAt: 5 };
    const b = { batch: 'B' };
    expect(new Set([of(a, b), of(b, a), of(a, a), of(b, b)]).size).toBe(4);
  });

  it('S5 differs when a text moves from one field to the next', () => {
    const of = (fields: object) => fingerprint(parse({ ...FULL, ...fields }));
    for (const between of ['|', ',', '/', ' ', '\\n']) {
      const [left, right] = [`a${between}b`, `b${between}c`];
      expect(of({ hold: left, doc: 'c' })).not.toBe(of({ hold: 'a', doc: right }));
      expect(of({ doc: left, reason: 'c' })).not.toBe(of({ doc: 'a', reason: right }));
    }
  });

  it('S5 of an each depends on every line, and on what its lines have in common', () => {
    const parts = { op: 'each', do: 'reserve', sku: ['A', 'B'], hold: ['h', 'i'], qty: [1, 2] };
    const of = (fields: object) => fingerprint(parse({ ...parts, ...fields }));
    const different = [
      {},
      ...[{ sku: ['A', 'C'] }, { sku: ['B', 'A'] }, { hold: ['h', 'j'] }, { qty: [2, 1] }],
      ...[{ qty: 1 }, { doc: 'D' }, { reason: 'r' }, { ttlMs: 5 }, { partial: true }],
      ...[{ quality: 'defective' }, { occurredAt: 7 }, { do: 'pick' }, { warehouse: 'W9' }],
    ];
    expect(new Set(different.map(of)).size).toBe(different.length);
    expect(of({ qty: 1 })).toBe(of({ qty: [1, 1] }));
  });

  it('S5 of an all depends on every line and on their order', () => {
    const lines = [1, 2, 3].map((qty) => ({ op: 'receive', sku: `A${qty}`, qty }));
    const of = (...commands: unknown[]) => fingerprint(parse({ op: 'all', commands }));
    const [a, b, c] = lines;
    const seen = new Set([of(a, b, c), of(a, c, b), of(a, b), of(a), of(a, a), of(b, a, c)]);
    expect(seen.size).toBe(6);
    expect(of(a)).not.toBe(fingerprint(parse(a as Record<string, unknown>)));
  });

  it('fits a JavaScript number, and does not meet another one by chance', () => {
    const seen = new Map<number, string>();
    const text = fc.stringMatching(/^[!-~]{1,64}$/);
    fc.assert(
      fc.property(text, fc.integer({ min: 1 }), (hold, qty) => {
        const command = parse({ op: 'reserve', sku: 'A1', hold, qty }) as StockCommand;
        const print = fingerprint(command);
        expect(Number.isSafeInteger(print) && print >= 0).toBe(true);
        const same = `${hold} ${qty}`;
        expect(seen.get(print) ?? same).toBe(same);
        seen.set(print, same);
      }),
      { numRuns: 2_000 },
    );
  });
});
