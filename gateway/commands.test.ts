import { describe, expect, it } from 'vitest';
import { CATALOGUE, CODES, type OutcomeCode } from '../actors/outcomes.ts';
import { NO_MORE } from '../actors/stock/commands.ts';
import { LIMITS } from '../engine/limits.ts';
import type { Defaults, Identity } from './auth.ts';
import { parseCommand } from './commands.ts';
import { MORE_FIELDS } from './more.ts';

const who = (fields: Partial<Identity> = {}): Identity => ({
  client: 'dock-1',
  owners: ['demo'],
  warehouses: ['W1', 'W2'],
  roles: ['floor'],
  expiresAtMs: Number.POSITIVE_INFINITY,
  ...fields,
});
const DEFAULTS: Defaults = { owner: 'demo', warehouse: 'W1' };

const parse = (v: object, as: Identity = who(), defaults = DEFAULTS) =>
  parseCommand(v as Record<string, unknown>, as, defaults);

/** `accepted`, or the code and what is said of it. */
function outcome(v: object, as?: Identity, defaults?: Defaults): string {
  const parsed = parse(v, as, defaults);
  if (!('ok' in parsed)) return 'accepted';
  const line = parsed.line < 0 ? '' : ` line ${parsed.line}`;
  return `${parsed.code}${line} ${parsed.detail.split(':')[0]}`.trim();
}

/** The least that each op asks for. */
const LEAST: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  receive: { sku: 'A1', qty: 5 },
  reserve: { sku: 'A1', qty: 5, hold: 'h' },
  extend: { sku: 'A1', hold: 'h', ttlMs: 60_000 },
  harden: { sku: 'A1', hold: 'h' },
  release: { sku: 'A1', hold: 'h' },
  pick: { sku: 'A1', hold: 'h' },
  pack: { sku: 'A1', hold: 'h' },
  ship: { sku: 'A1', hold: 'h' },
  cancel: { sku: 'A1', hold: 'h' },
  putback: { sku: 'A1' },
  adjust: { sku: 'A1', delta: -5, reason: 'count' },
  announce: { sku: 'A1', qty: 5 },
  withdraw: { sku: 'A1', qty: 5 },
  block: { sku: 'A1', qty: 5, why: 'recall' },
  unblock: { sku: 'A1', why: 'recall' },
  requality: { sku: 'A1', qty: 5, toQuality: 'defective' },
  safety: { sku: 'A1', level: 0 },
  move: { sku: 'A1', qty: 5, toLocation: 'A-01' },
  short: { sku: 'A1', hold: 'h', qty: 5 },
  read: { sku: 'A1' },
};
const OPS = Object.keys(LEAST);
const CHANGES = OPS.filter((op) => op !== 'read');
const least = (op: string, more: object = {}): object => ({ op, ...LEAST[op], ...more });

describe('every op', () => {
  it.each(OPS)('%s is taken with the least it asks for', (op) => {
    expect(outcome(least(op))).toBe('accepted');
    expect(parse(least(op))).toMatchObject({ op, key: 'demo/A1@W1', warehouse: 'W1' });
  });

  it.each(OPS.flatMap((op) => Object.keys(LEAST[op] ?? {}).map((name) => [op, name])))(
    '%s is refused without %s',
    (op, name) => {
      const { [name as string]: _, ...rest } = least(op as string) as Record<string, unknown>;
      const code = name === 'qty' || name === 'delta' ? /^bad_qty/ : /^bad_field/;
      expect(outcome(rest)).toMatch(code);
    },
  );

  it.each(CHANGES)('%s leaves what it does not use blank', (op) => {
    const uses = LEAST[op] ?? {};
    const given = { hold: 'x', qty: 7, ttlMs: 9, partial: true, quality: 'pending' };
    expect(parse(least(op, given))).toMatchObject({
      hold: 'hold' in uses ? 'x' : '',
      qty: op === 'adjust' || op === 'safety' ? 0 : 7,
      delta: op === 'adjust' ? -5 : 0,
    });
  });

  it('a change has every field, blank where nothing was said', () => {
    expect(parse({ op: 'putback', sku: 'A1' })).toEqual({
      op: 'putback',
      key: 'demo/A1@W1',
      owner: 'demo',
      sku: 'A1',
      warehouse: 'W1',
      qty: 0,
      delta: 0,
      hold: '',
      doc: '',
      reason: '',
      quality: 0,
      ttlMs: 0,
      partial: false,
      occurredAtMs: 0,
      more: NO_MORE,
    });
  });

  it.each([
    [undefined, 'op is no name'],
    [null, 'op is no name'],
    [7, 'op is no name'],
    [['reserve'], 'op is no name'],
    [{ toString: 1 }, 'op is no name'],
    ['', 'op is no name'],
    ['a\nb', 'op is no name'],
    ['x'.repeat(65), 'op is no name'],
    ['\ud800', 'op is no name'],
    ['Reserve', 'Reserve'],
    ['expire', 'expire'],
    ['outdate', 'outdate'],
    ['grant', 'grant'],
    ['regain', 'regain'],
    ['sell', 'sell'],
    ['hello', 'hello'],
    ['watch', 'watch'],
    ['toString', 'toString'],
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
  ])('op %j is unknown_op', (op, said) => {
    expect(parse(least('receive', { op }))).toMatchObject({ code: 'unknown_op', detail: said });
  });
});

describe('quantities', () => {
  const bad: readonly unknown[] = [
    ...[0, -1, -0, 1.5, 0.1, 2 ** 53, 2 ** 53 + 2, 1e21, Number.POSITIVE_INFINITY, Number.NaN],
    ...['5', '', 'five', true, null, [5], { valueOf: 5 }, { toString: 1 }],
  ];

  it.each(bad)('%j is no qty', (qty) => {
    expect(outcome(least('receive', { qty }))).toBe('bad_qty');
    expect(outcome(least('reserve', { qty }))).toBe('bad_qty');
    for (const op of CHANGES) expect(outcome(least(op, { qty }))).toBe('bad_qty');
  });

  it.each(bad.filter((v) => v !== -1))('%j is no delta, and no field of another op', (delta) => {
    for (const op of CHANGES) expect(outcome(least(op, { delta }))).toBe('bad_qty delta');
  });

  it('a big integer is none', () => {
    expect(outcome(least('receive', { qty: 5n }))).toBe('bad_qty');
  });

  it('the largest whole number is one', () => {
    expect(outcome(least('receive', { qty: Number.MAX_SAFE_INTEGER }))).toBe('accepted');
    expect(outcome(least('adjust', { delta: Number.MIN_SAFE_INTEGER }))).toBe('accepted');
    expect(outcome(least('adjust', { delta: 3 }))).toBe('accepted');
  });
});

describe('fields', () => {
  const noText: readonly unknown[] = [
    ...['', ' a', 'a ', 'a\tb', 'a\u0000', '\u200b', 'x'.repeat(65), '\ud83d', '\ue000'],
    ...[7, null, true, ['a'], { a: 1 }, { toString: 1 }, new Uint8Array([65])],
  ];
  const noName: readonly unknown[] = [
    ...noText,
    'W 1',
    'W/1',
    'W@1',
    'W.1',
    '-W',
    'ä',
    '*',
    'x'.repeat(33),
  ];

  it.each(noText)('%j is no sku, hold, doc or reason, whatever the op', (value) => {
    for (const op of OPS) expect(outcome(least(op, { sku: value }))).toBe('bad_field sku');
    for (const op of OPS) expect(outcome(least(op, { hold: value }))).toBe('bad_field hold');
    for (const op of CHANGES) {
      expect(outcome(least(op, { doc: value }))).toBe('bad_field doc');
      expect(outcome(least(op, { reason: value }))).toBe('bad_field reason');
    }
  });

  it.each(noName)('%j is no owner and no warehouse', (value) => {
    for (const op of OPS) {
      expect(outcome(least(op, { owner: value }))).toBe('bad_field owner');
      expect(outcome(least(op, { warehouse: value }))).toBe('bad_field warehouse');
    }
  });

  it.each(['a', '~', 'Ä', '4711', 'a b', '漢字', '😀', '🇨🇭', "Robert'); DROP", 'x'.repeat(64)])(
    '%j is a text',
    (value) => {
      const all = { sku: value, hold: value, doc: value, reason: value };
      expect(outcome(least('reserve', all))).toBe('accepted');
    },
  );

  it.each<[string, unknown[]]>([
    ['ttlMs', [0, -1, 1.5, '60000', LIMITS.softTtlMs + 1, null, {}]],
    ['partial', [0, 1, 'true', null, {}, []]],
    ['quality', ['good', 'Qualified', 0, -1, null, ['qualified'], {}, '__proto__']],
    ['occurredAt', [0, -1, 1.5, '2024-01-01', null, {}, 2 ** 53]],
  ])('%s is checked for every op that changes stock', (name, values) => {
    for (const op of CHANGES) {
      for (const value of values) {
        expect(outcome(least(op, { [name]: value }))).toBe(`bad_field ${name}`);
      }
    }
  });

  it.each(['qualified', 'defective', 'pending', 'supplierReturn'])('%s is a quality', (quality) => {
    expect(outcome(least('receive', { quality }))).toBe('accepted');
  });

  it.each(['eventual', '', true, null, 1])('read: %j is no way to read', (read) => {
    expect(outcome(least('read', { read }))).toBe('bad_field read');
  });

  it('of other names are left alone', () => {
    const more = JSON.parse('{"__proto__":{"qty":9},"colour":"red","n":-1}') as object;
    expect(parse({ ...least('receive'), ...more })).toEqual(parse(least('receive')));
  });
});

describe('owner and warehouse', () => {
  it('may be left out where the token names one', () => {
    expect(parse(least('read'))).toMatchObject({ owner: 'demo', warehouse: 'W1' });
    const open = { owner: undefined, warehouse: undefined };
    expect(outcome(least('read'), who(), open)).toBe('bad_field owner');
    expect(outcome(least('read', { owner: 'demo' }), who(), open)).toBe('bad_field warehouse');
  });

  it('must be covered by the token', () => {
    expect(outcome(least('read', { owner: 'demo2' }))).toBe('forbidden owner demo2');
    expect(outcome(least('read', { warehouse: 'W3' }))).toBe('forbidden warehouse W3');
    const anywhere = who({ warehouses: ['*'] });
    expect(outcome(least('read', { warehouse: 'W3' }), anywhere)).toBe('accepted');
  });

  it('an op must be covered by a role', () => {
    const shop = who({ roles: ['shop'] });
    expect(outcome(least('reserve'), shop)).toBe('accepted');
    expect(outcome(least('pick'), shop)).toBe('forbidden op pick');
    expect(outcome(least('reserve'), who({ roles: ['viewer'] }))).toBe('forbidden op reserve');
    expect(outcome(least('read'), who({ roles: [] }))).toBe('forbidden op read');
  });
});

describe('each', () => {
  const each = (fields: object): object => ({
    ...{ op: 'each', do: 'reserve', warehouse: 'W1', sku: ['A', 'B'], hold: ['h', 'i'], qty: 2 },
    ...fields,
  });

  it('is one step for every sku; one quantity may stand for all', () => {
    expect(parse(each({ ttlMs: 5 }))).toMatchObject({
      ...{ op: 'each', step: 'reserve', warehouse: 'W1', skus: ['A', 'B'], units: [2, 2] },
      ...{ keys: ['demo/A@W1', 'demo/B@W1'], holds: ['h', 'i'], ttlMs: 5 },
    });
    expect(parse(each({ qty: [1, 2] }))).toMatchObject({ units: [1, 2] });
  });

  it.each<[string, object]>([
    ['unknown_op', { do: undefined }],
    ['unknown_op', { do: 'read' }],
    ['unknown_op', { do: 'move' }],
    ['unknown_op', { do: 'block' }],
    ...MORE_FIELDS.map((name): [string, object] => [`bad_field ${name}`, { [name]: 'A-01' }]),
    ['bad_field sku', { sku: 'A' }],
    ['bad_field sku', { sku: [] }],
    ['bad_field line 1 sku', { sku: ['A', ''] }],
    ['bad_field hold', { hold: ['h'] }],
    ['bad_field hold', { hold: 'h' }],
    ['bad_field line 1 hold', { hold: ['h', 7] }],
    ['bad_field line 1 hold', { hold: ['h', '~rights'] }],
    ['bad_field reason', { do: 'adjust', hold: undefined, delta: 1 }],
    ['bad_qty', { qty: undefined }],
    ['bad_qty', { qty: [1] }],
    ['bad_qty line 0', { qty: [0, 1] }],
    ['bad_qty line 1', { do: 'adjust', reason: 'r', hold: undefined, delta: [1, 0] }],
    ['too_large', { sku: Array(LIMITS.allLines + 1).fill('A') }],
  ])('%s: %j', (should, fields) => {
    expect(outcome(each(fields)).startsWith(should)).toBe(true);
  });

  it('is refused as a whole where the token does not cover it', () => {
    expect(outcome(each({ owner: 'acme' }))).toBe('forbidden owner acme');
  });
});

describe('all', () => {
  const all = (commands: unknown, more: object = {}): object => ({ op: 'all', commands, ...more });
  const line = least('reserve');

  it('takes its owner and warehouse for lines that have none', () => {
    const parsed = parse(all([line, least('receive', { sku: 'B' })], { warehouse: 'W2' }));
    expect(parsed).toMatchObject({
      op: 'all',
      warehouse: 'W2',
      commands: [{ key: 'demo/A1@W2' }, { key: 'demo/B@W2' }],
    });
  });

  it.each([undefined, null, {}, 'x', [], 7])('with commands %j is refused', (commands) => {
    expect(outcome(all(commands))).toBe('bad_field commands');
  });

  it('says which line is wrong, the first one first', () => {
    expect(outcome(all([line, null]))).toBe('bad_field line 1 commands');
    expect(outcome(all([line, [line]]))).toBe('bad_field line 1 commands');
    expect(outcome(all([line, least('pick', { hold: 7 }), 5]))).toBe('bad_field line 1 hold');
    expect(outcome(all([least('receive', { qty: 0 }), {}]))).toBe('bad_qty line 0');
    expect(outcome(all([line, least('receive', { owner: 'x' })]))).toBe('forbidden line 1 owner x');
  });

  it('holds neither another all nor a read', () => {
    expect(outcome(all([all([line])]))).toBe('unknown_op line 0 all');
    expect(outcome(all([line, least('read')]))).toBe('unknown_op line 1 read');
  });

  it('is of one warehouse', () => {
    const other = least('receive', { warehouse: 'W2' });
    expect(outcome(all([line, line, other]))).toBe('bad_field line 2 warehouse');
    expect(outcome(all([other, other]))).toBe('accepted');
    expect(outcome(all([line, other], { warehouse: 'W2' }))).toBe('accepted');
  });

  it('checks its own owner and warehouse even where every line has one', () => {
    const whole = least('receive', { owner: 'demo', warehouse: 'W1' });
    expect(outcome(all([whole], { owner: 7 }))).toBe('bad_field owner');
    expect(outcome(all([whole], { warehouse: 'no such' }))).toBe('bad_field warehouse');
  });

  it('has a most', () => {
    const lines = (count: number): unknown[] => Array.from({ length: count }, () => line);
    expect(outcome(all(lines(LIMITS.allLines)))).toBe('accepted');
    expect(outcome(all(lines(LIMITS.allLines + 1)))).toMatch('too_large');
  });

  it('is forbidden where one of its lines is', () => {
    const shop = who({ roles: ['shop'] });
    expect(outcome(all([line]), shop)).toBe('accepted');
    expect(outcome(all([line, least('ship')]), shop)).toBe('forbidden line 1 op ship');
  });
});

describe('S8 of several faults', () => {
  const FAULTS: readonly [OutcomeCode, object][] = [
    ['unknown_op', { op: 'resrve' }],
    ['bad_field', { doc: 7 }],
    ['bad_qty', { qty: -1 }],
    ['forbidden', { warehouse: 'W9' }],
  ];
  const subsets = Array.from({ length: 2 ** FAULTS.length - 1 }, (_, bits) =>
    FAULTS.filter((_fault, i) => (bits + 1) & (1 << i)),
  );

  it('the edge checks these in the order of the catalogue', () => {
    const codes = FAULTS.map(([code]) => code);
    expect(CODES.filter((code) => codes.includes(code))).toEqual(codes);
    expect(codes.every((code) => CATALOGUE[code].where === 'edge')).toBe(true);
  });

  it.each(subsets.map((faults) => [faults.map(([code]) => code).join(' and '), faults] as const))(
    '%s: the first one is told',
    (_, faults) => {
      const frame = Object.assign({}, least('reserve'), ...faults.map(([, fault]) => fault));
      expect(parse(frame as object)).toMatchObject({ ok: false, code: faults[0]?.[0] });
    },
  );
});
