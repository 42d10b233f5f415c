import type { Down, Entry, LaneDown, LaneId, LaneUp, Up } from './lane.ts';
import {
  endLifeOf,
  giveBack,
  lifeOfPoint,
  type Point,
  type PointLane,
  type Relic,
} from './point.ts';
import { dropOrders } from './point-orders.ts';
import { addTo, type Cells, poolsOf, unitsIn } from './pools.ts';

/** Entries in one message, unless the caller says otherwise: with the longest names home still has room for them in one record. */
export const MOST_ENTRIES = 128;
/** Lanes in one part of what a restored home is told. */
export const MOST_LANES = 64;

/** What a point tells home: the cells of these lanes, and the next entries of its log; those up to `after` are on their way. */
export function up(
  point: Point,
  lanes: Iterable<LaneId> = point.lanes.keys(),
  mostEntries = MOST_ENTRIES,
  after = 0,
): Up {
  const told: LaneUp[] = [];
  for (const id of lanes) {
    const lane = point.lanes.get(id);
    if (lane !== undefined) told.push(laneUp(lane));
  }
  return message(
    point,
    told,
    logAfter(point, Math.max(point.applied, after)).slice(0, mostEntries),
  );
}

/** What is left of an earlier life's log. It says nothing of lanes: those are home's to wait for, or a person's to bury. */
export const relicUp = (point: Point, relic: Relic, mostEntries = MOST_ENTRIES): Up => ({
  ...{ to: 'home', point: point.name, life: relic.life, lineage: point.lineage, lanes: [] },
  ...{ log: unheard(relic).slice(0, mostEntries), attach: undefined, ended: undefined },
});

/** Entries of an earlier life that home has not applied, as far as is known. */
export const unheard = ({ log, applied }: Relic): Entry[] => log.filter(({ n }) => n > applied);

function message(point: Point, lanes: LaneUp[], log: Up['log'], attach?: Up['attach']): Up {
  const { name, lineage, ended } = point;
  return { to: 'home', point: name, life: lifeOfPoint(point), lineage, lanes, log, attach, ended };
}

const logAfter = (point: Point, n: number): Up['log'] => point.log.slice(placeAfter(point, n));

/** Where in the log that is kept the entries after `n` begin. */
const placeAfter = ({ log, logged }: Point, n: number): number =>
  Math.min(log.length, Math.max(0, n - (logged - log.length)));

function laneUp({ id, sku, nonce, final, back, spent }: PointLane, got?: Cells): LaneUp {
  return { id, sku, nonce, final, got, back: { ...back }, spent: { ...spent } };
}

/**
 * A point hears home, of which any message may be lost, repeated or overtaken. The answer, where there is one,
 * leaves after a record that this process committed since: one that was replaced does not know of its successor's lanes,
 * and would say of them that nothing is there.
 */
export function hear(point: Point, m: Down, mostLanes = MOST_LANES): Up | undefined {
  if (m.to !== lifeOfPoint(point)) return hearForRelic(point, m);
  if (m.lineage < point.lineage) return undefined;
  if (m.ask) return attachTo(point, m, mostLanes);
  const isNewer = m.lineage > point.lineage;
  follow(point, m.lineage);
  point.applied = isNewer ? m.applied : Math.max(point.applied, m.applied);
  forget(point, m.settled);
  if (m.over) endLifeOf(point);
  const ghosts = m.lanes.filter((told) => !hearLane(point, told)).map(voided(point));
  return ghosts.length === 0 ? undefined : message(point, ghosts, []);
}

/** Another life's: never answered for it, only this is known of it. */
function hearForRelic(point: Point, m: Down): undefined {
  const relic = point.relics.find(({ life }) => life === m.to);
  if (relic === undefined) return;
  if (m.lineage < point.lineage) return;
  follow(point, m.lineage);
  relic.applied = Math.max(relic.applied, m.applied);
  const settled = relic.log.findLastIndex(({ n }) => n <= m.settled);
  relic.log.splice(0, settled + 1);
  if (relic.log.length === 0) point.relics.splice(point.relics.indexOf(relic), 1);
}

/** A restored home may lack what it had applied of earlier lives. */
function follow(point: Point, lineage: number): void {
  if (lineage > point.lineage) for (const relic of point.relics) relic.applied = 0;
  point.lineage = Math.max(point.lineage, lineage);
}

/**
 * Everything this life has with a restored home, the part that it asks for. Which lanes there are does not change
 * meanwhile: a home that waits opens none and drops none. Sales come after all lanes, so that each finds its own.
 */
function attachTo(point: Point, m: Down, mostLanes: number): Up {
  follow(point, m.lineage);
  point.applied = m.applied;
  const all = [...point.lanes.values()];
  const known = all.filter(({ nonce }) => nonce !== undefined);
  const of = Math.max(1, Math.ceil(known.length / mostLanes));
  const some = known.slice(m.part * mostLanes, (m.part + 1) * mostLanes);
  const isLast = m.part >= of - 1;
  const log = isLast ? logAfter(point, m.applied).slice(0, MOST_ENTRIES) : [];
  if (isLast) some.push(...all.filter(({ nonce }) => nonce === undefined).slice(0, mostLanes));
  const told = some.map((lane) => laneUp(lane, { ...lane.got }));
  return message(point, told, log, { end: point.logged, part: m.part, of });
}

/** Drops what home will never ask for again. */
function forget(point: Point, settled: number): void {
  for (const entry of point.log.splice(0, placeAfter(point, settled))) {
    const { order, sku } = entry;
    const orders = point.orders.get(sku);
    if (orders?.get(order) !== entry) continue; // a newer one is kept
    orders.delete(order);
    dropOrders(point, sku);
  }
}

/** False for a ghost: an opening of this life that the point never took up, or closed. */
function hearLane(point: Point, told: LaneDown): boolean {
  const lane = point.lanes.get(told.id);
  if (told.gone) {
    if (lane?.final !== undefined && lane.nonce === told.nonce) point.lanes.delete(told.id);
    return true;
  }
  if (lane === undefined || (lane.nonce !== undefined && lane.nonce !== told.nonce)) return false;
  lane.nonce = told.nonce;
  if (lane.final !== undefined) return true;
  credit(lane, told.granted);
  if (told.keep !== undefined) yieldTo(lane, told.keep);
  return true;
}

/** E2: what has not been got yet is had from now on. */
function credit(lane: PointLane, granted: Readonly<Cells>): void {
  for (const pool of poolsOf(granted)) {
    const more = unitsIn(granted, pool) - unitsIn(lane.got, pool);
    if (more <= 0) continue;
    addTo(lane.got, pool, more);
    addTo(lane.have, pool, more);
  }
}

function yieldTo(lane: PointLane, keep: Readonly<Cells>): void {
  for (const pool of poolsOf(keep)) {
    giveBack(lane, pool, unitsIn(lane.have, pool) - unitsIn(keep, pool));
  }
}

/** Closes an opening of which nothing was ever used here. Only the life that it was meant for can know that. */
const voided =
  (point: Point) =>
  ({ id, sku, nonce }: LaneDown): LaneUp => ({
    ...{ id, sku, nonce, got: undefined, back: {}, spent: {}, final: point.logged },
  });
