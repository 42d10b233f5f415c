import { route } from '../../actors/routing/route.ts';
import {
  DEFAULT_POLICY,
  type Figures,
  type OrderToRoute,
  type RoutingPolicy,
  type Shelf,
  type Site,
} from '../../actors/routing/types.ts';
import { Latencies } from '../latencies.ts';
import { NOW_MS, shuffled } from './goods.ts';

const SITES = 50;
const LINES = 10;
/** Parts of the warehouses that have a line, and the most parcels of an order: from easy to hard. */
export const KINDS = [0.1, 0.2, 0.3, 0.5, 1].flatMap((part) =>
  [2, 3, 5].map((most) => ({ part, most })),
);
const ORDERS = 200;
const WARM_UPS = 1;
const PASSES = 3;

export interface Routing {
  readonly p50Us: number;
  readonly p99Us: number;
  readonly worstUs: number;
  /** Of decisions that reached the search's bound. */
  readonly bounded: number;
}

/** Routing decisions of every kind, each of another order over other stock. Ages and costs differ, so that sets compete. */
export function routingFigures(gc: () => void): Routing {
  const cases = KINDS.flatMap((kind, k) =>
    Array.from({ length: ORDERS }, (_, i) => made(kind, 1 + k * ORDERS + i)),
  );
  const latencies = new Latencies();
  let [worst, bounded] = [0, 0];
  gc();
  for (let pass = 0; pass < WARM_UPS + PASSES; pass++) {
    for (const { order, sites, policy, figures } of cases) {
      const begun = performance.now();
      const answer = route(order, sites, policy, figures);
      const ms = performance.now() - begun;
      if (pass < WARM_UPS) continue;
      latencies.add(ms);
      worst = Math.max(worst, ms);
      if (answer.ok && !answer.isExact) bounded++;
    }
  }
  return {
    p50Us: latencies.us(50),
    p99Us: latencies.us(99),
    worstUs: worst * 1_000,
    bounded: bounded / (cases.length * PASSES),
  };
}

interface Case {
  readonly order: OrderToRoute;
  readonly sites: readonly Site[];
  readonly policy: RoutingPolicy;
  readonly figures: Figures;
}

export function made({ part, most }: (typeof KINDS)[number], seed: number): Case {
  const numbers = shuffled(1_000, seed);
  let at = 0;
  const below = (end: number): number => (numbers[at++ % numbers.length] as number) % end;
  const skus = Array.from({ length: LINES }, (_, i) => `SKU-${i}`);
  const sites: Site[] = [];
  const figures = new Map<string, Figures extends ReadonlyMap<string, infer One> ? One : never>();
  for (let i = 0; i < SITES; i++) {
    const name = `W-${i}`;
    sites.push({
      ...{ name, country: 'DE', capacityPerDay: 500, handlingDays: below(2), serves: undefined },
      place: { lat: 47 + below(80) / 10, lon: 6 + below(90) / 10 },
      ...{ costPerOrder: 2 + below(30) / 10, costPerKm: 0.002, costPerUnit: below(5) / 10 },
    });
    const shelves = new Map<string, Shelf>();
    for (const sku of skus) {
      if (below(100) < part * 100) shelves.set(sku, { units: 1 + below(9), ageDays: below(90) });
    }
    figures.set(name, {
      ordersToday: below(500),
      cutoffAtMs: NOW_MS + (below(8) - 4) * 3_600_000,
      shelves,
    });
  }
  const lines = skus.map((sku) => ({ sku, qty: 1 + below(3) }));
  const to = { place: { lat: 52.52, lon: 13.405 }, area: '10115', country: 'DE' };
  const policy = { ...DEFAULT_POLICY, maxWarehouses: most, splitLines: true };
  return { order: { lines, to, atMs: NOW_MS, promiseByMs: 0 }, sites, policy, figures };
}
