import type { Rules, Scope } from './schema.ts';

const has = (set: Readonly<Record<string, true>>, name: string): boolean =>
  Object.hasOwn(set, name);

/** True where a rule is about the warehouse, by its name and its country; where nobody knows the country, it is in none. */
export function fitsWarehouse(
  { warehouses, countries }: Scope,
  name: string,
  country: string | undefined,
): boolean {
  if (warehouses !== '*' && !has(warehouses, name)) return false;
  return countries === undefined || (country !== undefined && has(countries, country));
}

export const fitsSku = ({ skus }: Scope, sku: string): boolean => skus === '*' || has(skus, sku);

/** How much of what there is a rule names: SKUs count more than warehouses, these more than countries, and a window least. */
export const specificity = (rule: Scope & { readonly window?: unknown }): number =>
  (rule.skus === '*' ? 0 : 8) +
  (rule.warehouses === '*' ? 0 : 4) +
  (rule.countries === undefined ? 0 : 2) +
  (rule.window === undefined ? 0 : 1);

/** `DE` has all of `DE-BE` in it, and the other way round some of it. */
const areMet = (a: string, b: string): boolean =>
  a === b || a.startsWith(`${b}-`) || b.startsWith(`${a}-`);

/** True where a channel sells to some of what a warehouse serves. What says nothing of areas is everywhere. */
export function isServed(rules: Rules, channel: string, warehouse: string): boolean {
  const sells = entryOf(rules.channels, channel)?.areas;
  const serves = entryOf(rules.warehouses, warehouse)?.serves;
  if (sells === undefined || serves === undefined) return true;
  return Object.keys(sells).some((a) => Object.keys(serves).some((b) => areMet(a, b)));
}

/** By a name that may be one of those that every object has. */
export const entryOf = <Value>(
  map: Readonly<Record<string, Value>>,
  name: string,
): Value | undefined => (Object.hasOwn(map, name) ? map[name] : undefined);
