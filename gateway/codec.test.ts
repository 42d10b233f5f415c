import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { codecOf, jsonCodec, msgpackCodec } from './codec.ts';
import { isPlainMsgpack } from './msgpack-scan.ts';

const packr = new Packr({ useRecords: false, variableMapSize: true });
const bytes = (...parts: (number | string)[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((p) => (typeof p === 'number' ? [p] : [...Buffer.from(p)])));
const decode = (...parts: (number | string)[]): unknown => msgpackCodec.decode(bytes(...parts));
const text = (s: string): Uint8Array => new TextEncoder().encode(s);

describe('the codecs', () => {
  it('are chosen by subprotocol, text where none was agreed', () => {
    expect(codecOf('holdfast.v1.msgpack')).toBe(msgpackCodec);
    expect(codecOf('holdfast.v1.json')).toBe(jsonCodec);
    expect(codecOf('')).toBe(jsonCodec);
  });

  it.each([
    ['json', jsonCodec],
    ['msgpack', msgpackCodec],
  ])('%s reads back what it wrote', (_, codec) => {
    // `__proto__` is renamed by the one and kept by the other; no field is called so.
    const message = fc
      .jsonValue({ maxDepth: 6 })
      .filter((v) => !JSON.stringify(v).includes('__proto__'));
    fc.assert(
      fc.property(message, (value) => {
        const wire = codec.encode(value);
        const data = typeof wire === 'string' ? text(wire) : new Uint8Array(wire);
        expect(codec.decode(data)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('json', () => {
  it.each(['', '{', '{"op":}', "{'op':1}", 'undefined', '{"a":1}{"b":2}', '\u0000'])(
    'cannot read %j',
    (frame) => {
      expect(() => jsonCodec.decode(text(frame))).toThrow();
    },
  );

  it('cannot read bytes that are no UTF-8', () => {
    expect(() => jsonCodec.decode(bytes('"', 0xff, '"'))).toThrow();
    expect(() => jsonCodec.decode(bytes('"', 0xed, 0xa0, 0x80, '"'))).toThrow();
  });

  it('reads deep nesting without a deep stack', () => {
    const depth = 400_000;
    expect(() => jsonCodec.decode(text(`${'['.repeat(depth)}${']'.repeat(depth)}`))).not.toThrow();
  });

  it('makes a key __proto__ a plain field that changes no prototype', () => {
    const read = jsonCodec.decode(text('{"__proto__":{"op":"read"}}')) as { op?: unknown };
    expect(read.op).toBeUndefined();
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  });
});

describe('msgpack', () => {
  it('reads integers of 64 bits as numbers, as other languages send times', () => {
    expect(decode(0xcf, 0, 0, 1, 0x8b, 0xcf, 0xe5, 0x68, 0)).toBe(1_700_000_000_000);
    expect(decode(0xcf, 0, 0, 0, 0, 0, 0, 0, 7)).toBe(7);
    expect(decode(0xd3, 0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('reads no integer beyond 2^53 as a smaller one', () => {
    const over = [0, 0x20, 0, 0, 0, 0, 0, 0];
    for (const low of [0, 1, 2, 3]) {
      const read = decode(0xcf, ...over.with(7, low)) as number;
      expect(Number.isSafeInteger(read)).toBe(false);
    }
    expect(Number.isSafeInteger(decode(0xcf, ...Array<number>(8).fill(0xff)))).toBe(false);
  });

  it('makes a key __proto__ change no prototype', () => {
    for (const key of [bytes(0xa9, '__proto__'), bytes(0xd9, 9, '__proto__')]) {
      const read = decode(0x81, ...key, 0x81, 0xa2, 'op', 0xa1, 'x') as { op?: unknown };
      expect(read.op).toBeUndefined();
      expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    }
  });

  it.each<[string, (number | string)[]]>([
    ['nothing', []],
    ['a map that is cut off', [0x82, 0xa1, 'a', 1]],
    ['text that is cut off', [0xa5, 'abc']],
    ['a number that is cut off', [0xcd, 1]],
    ['a length that is cut off', [0xdd, 0, 0]],
    ['two values', [1, 2]],
    ['a map and some rest', [0x81, 0xa1, 'a', 1, 0xc0]],
    ['the byte that is never used', [0xc1]],
    ['a key that is an array', [0x81, 0x91, 1, 2]],
    ['an array said to have 2^31 members', [0xdd, 0x80, 0, 0, 0]],
    ['an array said to have 30 million members', [0xdd, 0x01, 0xc9, 0xc3, 0x80]],
    ['a map said to have 2^32 - 1 members', [0xdf, 0xff, 0xff, 0xff, 0xff]],
    ['text said to have 2 GB', [0xdb, 0x7f, 0xff, 0xff, 0xff]],
    ['bytes said to be 4 GB', [0xc6, 0xff, 0xff, 0xff, 0xff]],
    ['a time', [0xd6, 0xff, 0, 0, 0, 1]],
    ['a record definition', [0xd4, 0x72, 0x40, 0x91, 0xa1, 'a', 5]],
    ['a record definition of two bytes', [0xd5, 0x72, 0x40, 0x01, 0x91, 0xa1, 'a', 5]],
    ['an error', [0xd4, 0x65, 0, 0x92, 0xa4, 'eval', 0xa1, '1']],
    ['a regular expression', [0xd4, 0x78, 0, 0x92, 0xa6, '(a+)+$', 0xa0]],
    ['a big integer', [0xc7, 9, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    ['bundled texts', [0xd6, 0x62, 0, 0, 0, 9, 1, 0xa1, 'a', 0xa1, 'b']],
    ['a reference', [0xd6, 0x69, 0, 0, 0, 1, 0x91, 0xd6, 0x70, 0, 0, 0, 1]],
    ['an extension in a batch', [0x91, 0x81, 0xa2, 'op', 0xd4, 0, 0]],
  ])('cannot read %s', (_, parts) => {
    expect(() => decode(...parts)).toThrow();
  });

  it('reads on as before after each of them', () => {
    expect(() => decode(0x92, 0xd4, 0x72, 0x40, 0x91, 0xa1, 'a', 5, 0x40)).toThrow();
    expect(decode(0x92, 0x40, 0x41)).toEqual([0x40, 0x41]);
  });

  it('cannot read what is nested deeper than any command is', () => {
    const nested = (depth: number): Uint8Array =>
      new Uint8Array(depth + 1).fill(0x91).with(depth, 1);
    expect(() => msgpackCodec.decode(nested(8))).not.toThrow();
    for (const depth of [17, 5_000, 1_000_000]) {
      expect(() => msgpackCodec.decode(nested(depth))).toThrow('not one plain');
    }
  });

  it('spends no time and no memory on lengths that are only claimed', () => {
    const claims = new Uint8Array(1024 * 1024);
    for (let at = 0; at + 5 < claims.length; at += 5) claims.set([0xdd, 0, 0x0f, 0, 0], at);
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 200; i++) expect(() => msgpackCodec.decode(claims)).toThrow();
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024);
  });

  it('does not grow a frame of references into gigabytes', () => {
    const pointer = (id: number): number[] => [0xd6, 0x70, 0, 0, 0, id];
    const level = (id: number): number[] => [
      ...[0xd6, 0x69, 0, 0, 0, id, 0x92],
      ...(id === 0 ? [1, 1] : [...pointer(id - 1), ...pointer(id - 1)]),
    ];
    const levels = Array.from({ length: 60 }, (_, id) => level(id)).flat();
    expect(() => decode(0xdc, 0, 60, ...levels, 1)).toThrow('not one plain');
  });
});

describe('the scan before the decoder', () => {
  it('takes whatever a msgpack encoder writes of plain values', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
        expect(isPlainMsgpack(packr.pack(value))).toBe(true);
      }),
    );
  });

  it('takes it only whole', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.nat(), (value, cut) => {
        const whole = packr.pack(value);
        expect(isPlainMsgpack(whole.subarray(0, cut % whole.length))).toBe(false);
        expect(isPlainMsgpack(Uint8Array.from([...whole, 0]))).toBe(false);
      }),
    );
  });

  it('says no to nothing that the decoder fails on, but for keys', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (data) => {
        if (!isPlainMsgpack(data)) return;
        try {
          msgpackCodec.decode(data);
        } catch (e) {
          expect(String(e)).toMatch('Invalid property type');
        }
      }),
      { numRuns: 5_000 },
    );
  });
});
