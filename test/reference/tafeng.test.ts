/**
 * The Ta-Feng parser, on lines made by hand, and on the real file against a
 * Python program that shares no code with it.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ensureTafeng, readCsv } from '../../cli/tafeng/fetch.ts';
import { readOrders } from '../../cli/tafeng/orders.ts';
import { messageOfError } from '../../engine/errors.ts';
import { type Figures, sequential } from './sequential.ts';
import known from './tafeng.json' with { type: 'json' };

const PROGRAM = new URL('tafeng.py', import.meta.url).pathname;
const run = promisify(execFile);

const HEADER =
  '"TRANSACTION_DT","CUSTOMER_ID","AGE_GROUP","PIN_CODE","PRODUCT_SUBCLASS","PRODUCT_ID","AMOUNT","ASSET","SALES_PRICE"';
const line = (
  date: string,
  customer: string,
  area: string,
  product: string,
  amount: number | string,
) => `"${date}","${customer}",,"${area}","100101","${product}","${amount}","9","10"`;
const csv = (...lines: string[]) => `\ufeff${[HEADER, ...lines].join('\r\n')}\r\n`;

/** Out of date order, baskets torn apart, one product twice in a basket. */
const SMALL = csv(
  line('11/2/2000', '01', '115', '4710000000001', 3),
  line('11/1/2000', '01', '115', '4710000000001', 10),
  line('11/1/2000', '02', '105', '4710000000001', 1),
  line('11/10/2000', '01', '221', '4710000000009', 7),
  line('11/1/2000', '1', '115', '20000001', 20),
  line('11/1/2000', '01', '115', '4710000000002 ', 2),
  line('11/1/2000', '01', '115', '4710000000001', 5),
  line('11/1/2000', '03', 'Unknown', '4710000000002', 4),
  line('11/1/2000', '01', '114', '4710000000002', 1),
);

describe('Ta-Feng parser', () => {
  test('a basket is all lines of a date, customer and warehouse, where its first line stands', () => {
    const baskets = readOrders(SMALL, 1).baskets.map(
      (b) =>
        `${b.date} ${b.customer}@${b.warehouse} ${b.lines.map((l) => `${l.sku}×${l.qty}`).join(' ')}`,
    );
    expect(baskets).toEqual([
      '2000-11-01 01@W115 4710000000001×15 4710000000002×2',
      '2000-11-01 02@W110 4710000000001×1',
      '2000-11-01 1@W115 20000001×20',
      '2000-11-01 03@W114 4710000000002×4',
      '2000-11-01 01@W114 4710000000002×1',
    ]);
  });

  test('opening is nine tenths of the demand, rounded down, and none if 0', () => {
    const orders = readOrders(SMALL, 1);
    const places = (list: typeof orders.demand) => list.map((p) => [p.warehouse, p.sku, p.qty]);
    expect(places(orders.demand)).toEqual([
      ['W110', '4710000000001', 1],
      ['W114', '4710000000002', 5],
      ['W115', '4710000000001', 15],
      ['W115', '20000001', 20],
      ['W115', '4710000000002', 2],
    ]);
    expect(places(orders.opening)).toEqual([
      ['W114', '4710000000002', 4],
      ['W115', '4710000000001', 13],
      ['W115', '20000001', 18],
      ['W115', '4710000000002', 1],
    ]);
    expect(orders).toMatchObject({ days: 1, lines: 7, skuWarehouses: 5, openingUnits: 36 });
  });

  test('the window is the first dates by the calendar, not by text or by place', () => {
    const dates = (days: number) => readOrders(SMALL, days).baskets.map((b) => b.date);
    expect(new Set(dates(2))).toEqual(new Set(['2000-11-01', '2000-11-02']));
    expect(dates(99).at(-1)).toBe('2000-11-10');
    expect(readOrders(SMALL, 99)).toMatchObject({ days: 3, lines: 9 });
  });

  test.each([
    ['115', 'W115'],
    ['221', 'W115'],
    ['105', 'W110'],
    ['106', 'W110'],
    ['110', 'W110'],
    ['114', 'W114'],
    ['Others', 'W114'],
    ['Unknown', 'W114'],
    ['', 'W114'],
  ])('area "%s" is served by %s', (area, warehouse) => {
    const text = csv(line('11/1/2000', '01', area, '4710000000001', 1));
    expect(readOrders(text, 1).baskets[0]?.warehouse).toBe(warehouse);
  });

  test('bare fields, other column orders, LF and a missing last line break read the same', () => {
    const text = 'AMOUNT,PRODUCT_ID,PIN_CODE,CUSTOMER_ID,TRANSACTION_DT\n\n2,ab c,110,01,11/1/2000';
    expect(readOrders(Buffer.from(text), 1).baskets).toEqual([
      {
        ...{ date: '2000-11-01', customer: '01', area: '110', warehouse: 'W110' },
        lines: [{ sku: 'ab c', qty: 2 }],
      },
    ]);
  });

  const good = line('11/1/2000', '01', '115', '4710000000001', 1);
  test.each([
    ['an amount of zero', line('11/1/2000', '01', '115', '4710000000001', 0), 'AMOUNT'],
    ['a negative amount', line('11/1/2000', '01', '115', '4710000000001', -1), 'AMOUNT'],
    ['a fraction', line('11/1/2000', '01', '115', '4710000000001', '1.5'), 'AMOUNT'],
    ['an amount left out', line('11/1/2000', '01', '115', '4710000000001', ''), 'AMOUNT'],
    ['a product left out', line('11/1/2000', '01', '115', ' ', 1), 'PRODUCT_ID'],
    ['a customer left out', line('11/1/2000', '', '115', '4710000000001', 1), 'CUSTOMER_ID'],
    ['no such day', line('2/29/2001', '01', '115', '4710000000001', 1), 'TRANSACTION_DT'],
    [
      'a date of another form',
      line('2000-11-01', '01', '115', '4710000000001', 1),
      'TRANSACTION_DT',
    ],
    ['a field too few', '"11/1/2000","01"', '2 fields where the header has 9'],
    ['a quote never closed', '"11/1/2000","01', 'quote'],
  ])('%s is refused by line', (_, bad, what) => {
    expect(() => readOrders(csv(good, bad), 99)).toThrow(
      expect.objectContaining({
        name: 'StartError',
        message: expect.stringMatching(`line 3: .*${what}`),
      }),
    );
  });

  test('what is no Ta-Feng file, or no count of days, is refused', () => {
    expect(() => readOrders('a,b\n1,2\n', 1)).toThrow('no column TRANSACTION_DT');
    expect(() => readOrders('', 1)).toThrow('no column TRANSACTION_DT');
    expect(() => readOrders(csv(), 1)).toThrow('no order lines');
    expect(() => readOrders(SMALL, 0)).toThrow('whole number');
    expect(() => readOrders(SMALL, 1.5)).toThrow('whole number');
  });
});

const python = await run('python3', ['--version']).then(
  () => undefined,
  () => 'Python 3 is not on PATH',
);
const data = await ensureTafeng({ log: () => {} }).then(
  (path) => ({ path, missing: undefined }),
  (e: unknown) => ({ path: '', missing: messageOfError(e) }),
);
const skipped = (why: string | undefined) => (why === undefined ? '' : ` (skipped: ${why})`);

async function byPython(file: string, days: number): Promise<Figures> {
  const { stdout } = await run('python3', [PROGRAM, file, '--days', String(days)]);
  return JSON.parse(stdout) as Figures;
}

describe.skipIf(python)(`a sequential Python program${skipped(python)}`, () => {
  test('gives the same figures of the lines made by hand', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'holdfast-test-'));
    try {
      const file = join(dir, 'small.csv');
      await writeFile(file, SMALL);
      for (const days of [1, 2, 99]) {
        expect(sequential(readOrders(SMALL, days))).toEqual(await byPython(file, days));
      }
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});

describe.skipIf(data.missing)(`Ta-Feng itself${skipped(data.missing)}`, () => {
  const file = data.missing === undefined ? readCsv(data.path) : undefined;

  test.each(Object.entries(known))(
    '%s days give the known figures',
    async (days, figures) => {
      expect(sequential(readOrders((await file) ?? '', Number(days)))).toEqual(figures);
    },
    120_000,
  );

  const both = `%s days give the Python program's figures${skipped(python)}`;
  test.skipIf(python).each([7, 120])(
    both,
    async (days) => {
      const figures = await byPython(data.path, days);
      expect(figures).toEqual(sequential(readOrders((await file) ?? '', days)));
    },
    120_000,
  );
});
