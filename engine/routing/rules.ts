import type { OwnerId } from '../../actors/ids.ts';
import type { Place } from '../../actors/routing/place.ts';
import type { RoutingPolicy, Site } from '../../actors/routing/types.ts';

/** Until when, by the clock of a warehouse, orders leave with the day's parcels. */
export interface Cutoff {
  /** Minutes after midnight. */
  readonly minutes: number;
  /** Of the IANA database. */
  readonly timeZone: string;
}

/** What the rules of an owner say of routing. */
export interface RoutingRules {
  readonly sites: readonly Site[];
  /** By warehouse; none where an order leaves whenever it comes. */
  readonly cutoffs: ReadonlyMap<string, Cutoff>;
  readonly policy: RoutingPolicy;
  /** Where areas lie. */
  readonly areas: ReadonlyMap<string, Place>;
}

/** Undefined where an owner has none. */
export type RulesOf = (owner: OwnerId) => RoutingRules | undefined;

/** A warehouse of which nothing is known but its name. */
export const unlocated = (name: string): Site => ({
  ...{ name, country: '', place: undefined, serves: undefined },
  ...{ capacityPerDay: 0, costPerOrder: 0, costPerKm: 0, costPerUnit: 0, handlingDays: 0 },
});
