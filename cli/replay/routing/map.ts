import type { RulesSaid } from '../../../engine/routing/said.ts';

/**
 * Where the postal areas of the Ta-Feng orders lie: the middles of the districts of Taipei that these postal codes are of, and of
 * Xizhi (221). The data set says no more of `Others` and `Unknown` than that: they are put at Banqiao, on the other
 * side of the city, and at Nangang, which is nearest to the shop.
 */
export const AREAS: Readonly<Record<string, { readonly lat: number; readonly lon: number }>> = {
  'TW-105': { lat: 25.055, lon: 121.5605 },
  'TW-106': { lat: 25.0263, lon: 121.5434 },
  'TW-110': { lat: 25.0306, lon: 121.5703 },
  'TW-114': { lat: 25.0835, lon: 121.5903 },
  'TW-115': { lat: 25.036, lon: 121.611 },
  'TW-221': { lat: 25.064, lon: 121.658 },
  'TW-Others': { lat: 25.0114, lon: 121.4618 },
  'TW-Unknown': { lat: 25.036, lon: 121.611 },
};

/** Three warehouses, a region each: plausible places in the districts that they are named after, not real ones. */
const COSTS = { country: 'TW', costPerOrder: 3, costPerKm: 0.2 } as const;
export const WAREHOUSES = {
  'xinyi-1': { ...COSTS, lat: 25.033, lon: 121.5654 },
  'neihu-1': { ...COSTS, lat: 25.079, lon: 121.575 },
  'nangang-1': { ...COSTS, lat: 25.052, lon: 121.617 },
} as const satisfies RulesSaid['warehouses'];

export const METHODS = ['best', 'nearest', 'fullest'] as const;
export type Method = (typeof METHODS)[number];

/** What the nodes of a run are told. A parcel more weighs as much as 20 km: costs are in the score, and km by themselves. */
export const rulesFor = (method: Method): RulesSaid => ({
  warehouses: WAREHOUSES,
  routing: {
    method,
    weights: { distance: 10, cost: 1, split: 2, capacity: 0, age: 0, promise: 0 },
    maxWarehouses: 3,
    splitLines: true,
  },
  areas: AREAS,
});
