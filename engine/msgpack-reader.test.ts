import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import { MsgpackReader } from './msgpack-reader.ts';

const packr = new Packr({ useRecords: false, variableMapSize: true });
const EDGES = [0, 5, 7, 8, 15, 16, 31, 32, 52].flatMap((power) => [
  2 ** power - 1,
  2 ** power,
  -(2 ** power),
]);

function reading(value: unknown): MsgpackReader {
  const reader = new MsgpackReader();
  reader.begin(packr.pack(value));
  return reader;
}

const textOf = (reader: MsgpackReader): string =>
  Buffer.from(reader.bytes.subarray(reader.from, reader.to)).toString();

describe('a msgpack reader reads what msgpackr writes', () => {
  test.each(EDGES)('the number %d', (v) => {
    const reader = reading(v);
    expect(reader.number()).toBe(v);
    reader.end();
  });

  test.each([0, 31, 32, 255, 256, 65_535, 65_536])('a text of %d letters', (length) => {
    const reader = reading('x'.repeat(length));
    reader.text();
    expect(textOf(reader)).toBe('x'.repeat(length));
    reader.end();
  });

  test.each([16, 300, 70_000])('%d bytes', (length) => {
    const reader = reading(Buffer.alloc(length, 7));
    reader.binary();
    expect([reader.to - reader.from, reader.bytes[reader.from]]).toEqual([length, 7]);
    reader.end();
  });

  test('what is passed over ends where it ends', () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        fc.maxSafeInteger(),
        fc.string(),
        fc.array(tie('any'), { maxLength: 20, depthIdentifier: 'list' }),
      ),
    })).any;
    fc.assert(
      fc.property(value, fc.maxSafeInteger(), (first, second) => {
        const reader = reading([first, second]);
        expect(reader.array()).toBe(2);
        reader.skip();
        expect(reader.number()).toBe(second);
        reader.end();
      }),
    );
  });
});

describe('a msgpack reader throws', () => {
  test('where something else is', () => {
    expect(() => reading('a').number()).toThrow('a number is missing');
    expect(() => reading(1).text()).toThrow('a text is missing');
    expect(() => reading('a').array()).toThrow('a list is missing');
    expect(() => reading('a').binary()).toThrow('bytes are missing');
    expect(() => reading(1).end()).toThrow('does not end where it should');
  });

  test('wherever it is cut off', () => {
    const bytes = packr.pack([300, -70_000, 0.5, 'a text', [1, 2, 3], 2 ** 40]);
    for (let end = 0; end < bytes.length; end++) {
      const reader = new MsgpackReader();
      reader.begin(bytes.subarray(0, end));
      const readAll = (): void => {
        reader.skip();
        reader.end();
      };
      expect(readAll).toThrow();
    }
  });
});
