import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Case, cases } from '../../test/routing/arbitrary.ts';
import { allWays, withNobodyIdle } from '../../test/routing/brute-force.ts';
import type { Refused } from '../outcomes.ts';
import { kmBetween } from './place.ts';
import { route } from './route.ts';
import { DEFAULT_POLICY, type Figures, type Routed, type Site } from './types.ts';

const RUNS = 1_500;
const DAY_MS = 86_400_000;
const NOW_MS = 20_000 * DAY_MS;
const routed = ({ order, sites, policy, figures }: Case): Routed | Refused =>
  route(order, sites, policy, figures);
const check = (property: (one: Case) => void, seed: number, numRuns = RUNS): void =>
  fc.assert(fc.property(cases(), property), { numRuns, seed });

describe('a routed order', () => {
  it('has the least score of all ways there are, and is refused where there is none', () => {
    const seen = { next: 0, refused: 0, divided: 0, several: 0 };
    check((one) => {
      const ways = allWays(one.order, one.sites, one.policy, one.figures);
      const answer = routed(one);
      if (!answer.ok) {
        expect(ways).toEqual([]);
        expect(answer.code).toBe('insufficient');
        seen.refused++;
        return;
      }
      const least = Math.min(...ways.map(({ score }) => score));
      expect(answer.best.score).toBeCloseTo(least, 9);
      expect(answer.isExact).toBe(true);
      const names = answer.best.parcels.map(({ warehouse }) => warehouse).join('\n');
      const others = ways.filter((way) => way.names !== names).map(({ score }) => score);
      const next = answer.next?.score ?? Number.POSITIVE_INFINITY;
      expect(next).toBeGreaterThanOrEqual(Math.min(...others) - 1e-9);
      expect(next).toBeLessThanOrEqual(Math.min(...withNobodyIdle(ways, names)) + 1e-9);
      if (answer.next !== undefined) seen.next++;
      const all = answer.best.parcels.flatMap(({ lines }) => lines);
      if (all.length > one.order.lines.length) seen.divided++;
      if (answer.best.parcels.length > 1) seen.several++;
    }, 7);
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(20);
  });

  it('gets each line whole, from who has that much, in no more parcels than allowed', () => {
    check((one) => {
      const answer = routed(one);
      if (!answer.ok) return;
      for (const { parcels, promiseAtMs } of [answer.best, ...(answer.next ? [answer.next] : [])]) {
        expect(parcels.length).toBeLessThanOrEqual(one.policy.maxWarehouses);
        const sent = one.order.lines.map(() => 0);
        for (const { warehouse, lines } of parcels) {
          expect(lines.length).toBeGreaterThan(0);
          for (const { line, sku, qty } of lines) {
            expect(qty).toBeGreaterThan(0);
            const has = one.figures.get(warehouse)?.shelves.get(sku)?.units ?? 0;
            expect(qty).toBeLessThanOrEqual(has);
            sent[line] = (sent[line] as number) + qty;
          }
        }
        expect(sent).toEqual(one.order.lines.map(({ qty }) => qty));
        if (one.order.promiseByMs > 0)
          expect(promiseAtMs).toBeLessThanOrEqual(one.order.promiseByMs);
      }
    }, 8);
  });

  it('is the same whatever order warehouses and figures are told in', () => {
    check((one) => {
      const turned = {
        ...{ ...one, sites: [...one.sites].reverse() },
        figures: new Map([...one.figures].reverse()),
      };
      expect(routed(turned)).toEqual(routed(one));
    }, 9);
  });

  it('is never worse with more parcels allowed, or with more of what is there', () => {
    check((one) => {
      const before = routed(one);
      const policy = { ...one.policy, maxWarehouses: one.policy.maxWarehouses + 1 };
      notWorse(before, routed({ ...one, policy }));
      if (one.policy.splitLines) return; // a line that is whole now may no longer be split
      const aged = new Map([...one.figures].map(([name, its]) => [name, withUnits(its, 0)]));
      const more = new Map([...one.figures].map(([name, its]) => [name, withUnits(its, 1)]));
      notWorse(routed({ ...one, figures: aged }), routed({ ...one, figures: more }));
    }, 10);
  });

  it('travels no farther when distance weighs more, and is split no more when parcels do', () => {
    check((one) => {
      for (const name of ['distance', 'split', 'cost', 'capacity', 'promise'] as const) {
        const weights = { ...one.policy.weights, [name]: one.policy.weights[name] + 3 };
        const [before, after] = [
          routed(one),
          routed({ ...one, policy: { ...one.policy, weights } }),
        ];
        if (!before.ok || !after.ok) return;
        expect(after.best.terms[name].raw).toBeLessThanOrEqual(before.best.terms[name].raw + 1e-9);
      }
    }, 11);
  });

  it('by line comes from the nearest, or the fullest, of those that have it', () => {
    check((one) => {
      for (const method of ['nearest', 'fullest'] as const) {
        const policy = { ...one.policy, method, splitLines: false, maxWarehouses: 9 };
        const answer = routed({ ...one, policy });
        const best = routed({ ...one, policy: { ...policy, method: 'best' } });
        expect(answer.ok).toBe(best.ok);
        if (!answer.ok || !best.ok) return;
        expect(answer.best.score).toBeGreaterThanOrEqual(best.best.score - 1e-9);
      }
    }, 12);
  });
});

function notWorse(before: Routed | Refused, after: Routed | Refused): void {
  if (!before.ok) return;
  expect(after.ok).toBe(true);
  if (after.ok) expect(after.best.score).toBeLessThanOrEqual(before.best.score + 1e-9);
}

/** All of the same age, and so many more where there are any. */
function withUnits(
  its: Case['figures'] extends ReadonlyMap<string, infer S> ? S : never,
  more: number,
) {
  const shelves = [...its.shelves].map(
    ([sku, { units }]) => [sku, { units: units > 0 ? units + more : 0, ageDays: 0 }] as const,
  );
  return { ...its, shelves: new Map(shelves) };
}

const PARIS = { lat: 48.8566, lon: 2.3522 };
const site = (name: string, more: Partial<Site> = {}): Site => ({
  ...{ name, country: 'FR', place: undefined, capacityPerDay: 0, costPerOrder: 0, costPerKm: 0 },
  ...{ costPerUnit: 0, handlingDays: 1, serves: undefined, ...more },
});
const figures = (of: Readonly<Record<string, Readonly<Record<string, number>>>>): Figures =>
  new Map(
    Object.entries(of).map(([name, shelves]) => [
      name,
      {
        ...{ ordersToday: 0, cutoffAtMs: 0 },
        shelves: new Map(
          Object.entries(shelves).map(([sku, units]) => [sku, { units, ageDays: 0 }]),
        ),
      },
    ]),
  );
const order = (lines: Readonly<Record<string, number>>, promiseByMs = 0) => ({
  lines: Object.entries(lines).map(([sku, qty]) => ({ sku, qty })),
  to: { place: PARIS, area: '75', country: 'FR' },
  ...{ atMs: NOW_MS, promiseByMs },
});
const LYON = site('lyon', { place: { lat: 45.764, lon: 4.8357 } });
const LILLE = site('lille', { place: { lat: 50.6292, lon: 3.0573 } });

describe('in words', () => {
  it('Paris is 391 km from Lyon, and 0 from itself', () => {
    expect(Math.round(kmBetween(PARIS, { lat: 45.764, lon: 4.8357 }))).toBe(391);
    expect(kmBetween(PARIS, PARIS)).toBe(0);
  });

  it('one parcel from afar beats two from near by, until distance weighs enough', () => {
    const stock = figures({ lyon: { mug: 5, tea: 5 }, lille: { mug: 5 } });
    const both = order({ mug: 1, tea: 1 });
    const answer = route(both, [LYON, LILLE], DEFAULT_POLICY, stock) as Routed;
    expect(answer.best.parcels.map(({ warehouse }) => warehouse)).toEqual(['lyon']);
    expect(answer.next?.parcels.map(({ warehouse }) => warehouse)).toEqual(['lille', 'lyon']);
    const cheap = {
      ...DEFAULT_POLICY,
      weights: { ...DEFAULT_POLICY.weights, split: 0, distance: 9, promise: 0 },
    };
    expect((route(both, [LYON, LILLE], cheap, stock) as Routed).best.parcels.length).toBe(1);
    const nearer = route(order({ mug: 1 }), [LYON, LILLE], DEFAULT_POLICY, stock) as Routed;
    expect(nearer.best.parcels[0]).toMatchObject({
      warehouse: 'lille',
      lines: [{ line: 0, qty: 1 }],
    });
    expect(nearer.next?.parcels[0]?.warehouse).toBe('lyon');
    expect(nearer.best.terms.distance.raw).toBeLessThan(nearer.next?.terms.distance.raw as number);
  });

  it('without places it goes by name, and says so', () => {
    const answer = route(
      order({ mug: 1 }),
      [site('b'), site('a')],
      DEFAULT_POLICY,
      figures({ a: { mug: 1 }, b: { mug: 9 } }),
    );
    expect(answer).toMatchObject({
      isLocated: false,
      best: { parcels: [{ warehouse: 'a', km: -1 }] },
    });
  });

  it('an order after the cutoff, or behind a full day, leaves a day later', () => {
    const its = (ordersToday: number, cutoffAtMs: number) =>
      new Map([
        ['a', { ordersToday, cutoffAtMs, shelves: new Map([['mug', { units: 1, ageDays: 0 }]]) }],
      ]);
    const at = (of: Figures): number =>
      (route(order({ mug: 1 }), [site('a', { capacityPerDay: 2 })], DEFAULT_POLICY, of) as Routed)
        .best.promiseAtMs - NOW_MS;
    expect(at(its(0, NOW_MS + 1))).toBe(DAY_MS + 1);
    expect(at(its(0, NOW_MS))).toBe(2 * DAY_MS);
    expect(at(its(2, NOW_MS + 1))).toBe(2 * DAY_MS + 1);
  });

  it.each<[string, Record<string, number>, readonly Site[], number, object, string]>([
    ['nobody', { mug: 1 }, [], 0, { available: 0, line: -1 }, 'no warehouse is known'],
    ['nobody with any', { gold: 1 }, [LYON], 0, { available: 0 }, 'known to have any'],
    [
      'too little',
      { mug: 1, tea: 9 },
      [LYON],
      0,
      { available: 5, line: 1, asked: 9 },
      '5 in lyon, 391 km',
    ],
    [
      'too late',
      { mug: 1 },
      [LYON],
      NOW_MS + DAY_MS,
      { available: 0 },
      'not in time: most is 5 in lyon',
    ],
    [
      'not there',
      { mug: 1 },
      [{ ...LYON, serves: ['69'] }],
      0,
      { available: 0 },
      'does not send to 75',
    ],
  ])('refused for %s', (_, lines, sites, byMs, shape, why) => {
    const stock = figures({ lyon: { mug: 5, tea: 5 } });
    const answer = route(order(lines, byMs), sites, DEFAULT_POLICY, stock) as Refused;
    expect(answer).toMatchObject({ ok: false, code: 'insufficient', ...shape });
    expect(answer.detail).toContain(why);
  });

  it('refused where it would take too many parcels', () => {
    const stock = figures({ lyon: { mug: 5 }, lille: { tea: 5 } });
    const policy = { ...DEFAULT_POLICY, maxWarehouses: 1 };
    const answer = route(order({ mug: 1, tea: 1 }), [LYON, LILLE], policy, stock) as Refused;
    expect(answer).toMatchObject({
      code: 'insufficient',
      detail: expect.stringContaining('no 1 '),
    });
  });
});
