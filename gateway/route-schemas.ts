import { z } from 'zod';
import { TERMS } from '../actors/routing/types.ts';
import { LIMITS } from '../engine/limits.ts';
import { HoldName, Name, Qty, Text, TtlMs } from './field-schemas.ts';

/** Where an order goes: an area of the rules, a place in degrees, or a country. */
export const RouteTo = z.object({
  area: Text.optional(),
  country: Text.optional(),
  lat: z.number().min(-90).max(90).optional(),
  lon: z.number().min(-180).max(180).optional(),
});

/** An order that names no warehouse: the selling point chooses. */
export const RouteCommand = z.object({
  /** `route` only asks. */
  op: z.enum(['sell', 'reserve', 'route']),
  /** `sell`, `reserve`: as of an order that names its warehouses. */
  order: HoldName.optional(),
  owner: Name.optional(),
  /** Through which it came, where the rules have any. */
  channel: Name.optional(),
  /** A SKU stands once. */
  lines: z
    .array(z.object({ sku: Text, qty: Qty }))
    .min(1)
    .max(LIMITS.documentLines),
  to: RouteTo,
  /** All of it has to be there by then, milliseconds since 1970. */
  promiseBy: Qty.optional(),
  /** `reserve`: how long the units are set aside. */
  ttlMs: TtlMs.optional(),
});

const Term = z.object({
  /** In its own unit: km, money, parcels beyond the first, days of work, days, days. */
  raw: z.number(),
  /** Weighted. */
  score: z.number(),
});

/** One way to serve an order. */
const Way = z.object({
  /** Less is better. */
  score: z.number(),
  terms: z.object(
    Object.fromEntries(TERMS.map((name) => [name, Term])) as Record<
      (typeof TERMS)[number],
      typeof Term
    >,
  ),
  parcels: z.array(
    z.object({
      warehouse: Name,
      km: z.number().optional(),
      promiseAt: z.int(),
      lines: z.array(z.object({ sku: Text, qty: Qty })),
    }),
  ),
  promiseAt: z.int(),
});

/** Why an order goes where it goes. */
export const Route = z.object({
  /** When the last parcel is there, milliseconds since 1970. */
  promiseAt: z.int(),
  /** It was routed before: where it went is known, and why no more. */
  again: z.literal(true).optional(),
  why: Way.extend({
    method: z.enum(['best', 'nearest', 'fullest']),
    /** Warehouses that could send something of it. */
    considered: z.int(),
    /** What the figures are from: the centre, rights and homes, or hope. */
    source: z.enum(['centre', 'rights', 'hope']),
    /** False where the search reached its bound. */
    exact: z.boolean(),
    /** False where no place is known: by availability, cost and name alone. */
    located: z.boolean(),
    /** How often it was routed until it could be sold. */
    tries: z.int().optional(),
  }).optional(),
  /** The best from other warehouses, and in which terms it would have been better or worse. */
  next: Way.extend({
    better: z.array(z.enum(TERMS)),
    worse: z.array(z.enum(TERMS)),
  }).optional(),
});

/** What became of an order that was routed; to `route`, what would. */
export const RouteDone = z.object({
  ok: z.literal(true),
  order: Text.optional(),
  did: z.enum(['sell', 'reserve', 'route']),
  /** `left`: what the point can sell of the SKU from now on. */
  lines: z.array(
    z.object({ sku: Text, warehouse: Name, qty: Qty, left: z.int().min(0).optional() }),
  ),
  expiresAt: z.int().optional(),
  route: Route,
});
