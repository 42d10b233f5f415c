import type { z } from 'zod';
import { type HoldId, isOwnerId, type OwnerId, type SkuId } from '../actors/ids.ts';
import { type Refused, refuse } from '../actors/outcomes.ts';
import { type Assignment, type Destination, TERMS, type Term } from '../actors/routing/types.ts';
import type { Selling } from '../engine/rights/selling.ts';
import type { Decided, OrderRouter, RoutedAsk } from '../engine/routing/order-router.ts';
import { covers, type Identity, mayReach } from './auth.ts';
import { wrongChannel } from './channel.ts';
import { badField } from './documents.ts';
import { type Fields, field, isFields, PLAIN } from './fields.ts';
import { type Reply, replyOf } from './replies.ts';
import { type Route, RouteCommand, type RouteDone } from './route-schemas.ts';

/** What the rules of an owner say of orders. */
export type Rules = Pick<OrderRouter, 'rulesOf'> & Pick<Selling, 'channelsOf'>;

/** An order that says where it goes, and not from where. */
export const isRouted = (v: unknown): v is Fields =>
  isFields(v) &&
  (v.op === 'route' || (v.to !== undefined && (v.op === 'sell' || v.op === 'reserve')));

/** ① An order whose warehouses the selling point chooses: sold, set aside, or only told where it would go. */
export async function routed(
  selling: Selling,
  who: Identity,
  body: Fields,
  defaultOwner: string | undefined,
): Promise<Reply | z.infer<typeof RouteDone>> {
  const { router } = selling;
  const rules: Rules = {
    rulesOf: (owner) => router.rulesOf(owner),
    channelsOf: (owner) => selling.channelsOf(owner),
  };
  const ask = parseRoute(body, who, defaultOwner, rules);
  if ('ok' in ask) return replyOf(0, ask);
  if (body.op === 'route') {
    const decided = (await router.ask(ask)) ?? refuse('moved');
    return 'ok' in decided ? replyOf(0, decided) : routeReply(decided);
  }
  const sale = (await router.sell(ask)) ?? refuse('moved');
  if ('ok' in sale) return replyOf(0, sale);
  const { answer, decided, promiseAtMs, tries } = sale;
  const reply = replyOf(0, answer) as unknown as Omit<z.infer<typeof RouteDone>, 'route'>;
  const route =
    decided === undefined
      ? { promiseAt: Math.round(promiseAtMs), again: true as const }
      : viewOf(decided, tries);
  return { ...reply, route };
}

/** Checks an order that came over an edge. S8: in the catalogue's order. */
export function parseRoute(
  v: Fields,
  who: Identity,
  defaultOwner: string | undefined,
  rules: Rules,
): RoutedAsk | Refused {
  const parsed = RouteCommand.safeParse(v);
  if (!parsed.success) return badField(parsed.error);
  const { op, order, owner = defaultOwner, channel, lines } = parsed.data;
  const { promiseBy = 0, ttlMs = 0 } = parsed.data;
  if (!isOwnerId(owner)) return field('owner', PLAIN);
  if (op !== 'route' && order === undefined) return field('order', 'what to call the order');
  if (op === 'reserve' && ttlMs === 0) return field('ttlMs', 'how long the units are set aside');
  const wrong = wrongLine(v, lines);
  if (wrong !== undefined) return wrong;
  const forbidden = mayReach(
    who,
    owner,
    who.warehouses[0] ?? '',
    op === 'route' ? 'read' : 'reserve',
  );
  if (forbidden !== undefined) return forbidden;
  const unknown = wrongChannel(channel, () => rules.channelsOf(owner));
  if (unknown !== undefined) return unknown;
  const to = destinationOf(parsed.data.to, owner, rules);
  if ('ok' in to) return to;
  return {
    ...{ owner, order: (order ?? '') as HoldId, channel, to, promiseByMs: promiseBy },
    ttlMs: op === 'reserve' ? ttlMs : 0,
    lines: lines.map(({ sku, qty }) => ({ sku: sku as SkuId, qty })),
    mayUse: (warehouse) => covers(who.warehouses, warehouse),
  };
}

function wrongLine(
  { warehouse, lines: said }: Fields,
  lines: readonly { readonly sku: string }[],
): Refused | undefined {
  const none = 'none, in an order that says where it goes';
  if (warehouse !== undefined) return field('warehouse', none);
  for (const [line, { sku }] of lines.entries()) {
    const named = (said as readonly Fields[])[line]?.warehouse;
    if (named !== undefined) return { ...field('warehouse', none), line };
    if (lines.findIndex((one) => one.sku === sku) < line) {
      return { ...field('sku', 'once in an order that is routed'), line };
    }
  }
  return undefined;
}

function destinationOf(
  { area = '', country = '', lat, lon }: z.infer<typeof RouteCommand>['to'],
  owner: OwnerId,
  rules: Pick<Rules, 'rulesOf'>,
): Destination | Refused {
  if ((lat === undefined) !== (lon === undefined)) return field('to', 'both lat and lon');
  if (lat !== undefined && lon !== undefined) return { place: { lat, lon }, area, country };
  if (area === '' && country === '') return field('to', 'an area, lat and lon, or a country');
  const areas = rules.rulesOf(owner)?.areas;
  const place = areas?.get(area);
  if (area !== '' && areas !== undefined && place === undefined) {
    return field('to.area', `one that the rules place, not ${area}; or lat and lon`);
  }
  return { place, area, country };
}

function routeReply(decided: Decided): z.infer<typeof RouteDone> {
  const lines = decided.routed.best.parcels.flatMap(({ warehouse, lines: its }) =>
    its.map(({ sku, qty }) => ({ sku, warehouse, qty })),
  );
  return { ok: true, did: 'route', lines, route: viewOf(decided) };
}

type RouteView = z.infer<typeof Route>;

function viewOf({ routed, policy, source }: Decided, tries?: number): RouteView {
  const { best, next, considered, isExact, isLocated } = routed;
  const why = {
    ...wayOf(best),
    ...{ method: policy.method, considered, source, exact: isExact, located: isLocated },
    ...(tries === undefined ? {} : { tries }),
  };
  const promiseAt = Math.round(best.promiseAtMs);
  if (next === undefined) return { promiseAt, why };
  const differs = (sign: 1 | -1) =>
    TERMS.filter((name) => sign * (next.terms[name].raw - best.terms[name].raw) > SAME);
  return { promiseAt, why, next: { ...wayOf(next), better: differs(-1), worse: differs(1) } };
}

/** Figures that differ by less are told as equal. */
const SAME = 0.0005;

function wayOf({ score, terms, parcels, promiseAtMs }: Assignment) {
  const term = ({ raw, score: its }: Term) => ({ raw: rounded(raw), score: rounded(its) });
  return {
    score: rounded(score),
    terms: {
      ...{ distance: term(terms.distance), cost: term(terms.cost), split: term(terms.split) },
      ...{ capacity: term(terms.capacity), age: term(terms.age), promise: term(terms.promise) },
    },
    parcels: parcels.map(({ warehouse, km, promiseAtMs: atMs, lines }) => ({
      warehouse,
      ...(km < 0 ? {} : { km: rounded(km) }),
      promiseAt: Math.round(atMs),
      lines: lines.map(({ sku, qty }) => ({ sku, qty })),
    })),
    promiseAt: Math.round(promiseAtMs),
  };
}

const rounded = (n: number): number => Number(n.toFixed(3));
