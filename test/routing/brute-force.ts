import { kmBetween } from '../../actors/routing/place.ts';
import type { Figures, OrderToRoute, RoutingPolicy, Site } from '../../actors/routing/types.ts';

const DAY_MS = 86_400_000;

/** One way to send an order: units by line, then by warehouse. */
export type Way = ReadonlyMap<string, number>[];

export interface Tried {
  readonly way: Way;
  /** Of the warehouses that send something. */
  readonly names: string;
  readonly score: number;
  /** Of that, what does not depend on which warehouses send something. */
  readonly unitScore: number;
}

/**
 * Every way to send an order, whole lines where any warehouse has one whole, and its score, by the words of
 * docs/ROUTING.md alone: none of the code under test but the distance. For a few warehouses and lines.
 */
export function allWays(
  order: OrderToRoute,
  sites: readonly Site[],
  policy: RoutingPolicy,
  figures: Figures,
): Tried[] {
  const able = sites.filter((site) => {
    const { serves } = site;
    const { area, country } = order.to;
    const isServed =
      !serves || !(area || country) || serves.includes(area) || serves.includes(country);
    const has = order.lines.some(({ sku }) => unitsOf(figures, site, sku) > 0);
    return isServed && has;
  });
  const kms = able.map((site) =>
    site.place && order.to.place ? kmBetween(site.place, order.to.place) : undefined,
  );
  const farthest = Math.max(0, ...kms.map((km) => km ?? 0));
  const far = new Map(able.map((site, i) => [site.name, kms[i] ?? farthest]));
  const kmOf = (site: Site): number => far.get(site.name) as number;
  const inTime = able.filter((site) => {
    const at = promiseAt(order, site, kmOf(site), policy, figures);
    return order.promiseByMs === 0 || at <= order.promiseByMs;
  });
  const oldest = order.lines.map(({ sku }) => {
    const ages = inTime
      .filter((site) => unitsOf(figures, site, sku) > 0)
      .map((site) => figures.get(site.name)?.shelves.get(sku)?.ageDays ?? 0);
    return Math.max(0, ...ages);
  });
  const choices = order.lines.map(({ sku, qty }) => waysOfLine(inTime, figures, sku, qty, policy));
  const found: Tried[] = [];
  for (const way of product(choices)) {
    const used = inTime.filter(({ name }) => way.some((line) => line.has(name)));
    if (used.length === 0 || used.length > policy.maxWarehouses) continue;
    const names = used
      .map(({ name }) => name)
      .sort()
      .join('\n');
    const unitScore = unitScoreOf(order, way, used, oldest, policy, figures);
    const score = unitScore + openScoreOf(order, used, kmOf, policy, figures);
    found.push({ way, names, score, unitScore });
  }
  return found;
}

/** The least score of each other set of warehouses in which nobody is idle: without any of them, units would cost more. */
export function withNobodyIdle(all: readonly Tried[], names: string): number[] {
  const isWithin = (few: string, many: string): boolean =>
    few !== many && few.split('\n').every((name) => many.split('\n').includes(name));
  const unitsOf = (some: readonly Tried[]): number => Math.min(...some.map((way) => way.unitScore));
  const sets = new Set(all.map((way) => way.names));
  sets.delete(names);
  return [...sets].flatMap((set) => {
    const its = all.filter((way) => way.names === set);
    const fewer = all.filter((way) => isWithin(way.names, set));
    if (unitsOf(fewer) <= unitsOf(its) + 1e-9) return [];
    return [Math.min(...its.map(({ score }) => score))];
  });
}

const unitsOf = (figures: Figures, { name }: Site, sku: string): number =>
  figures.get(name)?.shelves.get(sku)?.units ?? 0;

function promiseAt(
  { atMs }: OrderToRoute,
  site: Site,
  km: number,
  { kmPerDay }: RoutingPolicy,
  figures: Figures,
): number {
  const its = figures.get(site.name);
  let ready = atMs;
  if (its && its.cutoffAtMs > 0) ready = its.cutoffAtMs + (atMs < its.cutoffAtMs ? 0 : DAY_MS);
  if (site.capacityPerDay > 0 && its) {
    ready += Math.floor(its.ordersToday / site.capacityPerDay) * DAY_MS;
  }
  return ready + site.handlingDays * DAY_MS + Math.ceil(km / kmPerDay) * DAY_MS;
}

function waysOfLine(
  sites: readonly Site[],
  figures: Figures,
  sku: string,
  qty: number,
  { splitLines }: RoutingPolicy,
): ReadonlyMap<string, number>[] {
  const whole = sites.filter((site) => unitsOf(figures, site, sku) >= qty);
  if (whole.length > 0) return whole.map(({ name }) => new Map([[name, qty]]));
  if (!splitLines) return [];
  let ways: Map<string, number>[] = [new Map()];
  for (const site of sites) {
    ways = ways.flatMap((way) =>
      Array.from({ length: unitsOf(figures, site, sku) + 1 }, (_, some) =>
        some === 0 ? way : new Map([...way, [site.name, some]]),
      ),
    );
  }
  return ways.filter((way) => [...way.values()].reduce((sum, some) => sum + some, 0) === qty);
}

function* product<T>(choices: readonly (readonly T[])[], at = 0): Generator<T[]> {
  if (at === choices.length) return yield [];
  for (const one of choices[at] as readonly T[]) {
    for (const rest of product(choices, at + 1)) yield [one, ...rest];
  }
}

function openScoreOf(
  order: OrderToRoute,
  used: readonly Site[],
  kmOf: (site: Site) => number,
  policy: RoutingPolicy,
  figures: Figures,
): number {
  const w = policy.weights;
  let score = w.split * (used.length - 1);
  let last = 0;
  for (const site of used) {
    const km = kmOf(site);
    score += (w.distance * km) / 100 + w.cost * (site.costPerOrder + site.costPerKm * km);
    const orders = figures.get(site.name)?.ordersToday ?? 0;
    if (site.capacityPerDay > 0) score += (w.capacity * (orders + 1)) / site.capacityPerDay;
    last = Math.max(last, promiseAt(order, site, km, policy, figures));
  }
  return score + (w.promise * (last - order.atMs)) / DAY_MS;
}

function unitScoreOf(
  order: OrderToRoute,
  way: Way,
  used: readonly Site[],
  oldest: readonly number[],
  { weights: w }: RoutingPolicy,
  figures: Figures,
): number {
  let score = 0;
  const units = order.lines.reduce((sum, { qty }) => sum + qty, 0);
  for (const [line, of] of way.entries()) {
    for (const [name, some] of of) {
      const site = used.find((one) => one.name === name) as Site;
      const sku = (order.lines[line] as OrderToRoute['lines'][number]).sku;
      const age = figures.get(name)?.shelves.get(sku)?.ageDays ?? 0;
      score += some * w.cost * site.costPerUnit;
      score += (w.age * some * ((oldest[line] as number) - age)) / units;
    }
  }
  return score;
}
