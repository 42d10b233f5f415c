import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyTable } from './key-table.ts';

const framed = (key: string): [Uint8Array, number, number] => {
  const bytes = new TextEncoder().encode(`#${key}#`);
  return [bytes, 1, bytes.length - 1];
};

test('every key that was added is found under its number, and no other', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ maxLength: 8 }), { maxLength: 50 }), (keys) => {
      const table = new KeyTable();
      const half = Math.floor(keys.length / 2);
      keys.slice(0, half).forEach((key, i) => {
        table.add(...framed(key), 1_000 - i);
      });
      const found = keys.map((key) => table.find(...framed(key)));
      expect(found).toEqual(keys.map((_, i) => (i < half ? 1_000 - i : undefined)));
    }),
  );
});

test('it grows', () => {
  const table = new KeyTable();
  const keyOf = (i: number): string => `demo/SKU-${i}@W1`;
  for (let i = 0; i < 20_000; i++) table.add(...framed(keyOf(i)), i);
  for (let i = 0; i < 20_000; i++) expect(table.find(...framed(keyOf(i)))).toBe(i);
  expect(table.find(...framed(keyOf(20_000)))).toBeUndefined();
});
