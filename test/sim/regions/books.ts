import { type ActorKey, RIGHTS } from '../../../actors/ids.ts';
import type { HomeName } from '../../../actors/rights/acts.ts';
import { isBuried, lanesOf, rightsOut } from '../../../actors/rights/home.ts';
import { type HomeLane, outOf, pointOf } from '../../../actors/rights/lane.ts';
import { lifeOfPoint, type Point, type PointLane } from '../../../actors/rights/point.ts';
import { byKind } from '../../../actors/rights/pools.ts';
import { onHand, WAITING } from '../../../actors/stock/balances.ts';
import { QUALIFIED } from '../../../actors/stock/commands.ts';
import { faults } from '../../../actors/stock/conserved.ts';
import { isOpen, openHold, promised, type StockState } from '../../../actors/stock/state.ts';
import type { JournalRecord } from '../../../engine/record.ts';
import { Failure } from '../failure.ts';
import { type JournalTruth, unitsOf } from './journal-truth.ts';

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

  constructor(
    truths: ReadonlyMap<HomeName, JournalTruth>,
    regions: readonly string[],
    pointShard: number,
  ) {
    this.#truths = truths;
    this.#points = regions.map((r) => truths.get(`${r}.${pointShard}`) as JournalTruth);
  }

  /** Units that wait for stock, by SKU. */
  debts(home: JournalTruth): Map<ActorKey, number> {
    const debts = new Map<ActorKey, number>();
    for (const [sku, { b }] of home.state.stockroom.entries()) debts.set(sku, b[WAITING] ?? 0);
    return debts;
  }

  check(truth: JournalTruth, record: JournalRecord, owed: ReadonlyMap<ActorKey, number>): void {
    const { body } = record;
    if (body.kind === 'owner') return this.#checkAll(truth);
    if (body.kind !== 'batch') return;
    const homes = new Set<JournalTruth>();
    let mayOwe = truth.isRestored;
    for (const { outcome } of body.entries) {
      if (!outcome.ok) continue;
      if (outcome.changes.length > 0) homes.add(truth);
      mayOwe ||= outcome.changes.some(({ event: { kind, qty } }) => kind === 'adjusted' && qty < 0);
      for (const { key, event } of 'rights' in outcome ? outcome.rights : []) {
        if (key === 'home') homes.add(truth);
        else if (key !== 'orders')
          homes.add(this.#truths.get(key.slice(3) as HomeName) as JournalTruth);
        if (event.is === 'heard' && 'up' in event) {
          mayOwe ||= isBuried(truth.state.rights.home, event.up.life);
        }
      }
    }
    for (const home of homes) this.#checkHome(home);
    for (const [sku, was] of mayOwe ? [] : owed) {
      const now = truth.waitingUnits(sku);
      if (now > was) throw new Failure('E3 debt', `${sku} owes ${now}, not ${was}, by itself`);
    }
  }

  #checkAll(truth: JournalTruth): void {
    for (const home of this.#truths.values()) {
      if (home === truth || home.state.rights.home.lanes.size > 0) this.#checkHome(home);
    }
  }

  #checkHome(truth: JournalTruth): void {
    if (truth.isLimbo) return;
    for (const [sku, actor] of truth.state.stockroom.entries()) this.#checkSku(truth, sku, actor);
  }

  #checkSku(truth: JournalTruth, sku: ActorKey, actor: StockState): void {
    const [fault] = faults(actor);
    if (fault !== undefined) throw new Failure(fault.slice(0, 2), `${sku}: ${fault}`);
    const { came, lost, shipped } = truth.units.get(sku) ?? { came: 0, lost: 0, shipped: 0 };
    const has = onHand(actor.b, QUALIFIED);
    if (came - lost - shipped !== has) {
      throw new Failure('S4 units', `${sku}: ${came} − ${lost} − ${shipped} ≠ ${has}`);
    }
    const { home } = truth.state.rights;
    const rights = rightsIn(actor);
    const out = rightsOut(home, sku).stock;
    if (rights !== out)
      throw new Failure('E3 granted', `${sku}: ${rights} granted, ${out} are out`);
    if (home.waiting.size > 0) return;
    const abroad = this.abroad(truth, sku);
    this.#checkRights(truth, sku, out, abroad);
    const promises = heldIn(actor) + abroad.have + abroad.pending + abroad.pendingOld;
    const backing = has + (actor.b[WAITING] ?? 0) + (truth.booked.get(sku) ?? 0);
    if (promises > backing) {
      throw new Failure('E3 promises', `${sku}: ${promises} promised, ${backing} are behind them`);
    }
  }

  /** What is out at home is what points have, have sold unheard, or is on its way; and what dead lives had. */
  #checkRights(truth: JournalTruth, sku: ActorKey, out: number, abroad: Abroad): void {
    const { have, pending, pendingOld, onTheWay } = abroad;
    let dead = 0;
    for (const row of lanesOf(truth.state.rights.home, sku)) {
      if (!isBuried(truth.state.rights.home, row.life) && this.#twin(truth, row) === undefined) {
        dead += outOf(row).stock;
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
      if (point === undefined || isBuried(home, row.life)) continue;
      const lane = twinLane(point, row);
      abroad.onTheWay += onTheWay(row, lane);
    }
    return abroad;
  }
}

/** E1, E2 of one lane at its point. */
function haveOf({ id, have, got, back, spent }: PointLane): number {
  const [units, g, b, u] = [have, got, back, spent].map((cells) => byKind(cells).stock) as [
    number,
    number,
    number,
    number,
  ];
  if (units < 0) throw new Failure('E1', `${id} has ${units}`);
  if (units !== g - b - u) throw new Failure('E2 have', `${id}: ${units} ≠ ${g} − ${b} − ${u}`);
  return units;
}

function twinLane(point: Point, row: HomeLane): PointLane | undefined {
  const lane = point.lanes.get(row.id);
  return lane?.nonce !== undefined && lane.nonce !== row.nonce ? undefined : lane;
}

/** No side believes more of the other's cells than the other wrote (E2). */
function onTheWay(row: HomeLane, lane: PointLane | undefined): number {
  const [granted, back] = [byKind(row.granted).stock, byKind(row.back).stock];
  const got = lane === undefined ? 0 : byKind(lane.got).stock;
  const given = lane === undefined ? 0 : byKind(lane.back).stock;
  const spent = lane === undefined ? 0 : byKind(lane.spent).stock;
  const say = (what: string) => new Failure('E2 views', `${row.id}: ${what}`);
  if (got > granted) throw say(`got ${got} of ${granted} granted`);
  if (back > given) throw say(`${back} came back, ${given} were given`);
  if (byKind(row.arrived).stock > spent) throw say('more sales arrived than were made');
  return granted - got + given - back;
}

const rightsIn = (actor: StockState): number => {
  const hold = openHold(actor, RIGHTS);
  return hold === undefined ? 0 : promised(hold);
};

/** Units of open holds that have not left. */
function heldIn({ holds }: StockState): number {
  let sum = 0;
  for (const [id, hold] of holds ?? []) {
    if (id !== RIGHTS && isOpen(hold)) sum += promised(hold) + hold.picked + hold.packed;
  }
  return sum;
}
