import { kmBetween } from './place.ts';
import type { Destination, Figures, OrderToRoute, RoutingPolicy, Site } from './types.ts';

const DAY_MS = 86_400_000;
/** Distance is weighed by so many km. */
export const KM = 100;

/** A warehouse that may send something of an order, with all that does not depend on what else is chosen. */
export interface Candidate {
  readonly site: Site;
  /** −1 where it is not known. */
  readonly km: number;
  /** What counts as its distance: of an unknown one, that of the farthest known. */
  readonly countedKm: number;
  readonly promiseAtMs: number;
  /** Its part of a day's work, with this order. */
  readonly load: number;
  /** Weighted: what a parcel from here costs whatever is in it. */
  readonly open: number;
  /** Days until its parcel is there. */
  readonly days: number;
}

/** An order laid over its candidates. Of candidate s and line l, figures stand at s × lines + l. */
export interface Instance {
  readonly order: OrderToRoute;
  readonly policy: RoutingPolicy;
  /** By `open`, then by name. */
  readonly candidates: readonly Candidate[];
  readonly units: Float64Array;
  /** Days that the goods are younger than the oldest of the line. */
  readonly younger: Float64Array;
  /** Weighted, of one unit. */
  readonly unitCost: Float64Array;
  /** Lines that no candidate has whole, and that may come from several. */
  readonly isDivided: readonly boolean[];
  /** Units of the whole order. */
  readonly ordered: number;
  readonly isLocated: boolean;
}

/** Warehouses that send to the destination, can keep the promise and have a unit of any line. */
export function instanceOf(
  order: OrderToRoute,
  sites: readonly Site[],
  policy: RoutingPolicy,
  figures: Figures,
): Instance {
  const candidates = candidatesOf(order, sites, policy, figures);
  const { lines } = order;
  const size = candidates.length * lines.length;
  const [units, younger, unitCost] = [0, 1, 2].map(() => new Float64Array(size)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const ordered = lines.reduce((sum, { qty }) => sum + qty, 0);
  const { cost, age } = policy.weights;
  const isDivided = lines.map(({ sku, qty }, l) => {
    const shelves = candidates.map(({ site }) => figures.get(site.name)?.shelves.get(sku));
    let [oldest, most] = [0, 0];
    for (const shelf of shelves) {
      if (shelf === undefined || shelf.units <= 0) continue;
      oldest = Math.max(oldest, shelf.ageDays);
      most = Math.max(most, shelf.units);
    }
    for (const [s, { site }] of candidates.entries()) {
      const shelf = shelves[s];
      if (shelf === undefined || shelf.units <= 0) continue;
      const at = s * lines.length + l;
      units[at] = shelf.units;
      younger[at] = oldest - shelf.ageDays;
      unitCost[at] = cost * site.costPerUnit + (age * (oldest - shelf.ageDays)) / ordered;
    }
    return policy.splitLines && most < qty;
  });
  const isLocated = candidates.some(({ km }) => km >= 0);
  return { order, policy, candidates, units, younger, unitCost, isDivided, ordered, isLocated };
}

function candidatesOf(
  order: OrderToRoute,
  sites: readonly Site[],
  policy: RoutingPolicy,
  figures: Figures,
): Candidate[] {
  const has = ({ name }: Site): boolean => {
    const shelves = figures.get(name)?.shelves;
    return order.lines.some(({ sku }) => (shelves?.get(sku)?.units ?? 0) > 0);
  };
  const able = sites.filter((site) => isServed(site, order.to) && has(site));
  const kms = able.map((site) => kmTo(site, order.to, sites));
  const farthest = Math.max(0, ...kms);
  return able
    .map((site, i) => candidateOf(order, site, kms[i] as number, farthest, policy, figures))
    .filter((one) => isInTime(one, order))
    .sort((a, b) => a.open - b.open || (a.site.name < b.site.name ? -1 : 1));
}

export const isInTime = (
  { promiseAtMs }: Pick<Candidate, 'promiseAtMs'>,
  { promiseByMs }: OrderToRoute,
): boolean => promiseByMs === 0 || promiseAtMs <= promiseByMs;

function candidateOf(
  order: OrderToRoute,
  site: Site,
  km: number,
  farthest: number,
  policy: RoutingPolicy,
  figures: Figures,
): Candidate {
  const countedKm = km < 0 ? farthest : km;
  const ordersToday = figures.get(site.name)?.ordersToday ?? 0;
  const { capacityPerDay, costPerOrder, costPerKm } = site;
  const load = capacityPerDay === 0 ? 0 : (ordersToday + 1) / capacityPerDay;
  const { distance, cost, capacity } = policy.weights;
  const promiseAtMs = promiseOf(order.atMs, site, countedKm, policy, figures);
  const open =
    (distance * countedKm) / KM + cost * (costPerOrder + costPerKm * countedKm) + capacity * load;
  const days = (promiseAtMs - order.atMs) / DAY_MS;
  return { site, km, countedKm, promiseAtMs, load, open, days };
}

/** An order that came after the cutoff leaves a day later, and so does each day's work that is in front of it. */
function promiseOf(
  atMs: number,
  { name, capacityPerDay, handlingDays }: Site,
  km: number,
  { kmPerDay }: RoutingPolicy,
  figures: Figures,
): number {
  const { cutoffAtMs = 0, ordersToday = 0 } = figures.get(name) ?? {};
  const fromMs = cutoffAtMs === 0 ? atMs : cutoffAtMs;
  const late = cutoffAtMs !== 0 && atMs >= cutoffAtMs ? 1 : 0;
  const queued = capacityPerDay === 0 ? 0 : Math.floor(ordersToday / capacityPerDay);
  return fromMs + (late + queued + handlingDays + Math.ceil(km / kmPerDay)) * DAY_MS;
}

/** By area or country, as far as the destination says either. `TW` is served as a whole, `TW-110` too then. */
export function isServed({ serves }: Site, { area, country }: Destination): boolean {
  if (serves === undefined || (area === '' && country === '')) return true;
  return serves.some((one) => one === country || area === one || area.startsWith(`${one}-`));
}

/** −1 where it cannot be told. Of a country alone: nothing to a warehouse there, else the way to the nearest one there. */
export function kmTo(site: Site, to: Destination, sites: readonly Site[]): number {
  if (site.place === undefined) return -1;
  if (to.place !== undefined) return kmBetween(site.place, to.place);
  if (to.country === '') return -1;
  if (site.country === to.country) return 0;
  let nearest = -1;
  for (const { country, place } of sites) {
    if (country !== to.country || place === undefined) continue;
    const km = kmBetween(site.place, place);
    if (nearest < 0 || km < nearest) nearest = km;
  }
  return nearest;
}
