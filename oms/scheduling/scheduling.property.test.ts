import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { actorKey, type OwnerId, type SkuId, type WarehouseId } from '../../actors/ids.ts';
import type { HomeName } from '../../actors/rights/acts.ts';
import type { Shares } from '../../engine/scheduling/messages.ts';
import { SCHEDULING } from './policy.ts';
import { isOff, overallShares, sharesOf } from './shares.ts';
import { Tallies } from './tallies.ts';
import { type Due, ToldHomes, type UsualNow } from './told.ts';

const SELLERS = ['', 'hub', 'eu', 'us'];
const HOMES: readonly HomeName[] = ['eu.0', 'eu.1'];
const DAY_MS = 24 * 3_600_000;
const homeOf = (actor: number): HomeName => HOMES[actor % HOMES.length] as HomeName;
const keyOf = (actor: number) =>
  actorKey('demo' as OwnerId, `SKU-${actor}` as SkuId, 'W1' as WarehouseId);

/** Units that a SKU sells at each seller between two rounds. */
const rates = fc.array(fc.integer({ min: 0, max: 30 }), {
  minLength: SELLERS.length,
  maxLength: SELLERS.length,
});
const skus = fc.array(rates, { minLength: 1, maxLength: 6 });

const unitsOf = (units: readonly number[]): Map<string, number> =>
  new Map(SELLERS.map((seller, i) => [seller, units[i] as number]));
const sumOf = (shares: Shares): number =>
  Object.values(shares).reduce((sum, share) => sum + share, 0);

/** The scheduler's round without its links: every home confirms. Returns how many SKUs were told. */
class Rounds {
  readonly tallies = new Tallies();
  readonly told = new ToldHomes();
  readonly known = new Map<string, Shares>();

  run(nowMs: number, most?: number): number {
    let count = 0;
    for (const [home, { tell }] of this.due(nowMs, most)) {
      this.told.confirmed(home, tell, this.told.lossesOf(home));
      for (const { sku, shares } of tell) {
        count++;
        if (shares === null) this.known.delete(sku);
        else this.known.set(sku, shares);
      }
    }
    return count;
  }

  due(nowMs: number, most?: number): ReadonlyMap<HomeName, Due> {
    const round = this.told.round(most);
    for (const one of this.now(nowMs)) round.look(one);
    return round.due();
  }

  now(nowMs: number): UsualNow[] {
    const sold = [...this.tallies.soldBy(nowMs)];
    const sums = new Map<string, number>();
    for (const { units } of sold) {
      for (const [seller, its] of units) sums.set(seller, (sums.get(seller) ?? 0) + its);
    }
    const overall = overallShares(sums, SELLERS);
    return sold.map(({ actor, units, lastMs }) => ({
      ...{ home: homeOf(actor), sku: keyOf(actor), lastMs, shares: sharesOf(units, overall) },
    }));
  }

  sell(demand: readonly (readonly number[])[], nowMs: number): void {
    for (const [actor, units] of demand.entries()) {
      for (const [seller, its] of unitsOf(units)) {
        if (its > 0) this.tallies.add(actor, seller, its, nowMs);
      }
    }
  }
}

describe('usual shares', () => {
  test('sum to 1 with home’s own, and are never negative', () => {
    fc.assert(
      fc.property(rates, rates, (own, all) => {
        const overall = overallShares(unitsOf(all), SELLERS);
        const shares = sharesOf(unitsOf(own), overall);
        for (const one of [overall, shares]) {
          expect(sumOf(one)).toBeCloseTo(1, 9);
          expect(Object.keys(one)).toEqual(SELLERS);
          expect(Math.min(...Object.values(one))).toBeGreaterThan(0);
        }
      }),
    );
  });

  test('of a SKU that sold little are near its owner’s, and of one that sold much are its own', () => {
    const overall = { '': 0, hub: 0.2, eu: 0.8 };
    expect(sharesOf(new Map([['hub', 1]]), overall).hub).toBeLessThan(0.25);
    expect(sharesOf(new Map([['hub', 1_000]]), overall).hub).toBeGreaterThan(0.98);
    expect(sharesOf(new Map(), overall)).toEqual(overall);
  });

  test('are told once and no more while demand is as it was', () => {
    fc.assert(
      fc.property(skus, (demand) => {
        const rounds = new Rounds();
        const warmDays = SCHEDULING.windowMs / DAY_MS;
        for (let day = 0; day < warmDays; day++) rounds.sell(demand, day * DAY_MS);
        const sold = demand.filter((units) => units.some((its) => its > 0)).length;
        expect(rounds.run(warmDays * DAY_MS)).toBe(sold);
        for (let day = warmDays; day < 2 * warmDays; day++) {
          rounds.sell(demand, day * DAY_MS);
          expect(rounds.run(day * DAY_MS + 1)).toBe(0);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('from the first sale on are told less often than they could change, whoever sells when', () => {
    fc.assert(
      fc.property(skus, fc.integer({ min: 1, max: 24 }), (demand, hours) => {
        const rounds = new Rounds();
        let told = 0;
        for (let round = 0; round < 100; round++) {
          const nowMs = round * hours * 3_600_000;
          rounds.sell(demand, nowMs);
          told += rounds.run(nowMs);
        }
        // Each time some share has moved by a twentieth.
        expect(told).toBeLessThanOrEqual(demand.length / SCHEDULING.leastChange);
        for (const { sku, shares } of rounds.now(100 * hours * 3_600_000)) {
          expect(isOff(shares, rounds.known.get(sku) ?? {})).toBe(false);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('do not follow points that take turns, day and night', () => {
    const rounds = new Rounds();
    const half = DAY_MS / 2;
    for (let i = 0; i < 56; i++)
      rounds.sell([i % 2 === 0 ? [0, 50, 0, 0] : [0, 0, 50, 0]], i * half);
    expect(rounds.run(56 * half)).toBe(1);
    for (let i = 56; i < 112; i++) {
      rounds.sell([i % 2 === 0 ? [0, 50, 0, 0] : [0, 0, 50, 0]], i * half);
      expect(rounds.run(i * half + 1)).toBe(0);
    }
  });
});

describe('a round', () => {
  const demand = Array.from({ length: 10 }, () => [0, 5, 0, 0]);

  test('tells each home so many SKUs at most, the newest demand first, and the rest in the next rounds', () => {
    const rounds = new Rounds();
    for (const [actor] of demand.entries()) rounds.tallies.add(actor, 'eu', 5, actor * 1_000);
    expect([...rounds.due(20_000, 2).values()].map(({ isMore }) => isMore)).toEqual([true, true]);
    expect(rounds.run(20_000, 2)).toBe(4);
    expect([...rounds.known.keys()].sort()).toEqual([6, 7, 8, 9].map(keyOf));
    expect([rounds.run(20_000, 2), rounds.run(20_000, 2), rounds.run(20_000, 2)]).toEqual([
      4, 2, 0,
    ]);
  });

  test('tells the same however many there are, and in whatever order they are looked at', () => {
    const many = new Rounds();
    for (let actor = 0; actor < 100; actor++) many.tallies.add(actor * 2, 'eu', 5, actor % 7);
    const round = many.told.round(3);
    for (const one of many.now(20).reverse()) round.look(one);
    expect(round.due()).toEqual(many.due(20, 3));
    expect(round.due().get('eu.0')?.tell).toHaveLength(3);
  });

  test('tells one home as much while another one is cut off', () => {
    const rounds = new Rounds();
    rounds.sell(demand, 0);
    for (const _ of [1, 2, 3]) {
      const tell = rounds.due(0, 2).get('eu.1')?.tell ?? [];
      rounds.told.confirmed('eu.1', tell, 0);
    }
    expect([...rounds.due(0, 2).keys()]).toEqual(['eu.0']);
  });

  test('forgets as many at a time, and says that there are more', () => {
    const rounds = new Rounds();
    rounds.sell(demand, 0);
    rounds.run(0);
    const late = SCHEDULING.windowMs + 1;
    expect([...rounds.due(late, 3).values()].map(({ isMore }) => isMore)).toEqual([true, true]);
    expect([rounds.run(late, 3), rounds.run(late, 3), rounds.run(late, 3)]).toEqual([6, 4, 0]);
  });

  test('tells a home again what it has lost, and what it did not confirm', () => {
    const rounds = new Rounds();
    rounds.sell(demand, 0);
    expect(rounds.run(0)).toBe(10);
    rounds.told.lost('eu.0');
    expect(rounds.run(0)).toBe(5);
    const losses = rounds.told.lossesOf('eu.1');
    rounds.told.lost('eu.1');
    const due = rounds.due(0).get('eu.1');
    rounds.told.confirmed('eu.1', due?.tell ?? [], losses); // an answer from before it lost them
    expect(rounds.run(0)).toBe(5);
  });

  test('has homes forget what was not sold for weeks', () => {
    const rounds = new Rounds();
    rounds.sell(demand.slice(0, 1), 0);
    expect(rounds.run(0)).toBe(1);
    expect(rounds.run(SCHEDULING.windowMs + 1)).toBe(1);
    expect(rounds.known.size).toBe(0);
    expect(rounds.run(SCHEDULING.windowMs + 1)).toBe(0);
  });

  test('counts the same whatever the order in which sales are read', () => {
    const sales: readonly [number, number][] = [
      [3, 0],
      [5, 9 * DAY_MS],
      [2, 4 * DAY_MS],
    ];
    const unitsIn = (order: readonly (readonly [number, number])[]): number => {
      const tallies = new Tallies();
      for (const [units, atMs] of order) tallies.add(1, 'eu', units, atMs);
      return [...tallies.soldBy(10 * DAY_MS)][0]?.units.get('eu') ?? 0;
    };
    expect(unitsIn([...sales].reverse())).toBeCloseTo(unitsIn(sales), 9);
    expect(unitsIn(sales)).toBeLessThan(10);
  });
});
