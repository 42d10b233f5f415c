import { describe, expect, it } from 'vitest';
import { isIndirect, isRead } from '../actors/command.ts';
import { documentKey } from '../actors/documents/commands.ts';
import { actorKey } from '../actors/ids.ts';
import { type StockView, stockView } from '../actors/stock/balances.ts';
import { see } from '../engine/seen.ts';
import { ShardState } from '../engine/state.ts';
import type { Identity } from './auth.ts';
import { fingerprint } from './fingerprint.ts';
import { parse } from './parse.ts';

const NOW_MS = Date.UTC(2026, 0, 15);
const DAY_MS = 86_400_000;
const WHO: Identity = {
  ...{ client: 'dock-1', owners: ['demo', 'acme'], warehouses: ['W1', 'W2'] },
  ...{ roles: ['controller'], expiresAtMs: Number.POSITIVE_INFINITY },
};
const TEA = '4006381333931';
const CARTON = '14006381333938';

const parsed = (v: object, warehouse = 'W1') =>
  parse(v as never, WHO, { owner: 'demo', warehouse }, () => NOW_MS);

/** One warehouse floor from the edge to its memory. */
class Floor {
  readonly state = new ShardState();

  /** `ok`, or the refusal in words. */
  do(v: object, warehouse = 'W1'): string {
    const asked = parsed(v, warehouse);
    if ('ok' in asked) return `${asked.code}: ${asked.detail}`;
    if (isRead(asked)) return expect.fail('a read');
    const caller = { client: WHO.client, incarnation: '' };
    const command = isIndirect(asked) ? this.state.meant(asked, caller, NOW_MS) : asked;
    const bound = this.state.boundOf(command, NOW_MS);
    expect(bound).toBeGreaterThan(0);
    const outcome = this.state.run(command, NOW_MS);
    if (outcome.ok) return 'ok';
    const line = outcome.line < 0 ? '' : ` line ${outcome.line}`;
    return `${outcome.code}${line}: ${outcome.detail}`;
  }

  stock(sku: string, warehouse = 'W1'): StockView {
    const actor = this.state.stockroom.get(
      actorKey('demo' as never, sku as never, warehouse as never),
    );
    return stockView(actor?.b ?? expect.fail(`no ${sku}`));
  }

  /** What is known of the units of a SKU: `batch L1 12 in 2`. */
  lines(sku: string): string[] {
    const key = actorKey('demo' as never, sku as never, 'W1' as never);
    const { lines } = this.state.stockroom.get(key)?.detail ?? { lines: new Map() };
    return [...lines.values()].map(({ batch, box, fnsku, qty }) =>
      [batch, box > 0 ? `box ${box}` : '', fnsku, qty].filter((word) => word !== '').join(' '),
    );
  }
}

function stocked(): Floor {
  const floor = new Floor();
  const boxes = [{ code: CARTON, pieces: 12 }];
  expect(
    floor.do({ op: 'item.set', sku: 'TEA', barcodes: [TEA, 'T'], fnskus: ['X001'], boxes }),
  ).toBe('ok');
  expect(floor.do({ op: 'item.set', sku: 'TEA-XL', barcodes: ['T'] })).toBe('ok');
  return floor;
}

describe('a code instead of a SKU', () => {
  it.each([
    ['a GTIN is a unit', { code: TEA, qty: 5 }, '5'],
    ['a GTIN in 14 digits is the same', { code: `0${TEA}`, qty: 5 }, '5'],
    ['of a box without a quantity is one box', { code: CARTON }, 'box 12 12'],
    ['of a box with a quantity is so many units', { code: CARTON, qty: 24 }, 'box 12 24'],
    ['of a marketplace is a label', { code: 'X001', qty: 2 }, 'X001 2'],
    ['a SKU is one too', { code: 'TEA', qty: 2 }, '2'],
    ['GS1 tells the batch and how many', { code: `(01)0${TEA}(10)L1(30)7` }, 'L1 7'],
    [
      'GS1 tells how many boxes are on a pallet',
      { code: `(02)${CARTON}(37)3(10)L1` },
      'L1 box 12 36',
    ],
    ['GS1 tells the one unit that has a serial', { code: `(01)0${TEA}(21)S1` }, '1'],
    ['shared by two is one of them where that is said', { code: 'T', sku: 'TEA', qty: 4 }, '4'],
  ])('%s', (_, said, told) => {
    const floor = stocked();
    expect(floor.do({ op: 'receive', location: 'A-1', ...said })).toBe('ok');
    expect(floor.lines('TEA')).toEqual([told]);
  });

  it.each([
    ['that nobody knows', { code: '12345', qty: 1 }, 'unknown_code: 12345'],
    ['that is not of this SKU', { code: TEA, sku: 'TEA-XL', qty: 1 }, `unknown_code: ${TEA}`],
    ['of two things', { code: 'T', qty: 1 }, 'ambiguous_code: TEA, TEA-XL'],
    ['of a unit without a quantity', { code: TEA }, 'bad_qty: '],
    [
      'beside another batch',
      { code: `(01)0${TEA}(10)L1`, batch: 'L2', qty: 1 },
      'bad_field: batch: the code says L1',
    ],
    ['beside another box', { code: CARTON, box: 6, qty: 12 }, 'bad_field: box: the code is of 12'],
    [
      'that is none',
      { code: 7, qty: 1 },
      'bad_field: code: what was scanned, 512 characters at most',
    ],
    ['in a read', { op: 'read', code: TEA }, 'bad_field: code: not in read; say sku'],
  ])('%s is refused', (_, said, told) => {
    const floor = stocked();
    expect(floor.do({ op: 'receive', ...said })).toBe(told);
    expect(floor.state.stockroom.size).toBe(0);
  });

  it('means what the catalogue says when it is decided', () => {
    const floor = stocked();
    floor.do({ op: 'item.set', sku: 'TEA', barcodes: ['NEW'] });
    expect(floor.do({ op: 'receive', code: TEA, qty: 1 })).toBe(`unknown_code: ${TEA}`);
    expect(floor.do({ op: 'receive', code: 'NEW', qty: 1 })).toBe('ok');
    expect(floor.do({ op: 'receive', code: 'T', qty: 1 })).toBe('ok');
    expect(floor.stock('TEA-XL').onHand).toBe(1);
  });

  it('is of one owner in one warehouse', () => {
    const floor = stocked();
    expect(floor.do({ op: 'receive', code: TEA, qty: 1 }, 'W2')).toBe(`unknown_code: ${TEA}`);
    expect(floor.do({ op: 'receive', code: TEA, qty: 1, owner: 'acme' })).toBe(
      `unknown_code: ${TEA}`,
    );
  });

  it('stands in lines of an all, which is done whole or not at all', () => {
    const floor = stocked();
    const lines = [
      { op: 'receive', code: CARTON },
      { op: 'receive', sku: 'MUG', qty: 1 },
    ];
    expect(floor.do({ op: 'all', commands: lines })).toBe('ok');
    expect(floor.stock('TEA').onHand).toBe(12);
    const wrong = [...lines, { op: 'receive', code: 'T', qty: 1 }];
    expect(floor.do({ op: 'all', commands: wrong })).toBe('ambiguous_code line 2: TEA, TEA-XL');
    expect(floor.stock('TEA').onHand).toBe(12);
  });

  it('stands in lines of documents', () => {
    const floor = stocked();
    const announced = [
      { code: CARTON, qty: 24 },
      { sku: 'MUG', qty: 1 },
    ];
    expect(floor.do({ op: 'asn.announce', doc: 'A1', lines: announced })).toBe('ok');
    const came = [{ line: '1', code: `(01)${CARTON}(10)L1(17)270131` }];
    expect(floor.do({ op: 'asn.receive', doc: 'A1', lines: came })).toBe('ok');
    expect(floor.lines('TEA')).toEqual(['L1 box 12 12']);
    const batch = floor.state.stockroom.get('demo/TEA@W1' as never)?.detail?.batches.get('L1');
    expect(batch?.expiresAtMs).toBe(Date.UTC(2027, 1, 1) - 1);
    expect(
      floor.do({ op: 'asn.receive', doc: 'A1', lines: [{ line: '2', code: TEA, qty: 1 }] }),
    ).toMatch(/^unknown_line line 0/);
    expect(floor.do({ op: 'asn.receive', doc: 'A1', lines: [{ line: '2', code: 'T' }] })).toBe(
      'ambiguous_code line 0: TEA, TEA-XL',
    );
  });

  it('is part of what a number was used for', () => {
    const print = (v: object): number => {
      const command = parsed(v);
      return 'ok' in command ? expect.fail(command.detail) : fingerprint(command);
    };
    const scan = { op: 'receive', code: TEA, qty: 1 };
    expect(print(scan)).toBe(print({ ...scan }));
    const others = [
      { ...scan, code: 'T' },
      { ...scan, qty: 2 },
      { op: 'receive', sku: TEA, qty: 1 },
    ];
    expect(new Set([scan, ...others].map(print)).size).toBe(4);
    const line = (code: string) => ({ op: 'count.open', doc: 'K', lines: [{ code }] });
    expect(print(line('T'))).not.toBe(print(line(TEA)));
  });
});

describe('what the catalogue minds', () => {
  const item = (facts: object): Floor => {
    const floor = new Floor();
    expect(floor.do({ op: 'item.set', sku: 'MILK', ...facts })).toBe('ok');
    return floor;
  };
  const receipt = { op: 'receive', sku: 'MILK', qty: 2 };

  it('a batch where goods are kept by batch, also on a notice of goods', () => {
    const floor = item({ batchManaged: true });
    expect(floor.do(receipt)).toBe('bad_field: batch: MILK is kept by batch');
    expect(floor.do({ op: 'all', commands: [receipt] })).toMatch(/^bad_field line 0/);
    expect(floor.do({ ...receipt, batch: 'L1' })).toBe('ok');
    floor.do({ op: 'asn.announce', doc: 'A1', lines: [{ sku: 'MILK', qty: 2 }] });
    const came = { op: 'asn.receive', doc: 'A1' };
    expect(floor.do({ ...came, lines: [{ line: '1' }] })).toMatch(/^bad_field line 0: batch/);
    expect(floor.do({ ...came, lines: [{ line: '1', batch: 'L1' }] })).toBe('ok');
    expect(floor.stock('MILK')).toMatchObject({ onHand: 4, inTransit: 0 });
  });

  it('a serial a unit, at receipt and at the pick', () => {
    const floor = item({ serialManaged: true });
    expect(floor.do(receipt)).toMatch(/^serial_needed/);
    expect(floor.do({ ...receipt, serials: ['S1', 'S2'] })).toBe('ok');
    expect(floor.do({ op: 'reserve', sku: 'MILK', qty: 2, hold: 'h' })).toBe('ok');
    expect(floor.do({ op: 'pick', sku: 'MILK', hold: 'h' })).toMatch(/^serial_needed/);
    expect(floor.do({ op: 'pick', sku: 'MILK', hold: 'h', serials: ['S1', 'S2'] })).toBe('ok');
  });

  it('a serial a unit of what goes elsewhere as it was promised', () => {
    const floor = item({ serialManaged: true });
    floor.do({ ...receipt, serials: ['S1', 'S2'] });
    const of = (serial: string) => [{ sku: 'MILK', qty: 1, serials: [serial] }];
    expect(floor.do({ op: 'transfer.place', doc: 'T1', toWarehouse: 'W2', lines: of('S1') })).toBe(
      'ok',
    );
    expect(floor.do({ op: 'transfer.dispatch', doc: 'T1' })).toBe('ok');
    expect(floor.do({ op: 'supplierReturn.setAside', doc: 'R1', lines: of('S2') })).toBe('ok');
    expect(floor.do({ op: 'supplierReturn.ship', doc: 'R1' })).toBe('ok');
    expect(floor.stock('MILK').onHand).toBe(0);
  });

  it.each([
    ['the expiry from the start', { startAt: NOW_MS }, [0, 10, 7]],
    ['the start from the expiry', { expiresAt: NOW_MS + 8 * DAY_MS }, [-2, 8, 5]],
    [
      'neither where both are said',
      { startAt: NOW_MS, expiresAt: NOW_MS + 20 * DAY_MS },
      [0, 20, 17],
    ],
    [
      'no end of sale where that is said',
      { expiresAt: NOW_MS + 10 * DAY_MS, sellUntil: NOW_MS + DAY_MS },
      [0, 10, 1],
    ],
  ])('shelf life and margin: %s', (_, said, days) => {
    const floor = item({ shelfLifeDays: 10, marginDays: 3 });
    expect(floor.do({ ...receipt, batch: 'L1', ...said })).toBe('ok');
    const batch = floor.state.stockroom.get('demo/MILK@W1' as never)?.detail?.batches.get('L1');
    const dates = [batch?.startMs, batch?.expiresAtMs, batch?.sellUntilMs];
    expect(dates).toEqual(days.map((day) => NOW_MS + day * DAY_MS));
  });
});

describe('an item', () => {
  it('may have a SKU as long as any, and reads back', () => {
    const floor = new Floor();
    const sku = `${'x'.repeat(60)}/@a`;
    expect(floor.do({ op: 'item.set', sku, unit: 'bottle' })).toBe('ok');
    const read = parsed({ op: 'item.read', sku });
    if ('ok' in read || !isRead(read)) return expect.fail('no read');
    expect(see(floor.state, read)).toMatchObject({
      document: { id: sku, unit: 'bottle', lines: [] },
    });
  });

  it('is all that was said last, and the same again is nothing new', () => {
    const floor = stocked();
    const key = documentKey('demo' as never, 'item', 'TEA', 'W1' as never);
    const set = { op: 'item.set', sku: 'TEA', unit: 'bag' };
    expect([floor.do(set), floor.do(set)]).toEqual(['ok', 'ok']);
    expect(floor.state.documents.get(key)).toMatchObject({ seq: 2, unit: 'bag', boxes: [] });
    expect(floor.do({ op: 'receive', code: CARTON })).toMatch(/^unknown_code/);
  });

  it.each([
    ['a box of one', { boxes: [{ code: 'B', pieces: 1 }] }, 'boxes.0.pieces'],
    [
      'a margin beyond its shelf life',
      { shelfLifeDays: 3, marginDays: 3 },
      'marginDays: less than',
    ],
    ['a code of nothing', { barcodes: [''] }, 'barcodes.0'],
  ])('with %s is refused', (_, said, what) => {
    expect(new Floor().do({ op: 'item.set', sku: 'TEA', ...said })).toContain(`bad_field: ${what}`);
  });
});
