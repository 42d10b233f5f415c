import * as fc from 'fast-check';

/** Few names for everything, so that rules meet, and one that every object has. */
export const NAMES = ['a', 'b', 'c', 'constructor'];

const name = fc.constantFrom(...NAMES);
const set = fc
  .uniqueArray(name)
  .map((names) => Object.fromEntries(names.map((one) => [one, true])));
const allOr = fc.oneof(fc.constant('*'), set);
const units = fc.integer({ min: 0, max: 200 });
const time = fc
  .integer({ min: 0, max: 24 })
  .map((hour) => new Date(hour * 3_600_000).toISOString());
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const window = fc.record({ from: time, until: time });
const scope = { skus: allOr, warehouses: allOr };
const countries = optional(fc.constantFrom({ DE: true }, { FR: true }, {}));
const ranked = { ...scope, countries, priority: optional(fc.integer({ min: -2, max: 2 })) };
const part = fc.record(
  {
    percent: fc.integer({ min: 1, max: 1_000_000 }).map((steps) => steps / 10_000),
    units,
    least: units,
    order: fc.integer({ min: 0, max: 3 }),
  },
  { requiredKeys: [] },
);
const areas = optional(fc.constantFrom({ DE: true }, { 'DE-BE': true }, { FR: true }));
const wild = fc.constantFrom(undefined, null, 7, 'x', [], {}, { colour: 'red' });

const tidied = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<unknown> =>
  value.map((one) => JSON.parse(JSON.stringify(one) ?? 'null') as unknown);
const mapOf = <Value>(entry: fc.Arbitrary<Value>) =>
  tidied(fc.dictionary(name, fc.oneof({ weight: 12, arbitrary: entry }, wild), { maxKeys: 4 }));

/** One entry for each map of the document, with the mistakes that merges make. */
export const ENTRY = {
  channels: tidied(fc.record({ name: fc.constant('X'), areas })),
  allocations: tidied(
    fc.record({
      ...ranked,
      kind: fc.constantFrom('stock', 'presale', 'oversell'),
      parts: fc.dictionary(name, part, { maxKeys: 4 }),
      by: optional(fc.constant('performance')),
      window: optional(window),
    }),
  ),
  promotions: tidied(fc.record({ ...ranked, channels: allOr, units, window })),
  presale: tidied(
    fc.record({ ...ranked, units, channels: optional(set), window: optional(window) }),
  ),
  oversell: tidied(
    fc.record({ ...ranked, units, channels: optional(set), window: optional(window) }),
  ),
  safety: tidied(fc.record({ ...ranked, units })),
  buffers: tidied(fc.record({ ...ranked, units })),
  warehouses: tidied(
    fc.record({
      ...{ name: fc.constant('W'), country: fc.constantFrom('DE', 'FR') },
      ...{ lat: fc.constant(1), lon: fc.constant(2), cutoff: fc.constant('16:00') },
      ...{ timeZone: fc.constant('UTC'), handlingDays: fc.constant(1), serves: areas },
    }),
  ),
} as const;

/** Documents as merges may leave them: mostly as they should be each for itself, seldom all together. */
export const anyDocument: fc.Arbitrary<unknown> = fc.record(
  Object.fromEntries(Object.entries(ENTRY).map(([section, entry]) => [section, mapOf(entry)])),
  { requiredKeys: [] },
);
