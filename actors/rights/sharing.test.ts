import { describe, expect, it } from 'vitest';
import {
  type Cuts,
  randomCuts,
  randomOrders,
  sellAll,
  type Told,
} from '../../test/rights/demand.ts';
import {
  asked,
  fill,
  flashRecall,
  flashSplit,
  forwardTo,
  isIdle,
  isOff,
  type Level,
  levelsOf,
  movesOf,
  NO_DEMAND,
  ratePerHour,
  type Seller,
  SHARING,
} from './sharing.ts';

const HOUR = 3_600_000;
const seller = (name: string, have: number, perHour = 0, usualShare = 0): Seller => ({
  ...{ name, have, usualShare },
  demand: { units: (perHour * SHARING.halfLifeMs) / HOUR / Math.LN2, atMs: 0 },
});

describe('demand', () => {
  it('halves in an hour, and a refusal counts like a sale', () => {
    const once = asked(NO_DEMAND, 8, HOUR);
    expect(ratePerHour(once, HOUR) / ratePerHour(once, 2 * HOUR)).toBeCloseTo(2);
    expect(asked(once, 1, 2 * HOUR).units).toBeCloseTo(5);
  });

  it('comes to the true rate of a steady stream', () => {
    let demand = NO_DEMAND;
    for (let at = 0; at < 10 * HOUR; at += HOUR / 30) demand = asked(demand, 1, at);
    expect(ratePerHour(demand, 10 * HOUR)).toBeGreaterThan(28);
    expect(ratePerHour(demand, 10 * HOUR)).toBeLessThan(31);
  });

  it('does not go up when the clock goes back', () => {
    expect(ratePerHour(asked(NO_DEMAND, 4, HOUR), 0)).toBe(
      ratePerHour(asked(NO_DEMAND, 4, HOUR), HOUR),
    );
  });

  it('is idle after days without anybody asking', () => {
    const demand = asked(NO_DEMAND, 1, HOUR);
    expect(isIdle(demand, HOUR + SHARING.idleMs - 1)).toBe(false);
    expect(isIdle(demand, HOUR + SHARING.idleMs)).toBe(true);
  });
});

describe('levels', () => {
  it('are what two hours need, and two deviations more, where there is plenty', () => {
    const [us] = levelsOf(seller('eu', 10_000), [seller('us', 0, 50)], 0);
    expect(us).toMatchObject({ want: 100 + 20, why: 'cover', ratePerHour: 50 });
  });

  it('are a part of all there is where goods are few', () => {
    const [us] = levelsOf(seller('eu', 31, 30), [seller('us', 10, 10)], 0);
    expect(us).toMatchObject({ want: 10, why: 'share' });
    expect(us?.share).toBeCloseTo(0.25);
  });

  it('go by the usual shares where nobody asked yet', () => {
    const points = [seller('us', 0, 0, 0.3), seller('ap', 0, 0, 0.1)];
    const levels = levelsOf(seller('eu', 10, 0, 0.6), points, 0);
    expect(levels.map(({ want }) => want)).toEqual([3, 1]);
  });

  it('never add up to more than there is', () => {
    const points = [seller('us', 7, 900, 0.3), seller('ap', 2, 1, 0.4), seller('hub', 0, 55)];
    const sum = levelsOf(seller('eu', 4, 3), points, 0).reduce((all, { want }) => all + want, 0);
    expect(sum).toBeLessThanOrEqual(13);
  });
});

describe('moves', () => {
  const level = (have: number, want: number): Level => ({
    ...{ name: 'us', have, want, why: 'cover', share: 1, ratePerHour: 0 },
  });

  it.each([
    [100, 124, false],
    [100, 134, true],
    [100, 76, false],
    [100, 75, true],
    [0, 1, false],
    [0, 2, true],
    [2, 0, true],
    [1, 0, false],
  ])('of %i units to %i: %s', (have, want, is) => {
    expect(isOff(level(have, want))).toBe(is);
  });

  it('never grant more than home has free', () => {
    const levels = [level(0, 10), { ...level(0, 9), name: 'ap' }, { ...level(5, 0), name: 'hub' }];
    expect(movesOf(levels, 12)).toEqual([
      { name: 'us', qty: 10 },
      { name: 'ap', qty: 2 },
      { name: 'hub', qty: -5 },
    ]);
  });
});

describe('an order that waits', () => {
  it('gets what home has, then what the richest have, and no more than it lacks', () => {
    const others = [seller('ap', 2), seller('us', 9), seller('hub', 5)];
    expect(fill(3, 4, others)).toEqual({ fromHome: 3, recalls: [] });
    expect(fill(16, 4, others)).toEqual({
      fromHome: 4,
      recalls: [
        { name: 'us', qty: -9 },
        { name: 'hub', qty: -3 },
      ],
    });
  });

  it('gets nothing where all together have too little', () => {
    expect(fill(5, 1, [seller('us', 3)])).toBeUndefined();
  });

  it('goes whole to one that can fill it alone', () => {
    expect(forwardTo(4, [seller('us', 3), seller('ap', 5), seller('hub', 5)])?.name).toBe('ap');
    expect(forwardTo(6, [seller('us', 3), seller('ap', 5)])).toBeUndefined();
  });
});

describe('a flash sale', () => {
  it('begins with a tenth at home and the rest by weight', () => {
    const split = flashSplit(
      20_000,
      new Map([
        ['eu2', 1],
        ['us', 2],
        ['ap', 0],
      ]),
    );
    expect(split).toEqual([
      { name: 'eu2', qty: 6_000 },
      { name: 'us', qty: 12_000 },
    ]);
  });

  it('takes back half of the richest, down to the last unit', () => {
    let have = 5;
    const seen: number[] = [];
    for (;;) {
      const move = flashRecall([seller('us', have), seller('ap', 0)]);
      if (move === undefined) break;
      seen.push(move.qty);
      have += move.qty;
    }
    expect(seen).toEqual([-3, -1, -1]);
  });
});

describe('four weeks at four places', () => {
  const DAYS = 28;
  const whole: Cuts = randomCuts(DAYS, 0, 1);
  /** As many a day as 1,000 in twelve weeks. */
  const torn = randomCuts(DAYS, 111, 1);
  const skus = (count: number, perDay: number) =>
    Array.from({ length: count }, (_, i) => randomOrders(DAYS, perDay, 100 * perDay + i));
  const lost = (told: Told): number => 1 - told.sold / told.ideal;
  const lockLost = (told: Told): number => 1 - told.lock / told.ideal;

  it.each([
    ['fast', 2, 2_000, 0.98],
    ['middling', 25, 60, 0.98],
    ['slow', 250, 2, 0.7],
  ])('with links up, %s SKUs lose nothing', (_, count, perDay, local) => {
    const told = sellAll(skus(count, perDay), whole, DAYS, 1.05);
    expect(told.missed).toBe(0);
    expect(lost(told)).toBeLessThan(0.001);
    expect(told.local / told.sold).toBeGreaterThan(local);
    expect(told.moves / told.orders).toBeLessThan(0.6);
  });

  it.each([
    ['fast', 2, 2_000, 1 / 20],
    ['middling', 25, 60, 1 / 20],
    ['slow', 250, 2, 1 / 3],
  ])(
    'with links cut, %s SKUs lose far less than one lock at home does',
    (_, count, perDay, part) => {
      const told = sellAll(skus(count, perDay), torn, DAYS, 1.05);
      expect(lockLost(told)).toBeGreaterThan(0.02);
      expect(lost(told) / lockLost(told)).toBeLessThan(part);
    },
  );
});
