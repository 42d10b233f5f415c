import { type Refused, refuse } from '../outcomes.ts';
import { isServed, kmTo } from './instance.ts';
import type { Figures, OrderToRoute, RoutingPolicy, Site } from './types.ts';

/** A warehouse and what it has of a line. */
interface Has {
  readonly site: Site;
  readonly units: number;
}

export interface Sought {
  /** Warehouses that send there in time. */
  readonly able: ReadonlySet<string>;
  /** Every set of them that might do was looked at. */
  readonly isExact: boolean;
}

/** Why an order cannot be routed, by its first line that cannot: what is lacking, and where it would be closest. */
export function refusalOf(
  order: OrderToRoute,
  sites: readonly Site[],
  { splitLines, maxWarehouses }: RoutingPolicy,
  figures: Figures,
  { able, isExact }: Sought,
): Refused {
  for (const [line, { sku, qty }] of order.lines.entries()) {
    const all = sites.flatMap((site): Has[] => {
      const units = figures.get(site.name)?.shelves.get(sku)?.units ?? 0;
      return units > 0 ? [{ site, units }] : [];
    });
    const those = all.filter(({ site }) => able.has(site.name));
    const units = unitsOf(those, splitLines);
    if (units >= qty) continue;
    const why = whyNot(order, all, qty, splitLines, sites);
    const at = order.lines.length === 1 ? -1 : line;
    return { ...refuse('insufficient', qty, units, why), line: at };
  }
  const { qty } = order.lines[0] as OrderToRoute['lines'][number];
  const none = `no ${maxWarehouses} warehouses`;
  const why = isExact
    ? `${none} have all lines together`
    : `${none} were found that have all lines together, and not all were looked at`;
  return refuse('insufficient', qty, 0, why);
}

/** That one warehouse can send, or all together. */
const unitsOf = (all: readonly Has[], together: boolean): number =>
  all.reduce((sum, { units }) => (together ? sum + units : Math.max(sum, units)), 0);

function whyNot(
  order: OrderToRoute,
  all: readonly Has[],
  qty: number,
  splitLines: boolean,
  sites: readonly Site[],
): string {
  if (sites.length === 0) return 'no warehouse is known';
  if (all.length === 0) return 'no warehouse is known to have any';
  const served = all.filter(({ site }) => isServed(site, order.to));
  if (unitsOf(served, splitLines) >= qty) return `not in time: ${mostOf(order, served, sites)}`;
  const { area, country } = order.to;
  const where = area === '' ? country : area;
  if (unitsOf(all, splitLines) >= qty) {
    return `who has enough does not send to ${where}: ${mostOf(order, all, sites)}`;
  }
  return mostOf(order, all, sites);
}

/** Who has most of it, the nearest of these. */
function mostOf(order: OrderToRoute, all: readonly Has[], sites: readonly Site[]): string {
  const far = ({ site }: Has): number => {
    const km = kmTo(site, order.to, sites);
    return km < 0 ? Number.POSITIVE_INFINITY : km;
  };
  const [first] = [...all].sort(
    (a, b) => b.units - a.units || far(a) - far(b) || (a.site.name < b.site.name ? -1 : 1),
  ) as [Has];
  const km = far(first);
  const way = Number.isFinite(km) ? `, ${Math.round(km)} km away` : '';
  return `most is ${first.units} in ${first.site.name}${way}`;
}
