import fc from 'fast-check';
import {
  type Figures,
  type OrderToRoute,
  type RoutingPolicy,
  type Site,
  type SiteFigures,
  TERMS,
  type TermName,
} from '../../actors/routing/types.ts';

/** All that a routing decision is made of. */
export interface Case {
  readonly order: OrderToRoute;
  readonly sites: readonly Site[];
  readonly policy: RoutingPolicy;
  readonly figures: Figures;
}

const DAY_MS = 86_400_000;
const NOON_MS = 20_000 * DAY_MS;
const AREAS = ['110', '114', 'north'];
const SKUS = ['a', 'b', 'c', 'd'];

const place = fc.record({
  lat: fc.integer({ min: 40, max: 46 }),
  lon: fc.integer({ min: 0, max: 8 }),
});

const siteOf = (name: string): fc.Arbitrary<Site> =>
  fc.record({
    name: fc.constant(name),
    country: fc.constantFrom('', 'TW', 'DE'),
    place: fc.option(place, { nil: undefined, freq: 8 }),
    capacityPerDay: fc.constantFrom(0, 2, 10),
    costPerOrder: fc.integer({ min: 0, max: 5 }),
    costPerKm: fc.constantFrom(0, 0.01),
    costPerUnit: fc.constantFrom(0, 0.5, 1),
    handlingDays: fc.integer({ min: 0, max: 2 }),
    serves: fc.option(fc.subarray(AREAS), { nil: undefined, freq: 4 }),
  });

const figuresOf: fc.Arbitrary<SiteFigures> = fc.record({
  ordersToday: fc.integer({ min: 0, max: 4 }),
  cutoffAtMs: fc.constantFrom(0, NOON_MS - DAY_MS / 4, NOON_MS + DAY_MS / 4),
  shelves: fc
    .tuple(
      ...SKUS.map((sku) =>
        fc
          .record({
            units: fc.integer({ min: 0, max: 4 }),
            ageDays: fc.integer({ min: 0, max: 60 }),
          })
          .map((shelf) => [sku, shelf] as const),
      ),
    )
    .map((shelves) => new Map(shelves)),
});

const weights = fc.record(
  Object.fromEntries(TERMS.map((name) => [name, fc.constantFrom(0, 1, 5)])) as Record<
    TermName,
    fc.Arbitrary<number>
  >,
);

const policy: fc.Arbitrary<RoutingPolicy> = fc.record({
  method: fc.constant('best' as const),
  weights,
  maxWarehouses: fc.integer({ min: 1, max: 4 }),
  splitLines: fc.boolean(),
  kmPerDay: fc.constantFrom(200, 1_000),
});

const order: fc.Arbitrary<OrderToRoute> = fc.record({
  lines: fc
    .subarray(SKUS, { minLength: 1 })
    .chain((skus) =>
      fc.tuple(
        ...skus.map((sku) =>
          fc.record({ sku: fc.constant(sku), qty: fc.integer({ min: 1, max: 5 }) }),
        ),
      ),
    ),
  to: fc.record({ place, area: fc.constantFrom('', ...AREAS), country: fc.constant('') }),
  atMs: fc.constant(NOON_MS),
  promiseByMs: fc.constantFrom(0, 0, 0, NOON_MS + 2 * DAY_MS, NOON_MS + 4 * DAY_MS),
});

/** A few warehouses, lines and units: little enough for every way to be tried. */
export const cases = (mostSites = 5): fc.Arbitrary<Case> =>
  fc.integer({ min: 0, max: mostSites }).chain((count) => {
    const names = Array.from({ length: count }, (_, i) => `W${i}`);
    return fc.record({
      order,
      policy,
      sites: fc.tuple(...names.map(siteOf)),
      figures: fc
        .tuple(...names.map(() => figuresOf))
        .map((all) => new Map(all.map((one, i) => [names[i] as string, one]))),
    });
  });
