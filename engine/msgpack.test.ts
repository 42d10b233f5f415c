import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { MsgpackWriter, NUMBER_BYTES, textBytes } from './msgpack.ts';

const packr = new Packr({ useRecords: false, variableMapSize: true });

const EDGES = [0, 1, 5, 7, 8, 15, 16, 31, 32, 52, 53].flatMap((power) => [
  2 ** power - 1,
  2 ** power,
  -(2 ** power) - 1,
  -(2 ** power),
]);

function written(write: (w: MsgpackWriter) => void, bound: number): number[] {
  const writer = new MsgpackWriter(1);
  writer.reserve(bound);
  write(writer);
  expect(writer.length).toBeLessThanOrEqual(bound);
  return [...writer.written];
}

describe('a msgpack writer writes what msgpackr writes', () => {
  it.each(EDGES.filter(Number.isSafeInteger))('the number %d', (v) => {
    expect(written((w) => w.number(v), NUMBER_BYTES)).toEqual([...packr.pack(v)]);
  });

  it('any whole number', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (v) => {
        expect(written((w) => w.number(v), NUMBER_BYTES)).toEqual([...packr.pack(v)]);
      }),
    );
  });

  it.each([0, 1, 31, 32, 63, 64, 255, 256, 65_535, 65_536])('a text of %d letters', (length) => {
    for (const letter of ['x', 'é', '語', '🚚']) {
      const text = letter.repeat(length / letter.length);
      expect(written((w) => w.text(text), textBytes(text))).toEqual([...packr.pack(text)]);
    }
  });

  it('any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        expect(written((w) => w.text(text), textBytes(text))).toEqual([...packr.pack(text)]);
      }),
    );
  });

  it.each([0, 1, 15, 16, 65_535, 65_536])('a list of %d', (length) => {
    const list = Array<number>(length).fill(7);
    const write = (w: MsgpackWriter): void => {
      w.array(length);
      for (const v of list) w.number(v);
    };
    expect(written(write, 5 + length)).toEqual([...packr.pack(list)]);
  });

  it.each([0, 1, 255, 256, 65_535, 65_536])('%d bytes', (length) => {
    const bytes = Buffer.alloc(length, 3);
    expect(written((w) => w.binary(bytes), 5 + length)).toEqual([...packr.pack(bytes)]);
  });
});

describe('a msgpack writer', () => {
  it('keeps what it has written when it grows, and begins anew', () => {
    const writer = new MsgpackWriter(2);
    for (const v of [1, 300, 70_000]) {
      writer.reserve(NUMBER_BYTES);
      writer.number(v);
    }
    expect([...writer.written]).toEqual([1, 0xcd, 1, 44, 0xce, 0, 1, 0x11, 0x70]);
    writer.clear();
    expect(writer.length).toBe(0);
  });
});
