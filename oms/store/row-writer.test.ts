import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RowWriter } from './row-writer.ts';

/** Half a surrogate pair is no character of UTF-8. */
const wellFormed = (text: string): string => Buffer.from(text).toString();

const said = (rows: RowWriter): string => new TextDecoder().decode(rows.take());

describe('RowWriter', () => {
  test('fields are parted by tabs, rows by line feeds', () => {
    const rows = new RowWriter();
    rows.whole(1).text('a').none().end();
    rows.whole(-20).text('').raw('{1,2}').end();
    expect(rows.rows).toBe(2);
    expect(said(rows)).toBe('1\ta\t\\N\n-20\t\t{1,2}\n');
    expect(rows.rows).toBe(0);
    expect(said(rows)).toBe('');
  });

  test('every whole number is written as SQL reads it', () => {
    const write = (n: number): string => {
      const rows = new RowWriter();
      rows.whole(n).end();
      return said(rows);
    };
    const edges = [0, 9, 10, 999_999_999, 1e9, 1e9 + 1, 10_000_000_001, Number.MAX_SAFE_INTEGER];
    for (const n of edges) expect(write(n)).toBe(`${n}\n`);
    fc.assert(fc.property(fc.maxSafeInteger(), (n) => write(n) === `${n}\n`));
  });

  test('a text is escaped as COPY wants it, whatever is in it', () => {
    const back: Record<string, string> = { t: '\t', n: '\n', r: '\r', '\\': '\\' };
    const read = (row: string): string =>
      row.slice(0, -1).replace(/\\(.)/g, (_, c: string) => back[c] as string);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), (a, b) => {
        const rows = new RowWriter();
        rows.text(a + b).end();
        const row = said(rows);
        const utf8 = Buffer.from(`(${a + b})`);
        rows.utf8(utf8, 1, utf8.length - 1).end();
        expect(said(rows)).toBe(row);
        expect(row.indexOf('\n')).toBe(row.length - 1);
        expect(read(row)).toBe(wellFormed(a + b).replaceAll('\0', '\uFFFD'));
      }),
    );
  });

  test('it grows as it needs', () => {
    const rows = new RowWriter();
    const long = 'x'.repeat(1_000_000);
    for (let i = 0; i < 3; i++) rows.text(long).end();
    expect(said(rows)).toBe(`${long}\n`.repeat(3));
  });
});
