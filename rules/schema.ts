import { z } from 'zod';
import { isSkuId, isWarehouseId } from '../actors/ids.ts';
import { KINDS } from '../actors/rights/pools.ts';

/** Most names in one set. */
const MAX_NAMES = 10_000;
/** Percents have at most so many decimals. */
const PERCENT_STEPS = 10_000;

const SAYS = {
  name: 'has to be 1–32 of A–Z a–z 0–9 _ -, beginning with a letter or digit',
  sku: 'has to be a SKU: 1–64 printable characters',
  true: 'has to be true: a set is written {"NAME": true}',
  units: 'has to be a whole number of base units from 0 to 1000000000',
  percent: 'has to be more than 0 and at most 100, with four decimals at most',
  zone: 'has to be a time zone as the IANA names them, such as Europe/Berlin',
  channel:
    'is kept for pools of its own: no channel is called shared, or begins with promo- or for-',
};

/** Names of entries, and of warehouses. */
export const Id = z.string().refine((v) => isWarehouseId(v), SAYS.name);
/** Pools are named after channels; some names are taken. */
export const ChannelName = Id.refine((id) => !/^(?:shared$|promo-|for-)/.test(id), SAYS.channel);
const Sku = z.string().refine((v) => isSkuId(v) && v !== '__proto__', SAYS.sku);
/** Letters of a country (ISO 3166-1), or of a part of one: `DE`, `TW-A`. */
export const Area = z
  .string()
  .regex(/^[A-Z]{2}(?:-[A-Za-z0-9]{1,12}){0,3}$/, 'has to be an area such as DE or TW-A');
const Country = z.string().regex(/^[A-Z]{2}$/, 'has to be a country such as DE (ISO 3166-1)');

/** Sets are maps, so that what two people add at once is all there. */
const setOf = (name: z.ZodType<string>) =>
  z
    .record(name as z.ZodType<string> & z.core.$ZodRecordKey, z.literal(true, SAYS.true))
    .refine((set) => Object.keys(set).length <= MAX_NAMES, `has more than ${MAX_NAMES} names`);
const allOr = (name: z.ZodType<string>) =>
  z.union([z.literal('*'), setOf(name)], 'has to be "*", or a set such as {"NAME": true}');

const Units = z.int(SAYS.units).min(0, SAYS.units).max(1e9, SAYS.units);
const Percent = z
  .number(SAYS.percent)
  .positive(SAYS.percent)
  .max(100, SAYS.percent)
  .refine((p) => Math.abs(p * PERCENT_STEPS - Math.round(p * PERCENT_STEPS)) < 1e-6, SAYS.percent);
const Moment = z.iso.datetime({
  offset: true,
  error: 'has to be a moment such as 2026-11-27T10:00:00Z',
});
const Text = z.string().min(1).max(200);
const Money = z.number().min(0).max(1e9);
const Lat = z.number().min(-90).max(90);
const Lon = z.number().min(-180).max(180);

/** From a moment until before another. */
export const Window = z.strictObject({ from: Moment, until: Moment });

/** Which goods a rule is about, and where they lie. Of these, all have to fit. */
const scope = {
  skus: allOr(Sku),
  warehouses: allOr(Id),
  /** Of the warehouses above, those in these countries. */
  countries: setOf(Country).optional(),
};

/** Among the rules that fit the same goods equally well, the highest counts. */
const Priority = z.int().min(-1_000).max(1_000).optional();

export const Channel = z.strictObject({
  name: Text,
  /** Where it sells; where left out, everywhere. */
  areas: setOf(Area).optional(),
});

/**
 * What a channel has of the goods, one of: `percent` of them; at most so many `units`, nobody else's;
 * at `least` so many of its own, and then the shared ones.
 */
export const Part = z.strictObject({
  percent: Percent.optional(),
  units: Units.optional(),
  least: Units.optional(),
  /** Who has a lower one is served first, and cut last. 0 where left out. */
  order: z.int().min(-1_000).max(1_000).optional(),
});

export const Allocation = z.strictObject({
  ...scope,
  kind: z.enum(KINDS),
  parts: z.record(Id, Part),
  /** Percents are divided anew by what each channel has sold. */
  by: z.literal('performance').optional(),
  window: Window.optional(),
  priority: Priority,
});

export const Promotion = z.strictObject({
  ...scope,
  channels: allOr(Id),
  /** In each warehouse. */
  units: Units,
  window: Window,
  priority: Priority,
});

/** A pre-sale or an oversell: at most so many units in each warehouse. */
export const Cap = z.strictObject({
  ...scope,
  units: Units,
  channels: setOf(Id).optional(),
  window: Window.optional(),
  priority: Priority,
});

/** Kept back from sale: in each warehouse, or over all of them. */
export const Kept = z.strictObject({ ...scope, units: Units, priority: Priority });

export const Warehouse = z.strictObject({
  name: Text,
  country: Country,
  lat: Lat,
  lon: Lon,
  region: Id.optional(),
  capacityPerDay: z.int().min(0).max(1e9).optional(),
  costPerOrder: Money.optional(),
  costPerKm: Money.optional(),
  /** Orders until then leave the same day, by its own clock. */
  cutoff: z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'has to be a time such as 16:30'),
  timeZone: z.string().refine(isTimeZone, SAYS.zone),
  handlingDays: z.int().min(0).max(365),
  /** Where it sends to; where left out, everywhere. */
  serves: setOf(Area).optional(),
});

const Weight = z.number().min(0).max(1_000).optional();
const Weights = z.strictObject({
  distance: Weight,
  cost: Weight,
  split: Weight,
  capacity: Weight,
  age: Weight,
  promise: Weight,
});
export const RoutingSaid = z.strictObject({
  weights: Weights.optional(),
  /** An order comes from so many at most. */
  maxWarehouses: z.int().min(1).max(10).optional(),
});

/** The middle of an area. */
export const Place = z.strictObject({ lat: Lat, lon: Lon });

/** The schema of one entry, by the map that it is in. */
export const ENTRIES = {
  channels: Channel,
  allocations: Allocation,
  promotions: Promotion,
  presale: Cap,
  oversell: Cap,
  safety: Kept,
  buffers: Kept,
  warehouses: Warehouse,
  areas: Place,
} as const;

export type Section = keyof typeof ENTRIES;
export const SECTIONS = Object.keys(ENTRIES) as readonly Section[];
type Entries = { [S in Section]: Record<string, z.infer<(typeof ENTRIES)[S]>> };

/** What an entry of each map may be called. */
export const nameOf = (section: Section): z.ZodType<string> => {
  if (section === 'areas') return Area;
  return section === 'channels' ? ChannelName : Id;
};

/** The rules of one owner, as they are kept: maps by id, since two people may edit at once. */
export type Rules = Entries & { routing: Routing };

export type Window = z.infer<typeof Window>;
export type Channel = z.infer<typeof Channel>;
export type Part = z.infer<typeof Part>;
export type Allocation = z.infer<typeof Allocation>;
export type Promotion = z.infer<typeof Promotion>;
export type Cap = z.infer<typeof Cap>;
export type Kept = z.infer<typeof Kept>;
export type Warehouse = z.infer<typeof Warehouse>;
/** How the warehouses of an order are chosen; what is not said is as in {@link DEFAULT_ROUTING}. */
export interface Routing {
  weights: Record<keyof z.infer<typeof Weights>, number>;
  maxWarehouses: number;
}
export type Scope = Pick<Kept, 'skus' | 'warehouses' | 'countries'>;

export const DEFAULT_ROUTING: Routing = {
  weights: { distance: 1, cost: 1, split: 2, capacity: 0.5, age: 0.5, promise: 1 },
  maxWarehouses: 3,
};

/** No rules: all goods are shared, nothing is promised beyond them. */
export const noRules = (): Rules => ({
  ...(Object.fromEntries(SECTIONS.map((section) => [section, {}])) as Entries),
  routing: structuredClone(DEFAULT_ROUTING),
});

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
