import { describe, expect, it } from 'vitest';
import { NO_MORE, PICK_POLICIES } from '../actors/stock/commands.ts';
import { LIMITS } from '../engine/limits.ts';
import type { Identity } from './auth.ts';
import { parseCommand } from './commands.ts';
import { MORE_FIELDS } from './more.ts';
import { type EdgeOp, SHAPES } from './shapes.ts';

const FLOOR: Identity = {
  client: 'dock-1',
  owners: ['demo'],
  warehouses: ['W1'],
  roles: ['floor'],
  expiresAtMs: Number.POSITIVE_INFINITY,
};
const OPS = Object.keys(SHAPES) as EdgeOp[];

/** All that any op asks for. */
const NEEDED = {
  ...{ sku: 'A1', hold: 'h', qty: 2, delta: 2, reason: 'r', ttlMs: 1 },
  ...{ why: 'recall', toQuality: 'defective', level: 0, toLocation: 'B-02' },
};

const parse = (v: object) =>
  parseCommand(v as Record<string, unknown>, FLOOR, { owner: 'demo', warehouse: 'W1' });

/** `accepted`, or what is wrong with which field. */
function outcome(v: object): string {
  const parsed = parse(v);
  return 'ok' in parsed ? `${parsed.code} ${parsed.detail}` : 'accepted';
}

/** What a command says beyond others. */
function moreOf(v: object) {
  const parsed = parse({ sku: 'A1', ...v });
  if (!('more' in parsed)) throw new Error(JSON.stringify(parsed));
  return parsed.more;
}

describe('what a command says of lots', () => {
  it('is what the units of a receipt are', () => {
    const lot = { location: 'A-01', container: 'P7', batch: 'L1', box: 12, fnsku: 'X00ABC' };
    expect(moreOf({ op: 'receive', qty: 24, ...lot })).toEqual({ ...NO_MORE, lot });
  });

  it('is which units are meant, and what changes of them', () => {
    const from = { location: 'A-01', box: 12 };
    expect(
      moreOf({ op: 'move', qty: 12, ...from, toLocation: 'B-02', toContainer: '', toBox: 0 }),
    ).toEqual({ ...NO_MORE, lot: from, to: { location: 'B-02', container: '', box: 0 } });
    expect(moreOf({ op: 'putback', toFnsku: 'X00ABC' }).to).toEqual({ fnsku: 'X00ABC' });
  });

  it('has a field only where it was said, since a blank one is something said', () => {
    const { lot } = moreOf({ op: 'pick', hold: 'h', container: '' });
    expect(Object.keys(lot)).toEqual(['container']);
  });

  it('is what is printed on a batch; it is sold until it expires unless said', () => {
    const batch = { op: 'receive', qty: 1, batch: 'L1' };
    expect(moreOf(batch).dates).toBeUndefined();
    expect(moreOf({ ...batch, startAt: 1, expiresAt: 9, sellUntil: 7 }).dates).toEqual({
      startMs: 1,
      expiresAtMs: 9,
      sellUntilMs: 7,
    });
    expect(moreOf({ ...batch, expiresAt: 9 }).dates).toEqual({
      startMs: 0,
      expiresAtMs: 9,
      sellUntilMs: 9,
    });
    expect(moreOf({ ...batch, startAt: 1 }).dates).toEqual({
      startMs: 1,
      expiresAtMs: 0,
      sellUntilMs: 0,
    });
  });

  it('is serials, the order of taking, and what waits', () => {
    const serials = ['S1', 'S2'];
    expect(moreOf({ op: 'pick', hold: 'h', qty: 2, serials, policy: 'lifo' })).toEqual({
      ...NO_MORE,
      serials,
      policy: 'lifo',
    });
    expect(moreOf({ op: 'reserve', hold: 'h', qty: 2, backorder: true })).toEqual({
      ...NO_MORE,
      backorder: true,
    });
  });

  it('is nothing, and costs nothing, where what was said is what is meant anyway', () => {
    const said = { untilPutaway: false, useSafety: false, backorder: false, policy: 'fefo' };
    expect(moreOf({ op: 'receive', qty: 1 })).toBe(NO_MORE);
    expect(moreOf({ op: 'receive', qty: 1, toQuality: 'qualified', ...said })).toBe(NO_MORE);
  });
});

describe('fields of a lot', () => {
  const TEXTS = ['location', 'container', 'batch', 'fnsku'];
  const TO_TEXTS = ['toLocation', 'toContainer', 'toFnsku'];
  const noText: readonly unknown[] = [
    ...[' a', 'a ', 'a\tb', '\n', ' ', 'x'.repeat(65), '\ud83d', '\u200b'],
    ...[0, 7, null, true, ['a'], {}, { toString: 1 }, new Uint8Array([65])],
  ];
  const noBox: readonly unknown[] = [
    ...[-1, 0.5, LIMITS.boxPieces + 1, Number.NaN, 2 ** 53],
    ...['', '12', null, true, [], {}, 12n],
  ];
  const noTime: readonly unknown[] = [0, -1, 1.5, '2026-01-31', '', null, true, {}, 2 ** 53];

  it.each([...TEXTS, ...TO_TEXTS])('%s is a text or blank, whatever the op', (name) => {
    for (const op of OPS) {
      for (const value of ['A', '', 'a b', '漢字', 'x'.repeat(64)]) {
        expect(outcome({ op, ...NEEDED, [name]: value })).toBe('accepted');
      }
      for (const value of noText) {
        expect(outcome({ op, ...NEEDED, [name]: value })).toBe(
          `bad_field ${name}: 1 to 64 printable characters, or "" for none`,
        );
      }
    }
  });

  it.each(['box', 'toBox'])('%s is a number of pieces or 0, whatever the op', (name) => {
    for (const op of OPS) {
      for (const value of [0, 1, 12, LIMITS.boxPieces]) {
        expect(outcome({ op, ...NEEDED, [name]: value })).toBe('accepted');
      }
      for (const value of noBox) {
        expect(outcome({ op, ...NEEDED, [name]: value })).toMatch(`bad_field ${name}: pieces`);
      }
    }
  });

  it.each(['startAt', 'expiresAt', 'sellUntil'])('%s is a time, whatever the op', (name) => {
    for (const op of OPS) {
      for (const value of noTime) {
        expect(outcome({ op, ...NEEDED, batch: 'L1', [name]: value })).toBe(
          `bad_field ${name}: milliseconds since 1970`,
        );
      }
    }
  });

  it.each<[string, object]>([
    ['policy: one of fefo, fifo, lifo, fewest', { policy: 'FEFO' }],
    ['policy: one of fefo, fifo, lifo, fewest', { policy: '' }],
    ['policy: one of fefo, fifo, lifo, fewest', { policy: null }],
    ['backorder: true or false', { backorder: 1 }],
    ['backorder: true or false', { backorder: null }],
    ['backorder: not together with partial', { backorder: true, partial: true }],
    ['backorder: not for units that are named', { backorder: true, batch: 'L1' }],
    ['backorder: not for units that are named', { backorder: true, location: '' }],
    ['backorder: not for units that are named', { backorder: true, box: 0 }],
    ['backorder: not for units that are named', { backorder: true, serials: ['S1', 'S2'] }],
    ['startAt: only with a batch', { startAt: 5 }],
    ['expiresAt: only with a batch', { expiresAt: 5 }],
    ['sellUntil: only with a batch', { expiresAt: undefined, sellUntil: 5 }],
    ['expiresAt: only with a batch', { batch: '', expiresAt: 5 }],
    ['sellUntil: no later than expiresAt', { batch: 'L1', sellUntil: 5 }],
    ['sellUntil: no later than expiresAt', { batch: 'L1', expiresAt: 5, sellUntil: 6 }],
    ['startAt: no later than expiresAt', { batch: 'L1', expiresAt: 5, startAt: 6 }],
  ])('%s: refused of every op with %j', (said, fields) => {
    for (const op of OPS) expect(outcome({ op, ...NEEDED, ...fields })).toBe(`bad_field ${said}`);
  });

  it.each<object>([
    ...PICK_POLICIES.map((policy) => ({ policy })),
    ...[{ backorder: true }, { backorder: true, policy: 'fifo' }, { backorder: false, box: 0 }],
    { backorder: false, partial: true },
    ...[{ startAt: 5 }, { startAt: 5, expiresAt: 5, sellUntil: 5 }].map((dates) => ({
      batch: 'L1',
      ...dates,
    })),
  ])('%j is taken of every op', (fields) => {
    for (const op of OPS) expect(outcome({ op, ...NEEDED, ...fields })).toBe('accepted');
  });

  it('the first one of several that are wrong is told', () => {
    const wrong = { op: 'reserve', ...NEEDED, backorder: 1, policy: 1, batch: 7, qty: -1 };
    expect(outcome(wrong)).toMatch('bad_field batch');
    expect(outcome({ ...wrong, batch: 'L1' })).toMatch('bad_field policy');
    expect(outcome({ ...wrong, batch: 'L1', policy: 'fifo', backorder: true })).toMatch(
      'bad_field backorder: not for',
    );
  });
});

describe('serials', () => {
  const many = (count: number): string[] => Array.from({ length: count }, (_, i) => `S${i}`);

  it('are one for each unit', () => {
    const serials = ['S1', 'S2'];
    for (const op of OPS) expect(outcome({ op, ...NEEDED, serials })).toBe('accepted');
    for (const op of OPS.filter((one) => one !== 'adjust')) {
      expect(outcome({ op, ...NEEDED, qty: 3, serials })).toBe(
        'bad_field serials: one for each unit',
      );
    }
  });

  it('are, of an adjustment, one for each unit that was found or lost', () => {
    const adjust = { op: 'adjust', ...NEEDED, qty: undefined };
    expect(outcome({ ...adjust, delta: 2, serials: ['S1', 'S2'] })).toBe('accepted');
    expect(outcome({ ...adjust, delta: -2, serials: ['S1', 'S2'] })).toBe('accepted');
    expect(outcome({ ...adjust, delta: -1, serials: ['S1', 'S2'] })).toMatch('one for each unit');
  });

  it('are the quantity where none is said', () => {
    const pick = { op: 'pick', sku: 'A1', hold: 'h', serials: many(5) };
    expect(parse(pick)).toMatchObject({ qty: 5, more: { serials: many(5) } });
    expect(parse(pick)).toEqual(parse({ ...pick, qty: 5 }));
    expect(parse({ op: 'safety', sku: 'A1', level: 0, serials: many(5) })).toMatchObject({
      qty: 0,
    });
  });

  it('have a most', () => {
    const receive = (count: number) => ({
      op: 'receive',
      sku: 'A',
      qty: count,
      serials: many(count),
    });
    expect(outcome(receive(LIMITS.serials))).toBe('accepted');
    expect(outcome(receive(LIMITS.serials + 1))).toMatch('bad_field serials: a list of 1 to 1000');
  });

  it.each<[string, unknown]>([
    ['a list of 1 to 1000', []],
    ['a list of 1 to 1000', 'S1'],
    ['a list of 1 to 1000', null],
    ['a list of 1 to 1000', { length: 2 }],
    ['a list of 1 to 1000', 2],
    ['each 1 to 64 printable characters', ['S1', '']],
    ['each 1 to 64 printable characters', ['S1', 7]],
    ['each 1 to 64 printable characters', ['S1', null]],
    ['each 1 to 64 printable characters', ['S1', { toString: 1 }]],
    ['each of them once', ['S1', 'S1']],
  ])('%s: refused of every op, %j', (said, serials) => {
    for (const op of OPS) {
      expect(outcome({ op, ...NEEDED, serials })).toBe(`bad_field serials: ${said}`);
    }
  });

  it('are no help where the quantity itself is wrong', () => {
    for (const qty of [0, -1, 1.5, '1', null, { toString: 1 }, 1n]) {
      expect(outcome({ op: 'receive', sku: 'A', qty, serials: ['S1'] })).toMatch('bad_qty');
    }
    for (const delta of [0, 1.5, '1', null, { toString: 1 }, 1n, Symbol('1')]) {
      const adjust = { op: 'adjust', sku: 'A', reason: 'r', delta, serials: ['S1'] };
      expect(outcome(adjust)).toMatch('bad_qty');
    }
  });
});

describe('a block', () => {
  it('is of all units of a lot where no quantity is said', () => {
    const block = { op: 'block', sku: 'A', why: 'recall' };
    expect(parse({ ...block, batch: 'L1' })).toMatchObject({
      qty: 0,
      more: { lot: { batch: 'L1' } },
    });
    expect(parse({ ...block, serials: ['S1', 'S2'] })).toMatchObject({ qty: 2 });
    expect(outcome(block)).toMatch('bad_qty');
    expect(outcome({ ...block, batch: 'L1', qty: 0 })).toMatch('bad_qty');
    expect(outcome({ ...block, toLocation: 'B', policy: 'fifo' })).toMatch('bad_qty');
  });
});

describe('a move', () => {
  it.each(MORE_FIELDS.filter((name) => name.startsWith('to') && name !== 'toQuality'))(
    'says with %s alone what changes',
    (name) => {
      const value = name === 'toBox' ? 0 : '';
      expect(outcome({ op: 'move', sku: 'A', qty: 1, [name]: value })).toBe('accepted');
    },
  );

  it('must say what changes, and a change of quality is not one of these', () => {
    const move = { op: 'move', sku: 'A', qty: 1, location: 'A-01' };
    const said = 'bad_field toLocation: or another of toLocation, toContainer, toBox, toFnsku';
    expect(outcome(move)).toMatch(said);
    expect(outcome({ ...move, toQuality: 'defective' })).toMatch(said);
  });

  it('never goes to another batch: that name is one that nothing knows', () => {
    expect(moreOf({ op: 'move', qty: 1, toLocation: 'B', toBatch: 'L2' }).to).toEqual({
      location: 'B',
    });
  });

  it('may say that the units are kept from sale', () => {
    expect(moreOf({ op: 'move', qty: 1, toLocation: 'B', why: 'missing' }).why).toBe('missing');
    expect(moreOf({ op: 'move', qty: 1, toLocation: 'B' }).why).toBe('');
  });
});
