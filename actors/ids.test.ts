import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  actorKey,
  isHoldId,
  isOwnerId,
  isQty,
  isSkuId,
  isWarehouseId,
  type OwnerId,
  parseActorKey,
  RIGHTS,
  type SkuId,
  type WarehouseId,
} from './ids.ts';

const NOT_STRINGS = [undefined, null, 7, true, {}, ['demo'], new String('demo')];

describe('owners and warehouses', () => {
  const good = ['a', 'W115', 'demo', 'a-b_c', '0', 'x'.repeat(32)];
  const bad = ['', '-a', '_a', 'a b', 'a/b', 'a@b', 'a.b', 'a*', 'a>', 'é', 'a\n', 'x'.repeat(33)];

  it.each(good)('takes %j', (v) => {
    expect([isOwnerId(v), isWarehouseId(v)]).toEqual([true, true]);
  });
  it.each([...bad, ...NOT_STRINGS])('refuses %j', (v) => {
    expect([isOwnerId(v), isWarehouseId(v)]).toEqual([false, false]);
  });
});

describe('SKUs and holds', () => {
  const good = [
    'a',
    '4710011401128',
    'SO-881/1',
    'a@b/c',
    'große Tasse',
    '茶',
    '👕',
    'x'.repeat(64),
  ];
  const bad = ['', ' a', 'a ', ' ', 'a\tb', 'a\nb', 'a\u0000', '\u200b', '\ud800', 'x'.repeat(65)];

  it.each(good)('takes %j', (v) => {
    expect([isSkuId(v), isHoldId(v)]).toEqual([true, true]);
  });
  it.each([...bad, ...NOT_STRINGS])('refuses %j', (v) => {
    expect([isSkuId(v), isHoldId(v)]).toEqual([false, false]);
  });
});

describe('the hold of rights', () => {
  it('S8 cannot be named by a caller', () => {
    expect([RIGHTS, `${RIGHTS}1`, '~'].map(isHoldId)).toEqual([false, true, true]);
  });
});

describe('quantities', () => {
  it.each([1, 2, 2 ** 53 - 1])('takes %d', (v) => expect(isQty(v)).toBe(true));
  it.each([
    0,
    -0,
    -1,
    1.5,
    2 ** 53,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '1',
    1n,
    null,
    undefined,
  ])('refuses %s', (v) => expect(isQty(v)).toBe(false));
});

describe('actor keys', () => {
  const plain = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/);
  const sku = fc
    .oneof(
      fc.string({ unit: fc.constantFrom('/', '@', '#', 'a') }),
      fc.string({ unit: 'grapheme' }),
    )
    .filter(isSkuId);

  it('are written owner/sku@warehouse', () => {
    expect(actorKey('demo' as OwnerId, 'a/b@c' as SkuId, 'W1' as WarehouseId)).toBe(
      'demo/a/b@c@W1',
    );
  });

  it('read back as what was written, whatever the SKU has in it', () => {
    fc.assert(
      fc.property(plain, sku, plain, (owner, s, warehouse) => {
        const key = actorKey(owner as OwnerId, s, warehouse as WarehouseId);
        expect(parseActorKey(key)).toEqual({ owner, sku: s, warehouse });
      }),
    );
  });
});
