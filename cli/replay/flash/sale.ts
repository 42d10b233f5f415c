import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { StartError } from '../../../engine/errors.ts';
import { RECONNECT } from '../../../engine/reconnect.ts';
import { HUB } from '../../../engine/regions.ts';
import type { Explained } from '../../../engine/rights/sharer.ts';
import { commandSubject, rightsAdminSubject } from '../../../engine/subjects.ts';
import type { Opened } from '../../../loadtest/opened.ts';
import { PrivateRegions } from '../../private-regions.ts';
import { DEFAULT_OWNER } from '../../stack.ts';
import { relays } from '../../ways.ts';
import { trafficOf } from '../partition/traffic.ts';
import { demandOf } from './demand.ts';
import { judge, type Verdict } from './judge.ts';
import { type Goods, Shop } from './shop.ts';

export interface SaleOptions {
  /** On sale. */
  readonly units: number;
  /** Orders a second, at all points together. */
  readonly rate: number;
  /** Between the hub and each region, in either direction, ms. */
  readonly delayMs: number;
  /** Takes down what is started. */
  readonly opened: Opened;
  /** Progress, for a person. */
  readonly say: (line: string) => void;
}

/** What came of a flash sale, and what home knows of it in the end. */
export interface Sale extends Verdict {
  readonly units: number;
  readonly orders: number;
  readonly delayMs: number;
  /** What each point had when the sale began. */
  readonly split: Readonly<Record<string, number>>;
  /** Units that home holds for orders, and that points still have of it. */
  readonly held: number;
  readonly out: number;
  /** Of rights, the split included. */
  readonly moves: { readonly grants: number; readonly recalls: number };
}

const REGIONS = ['eu', 'us', 'ap'];
/** Orders for each unit. */
const DEMAND = 5;
/** Where shops order: by weight; the other way round once half of the units are gone. */
const WEIGHTS: ReadonlyMap<string, number> = new Map([
  [HUB, 40],
  ['eu', 30],
  ['us', 20],
  ['ap', 10],
]);
const GOODS: Goods = { owner: DEFAULT_OWNER, sku: 'FLASH', warehouse: `${HUB}-1` };
const FOR_MS = 3_600_000;
/** What has to come about comes within this, ms. */
const PATIENCE_MS = 60_000;
const LOOK_MS = 100;

/** A hub and three regions behind long links sell one SKU of one warehouse at four points. */
export async function sale(options: SaleOptions): Promise<Sale> {
  const { delayMs, opened, say } = options;
  say(`starting a hub and three regions, ${delayMs} ms apart`);
  const starting = PrivateRegions.start({ regions: REGIONS, ways: relays(delayMs) });
  opened.add(async () => (await starting).close());
  const regions = await starting;
  const links = new Map<string, NatsConnection>();
  for (const [name, { nats }] of Object.entries(regions.stack.doors)) {
    const link = await connect({ servers: nats, ...RECONNECT });
    opened.add(() => link.close());
    links.set(name, link);
  }
  return sold(
    options,
    links,
    Object.values(regions.stack.doors).map(({ http }) => http),
  );
}

async function sold(
  { units, rate, delayMs, say }: SaleOptions,
  links: ReadonlyMap<string, NatsConnection>,
  nodes: readonly string[],
): Promise<Sale> {
  const at = (point: string): NatsConnection => links.get(point) as NatsConnection;
  const { sku, warehouse } = GOODS;
  await ask(at(HUB), commandSubject(warehouse), { op: 'receive', sku, qty: units });
  const split = await begin(at(HUB), units);
  const orders = demandOf({
    orders: DEMAND * units,
    perSecond: rate,
    weights: WEIGHTS,
    swingAfter: units / 2,
  });
  say(`${orders.length} orders, ${rate} a second`);
  const shop = new Shop(GOODS, at);
  await shop.place(orders);
  const verdict = judge(units, shop.told);
  say(`${verdict.accepted} accepted; waiting until home has all of them`);
  const known = await arrived(at(HUB), verdict.accepted);
  const { grants, returns } = await trafficOf(nodes);
  const moves = { grants, recalls: returns };
  return { units, orders: orders.length, delayMs, split, ...verdict, ...known, moves };
}

/** Splits the goods, and says what each point has got of them. */
async function begin(hub: NatsConnection, units: number): Promise<Sale['split']> {
  await until('the goods were split over all points', async () => {
    const { ok } = await ask<{ ok: boolean }>(hub, rightsAdminSubject('flash'), {
      ...{ ...GOODS, forMs: FOR_MS },
    });
    return ok ? true : undefined;
  });
  return until('the goods were split over all points', async () => {
    const { homes } = await ask<{ homes?: Explained[] }>(hub, rightsAdminSubject('explain'), GOODS);
    const points = homes?.flatMap(({ pools }) => pools.flatMap((pool) => pool.points)) ?? [];
    const isSplit = points.length === WEIGHTS.size && points.every(({ have }) => have > 0);
    return isSplit || (units < WEIGHTS.size && points.length > 0)
      ? Object.fromEntries(points.map(({ name, have }) => [name, have]))
      : undefined;
  });
}

interface Stock {
  readonly allocated: number;
  readonly granted: number;
}

/** Every sale has become a hold at home. */
async function arrived(
  hub: NatsConnection,
  accepted: number,
): Promise<{ held: number; out: number }> {
  const { sku, warehouse } = GOODS;
  let last = { held: 0, out: 0 };
  await until('home had heard of all sales', async () => {
    const read = { op: 'read', sku, strict: true };
    const { stock } = await ask<{ stock: Stock }>(hub, commandSubject(warehouse), read);
    last = { held: stock.allocated, out: stock.granted };
    return stock.allocated >= accepted ? true : undefined;
  }).catch(() => {}); // it is told how far they have come
  return last;
}

async function ask<Told>(link: NatsConnection, subject: string, body: object): Promise<Told> {
  return (await link.request(subject, JSON.stringify(body), { timeout: 5_000 })).json();
}

async function until<Found>(what: string, look: () => Promise<Found | undefined>): Promise<Found> {
  const endMs = performance.now() + PATIENCE_MS;
  while (performance.now() < endMs) {
    const found = await look().catch(() => undefined);
    if (found !== undefined) return found;
    await sleep(LOOK_MS);
  }
  throw new StartError(`${PATIENCE_MS / 1_000} s went by before ${what}`);
}
