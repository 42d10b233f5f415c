import type { ActorKey, HoldId } from '../../actors/ids.ts';
import type { HomeName } from '../../actors/rights/acts.ts';
import { addLane, type Home, type Life } from '../../actors/rights/home.ts';
import type { SkuPools } from '../../actors/rights/home-pools.ts';
import type { HomeLane, LaneId, LifeId } from '../../actors/rights/lane.ts';
import type { KnownOrder } from '../../actors/rights/orders.ts';
import { newPoint, type Point, type PointLane, putLane } from '../../actors/rights/point.ts';
import { ordersOf } from '../../actors/rights/point-orders.ts';
import { setAside } from '../../actors/rights/point-soft.ts';
import type { Cells } from '../../actors/rights/pools.ts';
import type { Rights } from '../../actors/rights/rights.ts';
import type { KnownRouted } from '../../actors/rights/routed.ts';

/**
 * How rights stand in a snapshot. Home with the orders it knows, each account of a point, and the
 * orders that were sent on or routed are of one moment each: what an event of theirs does depends on all of it.
 */
export type RightsLine =
  | { readonly home: HomeLine; readonly seq: number; readonly lineage: number }
  | { readonly of: HomeName; readonly point: PointLine; readonly seq: number }
  | { readonly sentOn: [string, string][]; readonly routed?: KnownRouted[]; readonly seq: number };

interface HomeLine extends Pick<Home, 'lineage' | 'opened'> {
  readonly points: string[];
  readonly lives: [LifeId, Life][];
  readonly waiting: string[];
  readonly heard: [LifeId, { readonly parts: number; readonly lanes: readonly LaneId[] }][];
  readonly lanes: HomeLane[];
  readonly sold: [string, Cells][];
  readonly pools: [ActorKey, SkuPools][];
  readonly orders: KnownOrder[];
}

interface PointLine
  extends Pick<Point, 'name' | 'life' | 'epoch' | 'lineage' | 'opened' | 'logged' | 'applied'> {
  readonly ended: number | null;
  readonly lanes: LaneLine[];
  readonly log: Point['log'];
  readonly relics: Point['relics'];
}

type LaneLine = Omit<PointLane, 'soft' | 'aside' | 'nonce' | 'final' | 'orders'> & {
  readonly soft: [HoldId, Cells, number][];
  readonly nonce: string | null;
  readonly final: number | null;
};

/** None where there never were any. */
export function* rightsLines(rights: Rights): Iterable<RightsLine> {
  const seq = rights.seqOf('home');
  if (seq > 0 || rights.lineage > 1) yield { home: homeLine(rights), seq, lineage: rights.lineage };
  for (const [of, point] of rights.points) {
    const events = rights.seqOf(`of ${of}`);
    if (events > 0) yield { of, point: pointLine(point), seq: events };
  }
  if (rights.seqOf('orders') > 0) {
    const routed = [...rights.routed.all()];
    yield { sentOn: [...rights.sentOn], routed, seq: rights.seqOf('orders') };
  }
}

function homeLine({ home, orders }: Rights): HomeLine {
  const { lineage, opened } = home;
  return {
    ...{ lineage, opened, points: [...home.points], lives: [...home.lives] },
    ...{
      waiting: [...home.waiting],
      heard: [...home.heard],
      lanes: [...home.lanes.values()].map(unfinal),
    },
    ...{ sold: [...home.sold], pools: [...home.pools], orders: [...orders.all()] },
  };
}

/** msgpack knows null and no undefined. */
const unfinal = (lane: HomeLane): HomeLane => ({ ...lane, final: lane.final ?? (null as never) });

function pointLine(point: Point): PointLine {
  const { name, life, epoch, lineage, opened, logged, applied, ended, log, relics } = point;
  return {
    ...{ name, life, epoch, lineage, opened, logged, applied, ended: ended ?? null },
    lanes: [...point.lanes.values()].map(({ orders: _, aside: _aside, ...lane }) => ({
      ...lane,
      nonce: lane.nonce ?? null,
      final: lane.final ?? null,
      soft: [...(lane.soft ?? [])].map(([order, { taken, expiresAtMs }]) => [
        order,
        taken,
        expiresAtMs,
      ]),
    })),
    log,
    relics,
  };
}

/** Puts what a line says there. Home's comes first. */
export function restoreRights(rights: Rights, line: RightsLine): void {
  if ('home' in line) restoreHome(rights, line.home, line.lineage, line.seq);
  else if ('of' in line) restorePoint(rights, line.of, line.point, line.seq);
  else {
    for (const [order, to] of line.sentOn) rights.sentOn.set(order, to);
    for (const known of line.routed ?? []) rights.routed.restore(known);
    rights.setSeq('orders', line.seq);
  }
}

function restoreHome(rights: Rights, line: HomeLine, lineage: number, seq: number): void {
  const home: Home = {
    ...{ lineage: line.lineage, opened: line.opened, points: new Set(line.points) },
    ...{ lives: new Map(line.lives), waiting: new Set(line.waiting) },
    heard: new Map(line.heard),
    ...{ lanes: new Map(), bySku: new Map(), closing: new Set() },
    sold: new Map(line.sold) as Home['sold'],
    pools: new Map(line.pools),
  };
  for (const lane of line.lanes) {
    const known = { ...lane, final: lane.final ?? undefined };
    addLane(home, known);
    if (known.final !== undefined) home.closing.add(known.id);
  }
  for (const order of line.orders) rights.orders.restore(order);
  rights.restore(lineage, home);
  rights.setSeq('home', seq);
}

function restorePoint(rights: Rights, of: HomeName, line: PointLine, seq: number): void {
  const ended = line.ended ?? undefined;
  const point: Point = { ...newPoint(line.name, line.life), ...line, ended, lanes: new Map() };
  for (const entry of line.log) ordersOf(point, entry.sku).set(entry.order, entry);
  for (const one of line.lanes) {
    const lane = putLane(point, one, one.nonce ?? undefined, one.final ?? undefined);
    for (const [order, taken, expiresAtMs] of one.soft) {
      setAside(point, lane, order, taken, expiresAtMs);
    }
  }
  rights.points.set(of, point);
  rights.setSeq(`of ${of}`, seq);
}
