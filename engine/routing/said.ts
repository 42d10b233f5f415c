import { DEFAULT_POLICY, type RoutingPolicy, type Site } from '../../actors/routing/types.ts';
import type { Cutoff, RoutingRules } from './rules.ts';

/** A warehouse as people write it. */
export interface WarehouseSaid {
  readonly country: string;
  readonly lat: number;
  readonly lon: number;
  readonly capacityPerDay?: number | undefined;
  readonly costPerOrder?: number | undefined;
  readonly costPerKm?: number | undefined;
  readonly costPerUnit?: number | undefined;
  /** `16:30`. */
  readonly cutoff?: string | undefined;
  readonly timeZone?: string | undefined;
  readonly handlingDays?: number | undefined;
  /** Areas and countries. */
  readonly serves?: Readonly<Record<string, true>> | undefined;
}

/** Routing as people write it: what is left out is as in {@link DEFAULT_POLICY}. */
export interface RoutingSaid {
  readonly method?: RoutingPolicy['method'] | undefined;
  readonly weights?:
    | { readonly [term in keyof RoutingPolicy['weights']]?: number | undefined }
    | undefined;
  readonly maxWarehouses?: number | undefined;
  readonly splitLines?: boolean | undefined;
  readonly kmPerDay?: number | undefined;
}

export interface RulesSaid {
  readonly warehouses: Readonly<Record<string, WarehouseSaid>>;
  readonly routing?: RoutingSaid | undefined;
  readonly areas?:
    | Readonly<Record<string, { readonly lat: number; readonly lon: number }>>
    | undefined;
}

/** Undefined where no warehouse is said: then routing goes by what is known of stock. */
export function rulesOfSaid({
  warehouses,
  routing = {},
  areas = {},
}: RulesSaid): RoutingRules | undefined {
  const names = Object.keys(warehouses).sort();
  if (names.length === 0) return undefined;
  const cutoffs = new Map<string, Cutoff>();
  const sites = names.map((name): Site => {
    const said = warehouses[name] as WarehouseSaid;
    const { cutoff, timeZone = 'UTC' } = said;
    if (cutoff !== undefined) cutoffs.set(name, { minutes: minutesOf(cutoff), timeZone });
    return {
      ...{ name, country: said.country, place: { lat: said.lat, lon: said.lon } },
      capacityPerDay: said.capacityPerDay ?? 0,
      costPerOrder: said.costPerOrder ?? 0,
      costPerKm: said.costPerKm ?? 0,
      costPerUnit: said.costPerUnit ?? 0,
      handlingDays: said.handlingDays ?? 0,
      serves: said.serves === undefined ? undefined : Object.keys(said.serves),
    };
  });
  return { sites, cutoffs, policy: policyOf(routing), areas: new Map(Object.entries(areas)) };
}

function policyOf({ weights = {}, ...said }: RoutingSaid): RoutingPolicy {
  const known = { ...DEFAULT_POLICY, weights: { ...DEFAULT_POLICY.weights } };
  for (const [name, value] of Object.entries(weights)) {
    if (value !== undefined) known.weights[name as keyof typeof known.weights] = value;
  }
  return {
    method: said.method ?? known.method,
    weights: known.weights,
    maxWarehouses: said.maxWarehouses ?? known.maxWarehouses,
    splitLines: said.splitLines ?? known.splitLines,
    kmPerDay: said.kmPerDay ?? known.kmPerDay,
  };
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
