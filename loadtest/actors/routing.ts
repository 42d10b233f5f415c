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
const KINDS = [0.1, 0.2, 0.3, 0.5, 1].flatMap((part) => [2, 3, 5].map((most) => ({ part, most })));
const ORDERS = 40;
const WARM_UPS = 3;
const PASSES = 20;

/** Of decisions on orders of every kind, each over other stock: p50 and p99, µs, and the part whose search came to its end. Ages and costs differ, so that sets compete. */
export function routingFigures(gc: () => void): number[] {
  const cases = KINDS.flatMap((kind, k) =>
    Array.from({ length: ORDERS }, (_, i) => made(kind, 1 + k * ORDERS + i)),
  );
  const latencies = new Latencies();
  let exact = 0;
  gc();
  for (let pass = 0; pass < WARM_UPS + PASSES; pass++) {
    for (const { order, sites, policy, figures } of cases) {
      const begun = performance.now();
      const answer = route(order, sites, policy, figures);
      const ms = performance.now() - begun;
      if (pass >= WARM_UPS) latencies.add(ms);
      if (pass === 0 && (!answer.ok || answer.isExact)) exact++;
    }
  }
  return [latencies.us(50), latencies.us(99), exact / cases.length];
}

interface Case {
  readonly order: OrderToRoute;
  readonly sites: readonly Site[];
  readonly policy: RoutingPolicy;
  readonly figures: Figures;
}

function made({ part, most }: (typeof KINDS)[number], seed: number): Case {
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
