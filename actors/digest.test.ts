import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StockDigest } from './digest.ts';
import { type ActorKey, actorKey, type OwnerId, type SkuId, type WarehouseId } from './ids.ts';
import { type Balances, noBalances, widen } from './stock/balances.ts';

type Entry = readonly [key: ActorKey, seq: number, b: Balances];

const key = (sku: string): ActorKey =>
  actorKey('demo' as OwnerId, sku as SkuId, 'W1' as WarehouseId);

function digest(entries: readonly Entry[]): string {
  const d = new StockDigest();
  for (const [k, seq, b] of entries) d.add(k, seq, b);
  return d.toString();
}

const balances = fc.array(fc.nat(1000), { minLength: 7, maxLength: 7 });
const entries = fc.uniqueArray(fc.tuple(fc.string().map(key), fc.nat(), balances), {
  selector: ([k]) => k,
  minLength: 1,
});

describe('the digest of stock', () => {
  it('R2 is the number of actors and 16 hex digits', () => {
    expect(digest([])).toBe('0:0000000000000000');
    expect(digest([[key('mug'), 1, [10, 0, 0, 0, 0, 0, 0]]])).toMatch(/^1:[0-9a-f]{16}$/);
  });

  it('R2 stays what it is from version to version', () => {
    const mug: Entry = [key('mug'), 3, [10, 0, 0, 0, 4, 0, 0]];
    const tea: Entry = [key('茶'), 1, [2 ** 53 - 1, 0, 0, 0, 0, 0, 0]];
    expect(digest([mug, tea])).toBe('2:b2f8198601eac710');
  });

  it('R2 does not depend on the order of the actors', () => {
    const shuffled = entries.chain((e) =>
      fc.tuple(fc.constant(e), fc.shuffledSubarray(e, { minLength: e.length })),
    );
    fc.assert(
      fc.property(shuffled, ([a, b]) => {
        expect(digest(b)).toBe(digest(a));
      }),
    );
  });

  it('R2 does not depend on room made for qualities that were never used', () => {
    fc.assert(
      fc.property(balances, (b) => {
        const wide = b.slice();
        widen(wide);
        expect(digest([[key('mug'), 1, wide]])).toBe(digest([[key('mug'), 1, b]]));
      }),
    );
  });

  it('R2 shows one unit, one event, one name or one actor that differs', () => {
    fc.assert(
      fc.property(entries, fc.nat(), fc.nat(6), (e, pick, field) => {
        const at = pick % e.length;
        const [k, seq, b] = e[at] as Entry;
        const other = b.with(field, (b[field] as number) + 1);
        const changed = [
          [k, seq, other],
          [k, seq + 1, b],
          [key(`${k}x`), seq, b],
        ] as const;
        const same = digest(e);
        for (const c of changed) expect(digest(e.with(at, [c[0], c[1], [...c[2]]]))).not.toBe(same);
        expect(digest(e.toSpliced(at, 1))).not.toBe(same);
      }),
    );
  });

  it('R2 does not let balances that swap their actors pass', () => {
    const [few, many] = [noBalances().with(0, 1), noBalances().with(0, 2)];
    const is = digest([
      [key('mug'), 1, few],
      [key('cup'), 1, many],
    ]);
    expect(
      digest([
        [key('mug'), 1, many],
        [key('cup'), 1, few],
      ]),
    ).not.toBe(is);
  });

  it('R2 has no two actors alike among 50,000', () => {
    const seen = new Set<string>();
    for (let i = 0; i < 50_000; i++)
      seen.add(digest([[key(`sku-${i >> 2}`), i & 3, noBalances()]]));
    expect(seen.size).toBe(50_000);
  });
});
