import type { Place } from './place.ts';

/** What a routing decision is made of. Money is in one currency of the rules; times are epoch ms; a day is 24 hours. */

/** A warehouse as a place that orders are sent from. */
export interface Site {
  readonly name: string;
  /** As the rules write it; '' where it is not known. */
  readonly country: string;
  readonly place: Place | undefined;
  /** Orders that it can send in a day; 0: as many as come. */
  readonly capacityPerDay: number;
  readonly costPerOrder: number;
  readonly costPerKm: number;
  readonly costPerUnit: number;
  /** Days from the cutoff until a parcel leaves. */
  readonly handlingDays: number;
  /** Areas and countries that it sends to; undefined: everywhere. */
  readonly serves: readonly string[] | undefined;
}

export const TERMS = ['distance', 'cost', 'split', 'capacity', 'age', 'promise'] as const;
export type TermName = (typeof TERMS)[number];

/**
 * Points of score for a unit of each term; less is better. `distance`: 100 km that a parcel travels; `cost`: one of money;
 * `split`: a parcel beyond the first; `capacity`: a day's work of the warehouse; `age`: a day that the goods are younger
 * than the oldest there are, on average over units; `promise`: a day until the last parcel is there.
 */
export type Weights = Readonly<Record<TermName, number>>;

export interface RoutingPolicy {
  /** By the score; or each line by itself from the nearest warehouse that has it, or from the one that has most of it. */
  readonly method: 'best' | 'nearest' | 'fullest';
  readonly weights: Weights;
  /** Parcels of an order at most. */
  readonly maxWarehouses: number;
  /** A line that no warehouse has whole may come from several. */
  readonly splitLines: boolean;
  /** How far a parcel travels in a day, km. */
  readonly kmPerDay: number;
}

export const DEFAULT_POLICY: RoutingPolicy = {
  method: 'best',
  weights: { distance: 1, cost: 1, split: 2, capacity: 0.5, age: 0.5, promise: 1 },
  maxWarehouses: 3,
  splitLines: false,
  kmPerDay: 500,
};

/** What a warehouse has of a SKU. */
export interface Shelf {
  /** That can be sold. */
  readonly units: number;
  readonly ageDays: number;
}

/** How it stands with a warehouse now. */
export interface SiteFigures {
  /** Orders that it has to send today already. */
  readonly ordersToday: number;
  /** Until when an order leaves with today's parcels; 0: it has no cutoff. */
  readonly cutoffAtMs: number;
  readonly shelves: ReadonlyMap<string, Shelf>;
}

/** By warehouse. One that is not there has nothing. */
export type Figures = ReadonlyMap<string, SiteFigures>;

/** Where an order goes: a place, or as much as is known of it. */
export interface Destination {
  readonly place: Place | undefined;
  readonly area: string;
  readonly country: string;
}

export interface OrderToRoute {
  /** A SKU stands once. */
  readonly lines: readonly { readonly sku: string; readonly qty: number }[];
  readonly to: Destination;
  readonly atMs: number;
  /** All of it has to be there by then; 0: whenever. */
  readonly promiseByMs: number;
}

/** A term of the score: in its own unit, and weighted. */
export interface Term {
  readonly raw: number;
  readonly score: number;
}

export type Terms = Readonly<Record<TermName, Term>>;

/** What one warehouse sends. */
export interface Parcel {
  readonly warehouse: string;
  /** −1 where either place is not known. */
  readonly km: number;
  readonly promiseAtMs: number;
  /** `line`: its place in the order. */
  readonly lines: readonly { readonly line: number; readonly sku: string; readonly qty: number }[];
}

/** One way to serve a whole order. */
export interface Assignment {
  readonly score: number;
  readonly terms: Terms;
  /** By name of the warehouse. */
  readonly parcels: readonly Parcel[];
  /** When the last parcel is there. */
  readonly promiseAtMs: number;
}

export interface Routed {
  readonly ok: true;
  readonly best: Assignment;
  /** The best from any other set of warehouses; undefined where there is none, or nobody looked. */
  readonly next: Assignment | undefined;
  /** Warehouses that could send something of it. */
  readonly considered: number;
  /** False where the search reached its bound: a better one may have been missed. */
  readonly isExact: boolean;
  /** False where no distance is known: then it is by availability, cost and name. */
  readonly isLocated: boolean;
}
