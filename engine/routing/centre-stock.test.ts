import { beforeEach, describe, expect, it } from 'vitest';
import type { OwnerId, SkuId } from '../../actors/ids.ts';
import { FakeClock } from '../../test/support/engine.ts';
import { CentreStocks } from './centre-stock.ts';

const OWNER = 'demo' as OwnerId;
const [MUG, TEA] = ['MUG', 'TEA'] as [SkuId, SkuId];

describe('what the centre said', () => {
  let clock: FakeClock;
  let asked: string[][];
  let isThere: boolean;
  let stocks: CentreStocks;

  beforeEach(() => {
    clock = new FakeClock();
    asked = [];
    isThere = true;
    stocks = new CentreStocks(async (_, skus) => {
      asked.push([...skus]);
      return isThere
        ? new Map(skus.map((sku) => [sku, new Map([['W1', asked.length]])]))
        : undefined;
    }, clock);
  });

  const units = (sku: SkuId): number | undefined => stocks.of(OWNER, sku)?.units.get('W1');

  it('is waited for once, and asked for again behind an answer when it is a second old', async () => {
    await stocks.refresh(OWNER, [MUG]);
    expect(units(MUG)).toBe(1);
    await stocks.refresh(OWNER, [MUG]);
    expect(asked).toEqual([['MUG']]);
    await clock.advance(1_001);
    await stocks.refresh(OWNER, [MUG, TEA]);
    expect(asked).toEqual([['MUG'], ['MUG', 'TEA']]);
    expect([units(MUG), units(TEA)]).toEqual([2, 2]);
  });

  it('is not waited for again at once by who found nobody there, and what is known stays known', async () => {
    await stocks.refresh(OWNER, [MUG]);
    isThere = false;
    await stocks.refresh(OWNER, [TEA]);
    await stocks.refresh(OWNER, [TEA]);
    expect(asked).toHaveLength(2);
    expect([units(MUG), units(TEA)]).toEqual([1, undefined]);
    isThere = true;
    await clock.advance(1_001);
    await stocks.refresh(OWNER, [TEA]);
    expect(units(TEA)).toBe(3);
  });
});
