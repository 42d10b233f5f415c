import { type ActorKey, type HoldId, isRights, PRESALE, RIGHTS } from '../../../actors/ids.ts';
import type { HomeName, RightsChange } from '../../../actors/rights/acts.ts';
import { isBuried, lanesOf, rightsOut } from '../../../actors/rights/home.ts';
import { type HomeLane, outOf, pointOf } from '../../../actors/rights/lane.ts';
import { lifeOfPoint, type Point, type PointLane } from '../../../actors/rights/point.ts';
import { byKind, KINDS } from '../../../actors/rights/pools.ts';
import { onHand, WAITING } from '../../../actors/stock/balances.ts';
import { QUALIFIED } from '../../../actors/stock/commands.ts';
import { faults } from '../../../actors/stock/conserved.ts';
import { isOpen, openHold, promised, type StockState } from '../../../actors/stock/state.ts';
import type { JournalRecord } from '../../../engine/record.ts';
import { Failure } from '../failure.ts';
import { goodsIn, type JournalTruth, unitsOf } from './journal-truth.ts';
import { MOST_OVERSOLD } from './rulebook.ts';

/** What of a SKU is beyond its home, by the journals of all points. */
export interface Abroad {
  /** What points can sell, of their present lives. */
  have: number;
  /** Sold and not applied at home: by present lives, and by lives before. */
  pending: number;
  pendingOld: number;
  /** Granted and not got, given back and not heard. */
  onTheWay: number;
}

/** E1–E3 over all journals at once: after each record, of every SKU of the homes that it is about. */
export class Books {
  readonly #truths: ReadonlyMap<HomeName, JournalTruth>;
  readonly #points: readonly JournalTruth[];
  /** Units that wait for stock. */
  readonly #owed = new Map<ActorKey, number>();

  constructor(
    truths: ReadonlyMap<HomeName, JournalTruth>,
    regions: readonly string[],
    pointShard: number,
  ) {
    this.#truths = truths;
    this.#points = regions.map((r) => truths.get(`${r}.${pointShard}`) as JournalTruth);
  }

  /** After a record of this shard. */
  check(truth: JournalTruth, record: JournalRecord): void {
    const { body } = record;
    if (body.kind === 'owner') return this.#checkAll(truth);
    if (body.kind !== 'batch') return;
    const touched = new Map<JournalTruth, Set<ActorKey>>();
    const touch = (home: JournalTruth, skus: Iterable<ActorKey>): void => {
      const known = touched.get(home) ?? new Set();
      touched.set(home, known);
      for (const sku of skus) known.add(sku);
    };
    let mayOwe = truth.isRestored;
    for (const { outcome } of body.entries) {
      if (!outcome.ok) continue;
      for (const { key, event } of outcome.changes) {
        touch(truth, [key]);
        mayOwe ||= event.kind === 'adjusted' && event.qty < 0;
        // Goods in transit that will not come, or are put away first.
        mayOwe ||= event.kind === 'withdrawn' || (event.kind === 'received' && event.blocked > 0);
      }
      for (const change of 'rights' in outcome ? outcome.rights : []) {
        const home = this.#homeOf(truth, change);
        if (home !== undefined) touch(home, skusOf(change) ?? allOf(home));
        mayOwe ||= isLate(truth, change);
      }
    }
    for (const [home, skus] of touched) for (const sku of skus) this.#checkSku(home, sku, mayOwe);
  }

  /** The home whose rights a change is about; none for orders that were sent on. */
  #homeOf(truth: JournalTruth, { key }: RightsChange): JournalTruth | undefined {
    if (key === 'home') return truth;
    return key === 'orders' ? undefined : this.#truths.get(key.slice('of '.length) as HomeName);
  }

  #checkAll(truth: JournalTruth): void {
    for (const home of this.#truths.values()) {
      if (home === truth || home.state.rights.home.lanes.size > 0) this.#checkHome(home);
    }
  }

  #checkHome(truth: JournalTruth): void {
    for (const [sku] of truth.state.stockroom.entries()) this.#checkSku(truth, sku, true);
  }

  #checkSku(truth: JournalTruth, sku: ActorKey, mayOwe: boolean): void {
    const actor = truth.state.stockroom.get(sku);
    if (truth.isLimbo || actor === undefined) return;
    this.#checkDebt(sku, (actor.b[WAITING] ?? 0) - actor.presale - actor.oversell, mayOwe);
    const [fault] = faults(actor);
    if (fault !== undefined) throw new Failure(fault.slice(0, 2), `${sku}: ${fault}`);
    const { came, lost, shipped } = truth.units.get(sku) ?? { came: 0, lost: 0, shipped: 0 };
    const has = onHand(actor.b, QUALIFIED);
    if (came - lost - shipped !== has) {
      throw new Failure('S4 units', `${sku}: ${came} − ${lost} − ${shipped} ≠ ${has}`);
    }
    const { home } = truth.state.rights;
    const { stock, presale, oversell } = rightsOut(home, sku);
    const [rights, ahead] = [rightsIn(actor, RIGHTS), rightsIn(actor, PRESALE)];
    if (rights !== stock || ahead !== presale) {
      const are = `${stock} and ${presale} are out`;
      throw new Failure('E3 granted', `${sku}: ${rights} and ${ahead} granted, ${are}`);
    }
    if (oversell + actor.oversell > MOST_OVERSOLD && !truth.isRestored) {
      throw new Failure('E3 cap', `${sku}: ${oversell} and ${actor.oversell} of nothing`);
    }
    const out = stock + presale;
    if (home.waiting.size > 0) return;
    const abroad = this.abroad(truth, sku);
    this.#checkRights(truth, sku, out, abroad);
    const promises = heldIn(actor) + abroad.have + abroad.pending + abroad.pendingOld;
    const backing = has + (actor.b[WAITING] ?? 0) + (truth.booked.get(sku) ?? 0);
    if (promises > backing) {
      throw new Failure('E3 promises', `${sku}: ${promises} promised, ${backing} are behind them`);
    }
  }

  /** E3: what lacks stock grows only by a loss, by what a dead life turns out to have sold, or by a restore. */
  #checkDebt(sku: ActorKey, now: number, mayOwe: boolean): void {
    const was = this.#owed.get(sku) ?? 0;
    this.#owed.set(sku, now);
    if (now > was && !mayOwe) {
      throw new Failure('E3 debt', `${sku} owes ${now}, not ${was}, by itself`);
    }
  }

  /** What is out at home is what points have, have sold unheard, or is on its way; and what dead lives had. */
  #checkRights(truth: JournalTruth, sku: ActorKey, out: number, abroad: Abroad): void {
    const { have, pending, pendingOld, onTheWay } = abroad;
    let dead = 0;
    for (const row of lanesOf(truth.state.rights.home, sku)) {
      if (!row.isWrittenOff && this.#twin(truth, row) === undefined) {
        dead += outOf(row).stock + outOf(row).presale;
      }
    }
    const booked = truth.booked.get(sku) ?? 0;
    if (have + pending + onTheWay !== out - dead) {
      const sum = `${have} + ${pending} + ${onTheWay}`;
      throw new Failure('E2 rights', `${sku}: ${out} are out, ${dead} with the dead, not ${sum}`);
    }
    if (pendingOld > dead + booked) {
      throw new Failure('E2 relics', `${sku}: the dead sold ${pendingOld}, had ${dead + booked}`);
    }
  }

  /** The present life's account to which a lane at home belongs; undefined where that life is over. */
  #twin(truth: JournalTruth, row: HomeLane): Point | undefined {
    const point = this.#pointAt(pointOf(row.life), truth.home);
    return point !== undefined && lifeOfPoint(point) === row.life ? point : undefined;
  }

  #pointAt(name: string, home: HomeName): Point | undefined {
    const point = this.#points.find(({ region }) => region === name);
    return point?.isLimbo === false ? point.state.rights.points.get(home) : undefined;
  }

  abroad(truth: JournalTruth, sku: ActorKey): Abroad {
    const { home } = truth.state.rights;
    const abroad = { have: 0, pending: 0, pendingOld: 0, onTheWay: 0 };
    for (const at of this.#points) {
      const point = at.state.rights.points.get(truth.home);
      if (point === undefined || at.isLimbo) continue;
      const life = lifeOfPoint(point);
      if (isBuried(home, life)) throw new Failure('E4 life', `${life} lives, and is buried`);
      for (const lane of point.lanes.values()) {
        if (lane.sku === sku) abroad.have += haveOf(lane);
      }
      abroad.pending += unitsOf(at.pendingOf(point, truth), sku);
      for (const { life: old, log } of point.relics) {
        const cursor = truth.cursors.get(old) ?? 0;
        abroad.pendingOld += unitsOf(
          log.filter(({ n }) => n > cursor),
          sku,
        );
      }
    }
    for (const row of lanesOf(home, sku)) {
      const point = this.#twin(truth, row);
      if (point === undefined || row.isWrittenOff) continue;
      const lane = twinLane(point, row);
      abroad.onTheWay += onTheWay(row, lane);
    }
    return abroad;
  }
}

/** SKUs that a change is about; undefined where it may be any. */
function skusOf({ event }: RightsChange): ActorKey[] | undefined {
  if (event.is === 'wished' || event.is === 'closed') return [...event.skus];
  if (event.is !== 'heard') return undefined;
  if ('down' in event) return event.down.ask ? undefined : event.down.lanes.map(({ sku }) => sku);
  const { lanes, log, attach, ended } = event.up;
  const isWhole = attach !== undefined || ended !== undefined;
  return isWhole ? undefined : [...lanes, ...log].map(({ sku }) => sku);
}

const allOf = ({ state }: JournalTruth): ActorKey[] =>
  [...state.stockroom.entries()].map(([sku]) => sku);

/** A sale of a life that was buried. */
const isLate = (truth: JournalTruth, { event }: RightsChange): boolean =>
  event.is === 'heard' && 'up' in event && isBuried(truth.state.rights.home, event.up.life);

/** E1, E2 of one lane at its point, of each kind and pool. Returns what it has of goods. */
function haveOf({ id, have, got, back, spent }: PointLane): number {
  for (const pool in have) {
    const units = have[pool as keyof typeof have] ?? 0;
    if (units < 0) throw new Failure('E1', `${id} has ${units} of ${pool}`);
  }
  const [has, g, b, u] = [byKind(have), byKind(got), byKind(back), byKind(spent)];
  for (const kind of KINDS) {
    if (has[kind] === g[kind] - b[kind] - u[kind]) continue;
    throw new Failure('E2 have', `${id}: ${has[kind]} ≠ ${g[kind]} − ${b[kind]} − ${u[kind]}`);
  }
  return goodsIn(have);
}

function twinLane(point: Point, row: HomeLane): PointLane | undefined {
  const lane = point.lanes.get(row.id);
  return lane?.nonce !== undefined && lane.nonce !== row.nonce ? undefined : lane;
}

/** No side believes more of the other's cells than the other wrote (E2). */
function onTheWay(row: HomeLane, lane: PointLane | undefined): number {
  const [granted, back] = [goodsIn(row.granted), goodsIn(row.back)];
  const got = lane === undefined ? 0 : goodsIn(lane.got);
  const given = lane === undefined ? 0 : goodsIn(lane.back);
  const spent = lane === undefined ? 0 : goodsIn(lane.spent);
  const say = (what: string) => new Failure('E2 views', `${row.id}: ${what}`);
  if (got > granted) throw say(`got ${got} of ${granted} granted`);
  if (back > given) throw say(`${back} came back, ${given} were given`);
  if (goodsIn(row.arrived) > spent) throw say('more sales arrived than were made');
  return granted - got + given - back;
}

const rightsIn = (actor: StockState, id: HoldId): number => {
  const hold = openHold(actor, id);
  return hold === undefined ? 0 : promised(hold);
};

/** Units of open holds that have not left. */
function heldIn({ holds }: StockState): number {
  let sum = 0;
  for (const [id, hold] of holds ?? []) {
    if (!isRights(id) && isOpen(hold)) sum += promised(hold) + hold.picked + hold.packed;
  }
  return sum;
}
