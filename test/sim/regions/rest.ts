import { StockDigest } from '../../../actors/digest.ts';
import { pointOf } from '../../../actors/rights/lane.ts';
import { total } from '../../../actors/rights/pools.ts';
import { rightsLines } from '../../../engine/snapshots/rights-line.ts';
import type { ShardState } from '../../../engine/state.ts';
import { Failure } from '../failure.ts';
import { EPOCH_MS } from '../world.ts';
import type { Globe } from './globe.ts';
import { isOfSale, type JournalTruth, type Sale } from './journal-truth.ts';
import { OWNER } from './oracle.ts';

/** Clocks differ by less. */
const LATE_MS = 2_000;

/** What still has to happen before all is quiet, or undefined. */
export function unrest(globe: Globe): string | undefined {
  const { regions, oracle, markets, homes } = globe;
  for (const region of regions) {
    for (let shard = 0; shard <= homes; shard++) {
      const truth = oracle.truth(`${region.name}.${shard}`);
      const serving = region.nodes.flatMap((node) => node.serving(shard) ?? []);
      if (serving.length !== 1) return `${serving.length} nodes serve ${truth.home}`;
      const [one] = serving;
      if (one?.version !== region.nats.streams[shard]?.last) return `${truth.home} is busy`;
      const why = shard === homes ? unsaid(globe, truth) : notHome(truth);
      if (why !== undefined) return why;
    }
  }
  const waiting = markets.find((market) => market.waiting > 0);
  return waiting === undefined ? undefined : `${waiting.name} waits for an answer`;
}

function notHome(truth: JournalTruth): string | undefined {
  const { waiting } = truth.state.rights.home;
  return waiting.size === 0 ? undefined : `${truth.home} waits for ${[...waiting].join(', ')}`;
}

/** Sales that their home has not applied, or of which the point does not know that it has; lanes that are closing. */
function unsaid(globe: Globe, truth: JournalTruth): string | undefined {
  const nowMs = EPOCH_MS + globe.world.timeMs;
  for (const [home, point] of truth.state.rights.points) {
    const there = globe.oracle.truth(home);
    const who = `${truth.region} at ${home}`;
    if (truth.pendingOf(point, there).length > 0) return `${who}: sales have not come home`;
    if (point.applied < point.logged) return `${who}: it does not know what has come home`;
    for (const { life, log } of point.relics) {
      const cursor = there.cursors.get(life) ?? 0;
      if (log.some(({ n }) => n > cursor)) return `${who}: sales of ${life} have not come home`;
    }
    for (const { id, final, soft } of point.lanes.values()) {
      if (final !== undefined) return `${who}: ${id} is closing`;
      const over = [...(soft ?? [])].find(([, hold]) => hold.expiresAtMs < nowMs - LATE_MS);
      if (over !== undefined) return `${who}: ${over[0]} keeps rights beyond its time`;
    }
    for (const { sku } of there.state.rights.home.lanes.values()) {
      const { onTheWay } = globe.oracle.abroad(there, sku);
      if (onTheWay > 0) return `${who}: ${onTheWay} of ${sku} are on their way`;
    }
  }
  return undefined;
}

/** E6, C3 and S5 of orders: everything has come home, once. */
export function checkAtRest(globe: Globe): void {
  for (const sales of globe.oracle.sales.values()) checkSales(globe, sales);
  checkHolds(globe);
  checkAccepted(globe);
  checkMemory(globe);
}

/** Delivered, or kept by no journal: whatever its point lost. */
const isDelivered = ({ oracle }: Globe, { life, n, home }: Sale): boolean =>
  (oracle.truth(home).cursors.get(life) ?? 0) >= n;

function checkSales(globe: Globe, sales: readonly Sale[]): void {
  const [first] = sales as [Sale];
  const { order, sku, home } = first;
  const at = globe.oracle.truth(home);
  const key = `${sku}\n${order}`;
  const there = sales.filter((sale) => isDelivered(globe, sale));
  const made = at.made.get(key);
  if (there.length === 0) return;
  if (made?.times !== 1) throw new Failure('E6 once', `${order} of ${sku} is held ${made?.times}×`);
  const isItsOwn = !isOfSale(made);
  const source = there.find(({ life, n }) => made.source === `${life}:${n}`);
  if (source === undefined && !isItsOwn) throw new Failure('E6 source', `${order}: ${made.source}`);
  if (source !== undefined && total(source.taken) !== made.qty) {
    throw new Failure('E6 units', `${order} holds ${made.qty} of ${total(source.taken)} sold`);
  }
  const isTwice = there.length > 1 || isItsOwn;
  if (isTwice && !at.flagged.has(key)) throw new Failure('E6 flagged', `${order} of ${sku} is not`);
}

/** No hold from a sale that nobody made. */
function checkHolds({ oracle }: Globe): void {
  for (const truth of oracle.truths.values()) {
    for (const [key, made] of truth.made) {
      if (!isOfSale(made)) continue;
      const { source, order, sku } = made;
      const sales = oracle.sales.get(key) ?? [];
      if (sales.some(({ life, n }) => source === `${life}:${n}`)) continue;
      throw new Failure('E6 nobody', `${order} of ${sku} is held for ${source}, which sold none`);
    }
  }
}

/** What shops were told is sold has come home, but for what the end of a lost journal took with it. */
function checkAccepted(globe: Globe): void {
  const { oracle } = globe;
  const byOrder = new Map<string, Sale[]>();
  for (const sales of oracle.sales.values()) {
    for (const sale of sales) {
      const key = `${OWNER}/${sale.order}`;
      byOrder.set(key, [...(byOrder.get(key) ?? []), sale]);
    }
  }
  for (const [order, region] of oracle.accepted) {
    for (const sale of byOrder.get(order) ?? []) {
      if (isDelivered(globe, sale)) continue;
      const lost = oracle.point(pointOf(sale.life));
      const now = lost.state.rights.lineage;
      if (Number(sale.life.slice(sale.life.lastIndexOf('.') + 1)) < now) continue;
      throw new Failure('C1 kept', `${order}, accepted at ${region}, never came to ${sale.home}`);
    }
    if (!byOrder.has(order)) throw new Failure('C1 kept', `${order} is in no journal`);
  }
}

/** C3: what is served from is what a replay gives. */
function checkMemory({ regions, oracle, homes }: Globe): void {
  for (const region of regions) {
    for (let shard = 0; shard <= homes; shard++) {
      const truth = oracle.truth(`${region.name}.${shard}`);
      const memory = region.owner(shard)?.serving(shard)?.state;
      if (memory === undefined) continue;
      const [has, should] = [pictureOf(memory), pictureOf(truth.state)];
      if (has === should) continue;
      const at = [...has].findIndex((c, i) => c !== should[i]);
      const part = (text: string) => text.slice(Math.max(0, at - 80), at + 80);
      throw new Failure('C3 memory', `${truth.home}: …${part(has)}… should be …${part(should)}…`);
    }
  }
}

/** Order of maps is no difference, but that of orders, which are forgotten oldest first. */
function pictureOf({ stockroom, rights }: ShardState): string {
  const digest = new StockDigest();
  for (const [key, { seq, b }] of stockroom.entries()) digest.add(key, seq, b);
  // What snapshots hold, and beside that what they might leave out.
  const kept = { orders: [...rights.orders.all()], pools: [...rights.home.pools].sort() };
  const lines = [...rightsLines(rights), kept].map((line) => JSON.stringify(line, sorted));
  return `${digest}\n${lines.sort().join('\n')}`;
}

function sorted(key: string, value: unknown): unknown {
  if (Array.isArray(value) && UNORDERED.has(key)) {
    return value.map((one) => JSON.stringify(one, sorted)).sort();
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const UNORDERED = new Set(['points', 'lives', 'waiting', 'lanes', 'sold', 'soft']);
