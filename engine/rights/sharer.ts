import { type ActorKey, RIGHTS } from '../../actors/ids.ts';
import { type Grant, type HomeName, type Keep, SHARED } from '../../actors/rights/acts.ts';
import { free, lanesOf, openLaneOf } from '../../actors/rights/home.ts';
import { homeFigures } from '../../actors/rights/home-stock.ts';
import { type LaneId, type LifeId, outOf, pointOf } from '../../actors/rights/lane.ts';
import { total } from '../../actors/rights/pools.ts';
import {
  asked,
  type Demand,
  fill,
  flashLevels,
  flashRecall,
  flashSplit,
  type Level,
  levelsOf,
  type Move,
  movesOf,
  NO_DEMAND,
  richestFirst,
  type Seller,
} from '../../actors/rights/sharing.ts';
import { openHold } from '../../actors/stock/state.ts';
import type { Clock } from '../clock.ts';
import type { ShardState } from '../state.ts';
import { Flashes } from './flash.ts';
import type { News } from './messages.ts';

/** An order at a point waits for units of a SKU. */
export interface Waiting {
  readonly point: string;
  readonly life: LifeId;
  readonly sku: ActorKey;
  /** Of its lane, granted in all. */
  readonly upTo: number;
  /** Enough for one of the orders. */
  readonly least: number;
  readonly untilMs: number;
}

/** Whether orders wait for a SKU at a point. */
export type IsWaiting = (point: string, sku: ActorKey) => boolean;

/** What home would do: acts of the journal, and what to tell where nothing more can come. */
export interface Sharing {
  readonly grants: Grant[];
  readonly keeps: Keep[];
  readonly news: (readonly [point: string, News])[];
}

export const noSharing = (): Sharing => ({ grants: [], keeps: [], news: [] });

/** Since home heard of a point, ms; −1 where it never has. */
export type Silence = (point: string) => number;

/**
 * The sharing policy of one home, with what it knows of demand: all of that may be lost. What it
 * wants is a wish; the shard grants what is free when the act is decided.
 */
export class Sharer {
  readonly #home: HomeName;
  readonly #clock: Clock;
  readonly #silence: Silence;
  readonly #isHeard: (point: string) => boolean;
  /** By SKU and place, `''` for home itself. */
  readonly #demand = new Map<ActorKey, Map<string, Demand>>();

  readonly #flashes: Flashes;

  constructor(home: HomeName, clock: Clock, silence: Silence, isHeard: (point: string) => boolean) {
    this.#home = home;
    this.#clock = clock;
    this.#silence = silence;
    this.#isHeard = isHeard;
    this.#flashes = new Flashes(clock);
  }

  /** Units were asked for at home. */
  asked(sku: ActorKey, qty: number): void {
    const demands = this.#demandOf(sku);
    demands.set('', asked(demands.get('') ?? NO_DEMAND, qty, this.#clock.monoMs()));
  }

  /** What a point says of its demand, as of now. */
  heard(sku: ActorKey, point: string, units: number): void {
    this.#demandOf(sku).set(point, { units, atMs: this.#clock.monoMs() });
  }

  #demandOf(sku: ActorKey): Map<string, Demand> {
    let demands = this.#demand.get(sku);
    if (demands === undefined) {
      demands = new Map();
      this.#demand.set(sku, demands);
    }
    return demands;
  }

  /**
   * For orders that wait: grants of what is free, recalls of the rest, as far as there is enough for one of them; and word
   * where there is not enough for all. Of two points that both wait, the first by name may take from the other.
   */
  serve(state: ShardState, waiting: Waiting, waits: IsWaiting, into: Sharing): void {
    const { home } = state.rights;
    const { point, life, sku } = waiting;
    const lane = openLaneOf(home, life, sku);
    const lack = lackOf(state, waiting);
    if (lane === undefined || lack <= 0) return;
    let granted = 0;
    for (const { lane: id, qty } of into.grants)
      if (home.lanes.get(id)?.sku === sku) granted += qty;
    const has = Math.max(0, freeOf(state, sku) - granted);
    const others = this.#sellers(state, sku).filter(({ name }) => name !== point);
    const near = others.filter(({ name }) => this.#isHeard(name));
    const spare = near.filter(({ name }) => point < name || !waits(name, sku));
    const least = lack - (waiting.upTo - waiting.least);
    const most = has + unitsOf(spare);
    const need = Math.min(lack, most);
    const more = need > has ? this.#toEven(state, sku, point, lack, spare) : 0;
    const plan = most < least ? undefined : fill(need + more, has, spare);
    const give = plan === undefined ? 0 : this.#withLevel(state, sku, point, plan.fromHome, has);
    if (give > 0) into.grants.push({ lane: lane.id, pool: SHARED, qty: give });
    const isFlash = this.#isFlash(sku);
    const recalls = plan === undefined || !isFlash ? plan?.recalls : flash(spare, plan);
    for (const { name, qty } of recalls ?? []) {
      into.keeps.push(...keepsOf(state, sku, name, -qty));
    }
    if (give >= lack) return;
    const known = others
      .filter(({ have }) => have > 0)
      .map(({ name, have }) => [name, have, this.#silence(name)] as const);
    const isShort = lack > has + unitsOf(near);
    const own = { granted: total(lane.granted) + give, back: total(lane.back) };
    const news = { sku, isShort, isFlash, free: has - give, ...own, others: known };
    into.news.push([point, news]);
  }

  /** More is promised than there is: rights that are out with nothing behind them come back first (S7). */
  recall(state: ShardState, sku: ActorKey, into: Sharing): void {
    let left = atRiskOf(state, sku);
    for (const { name, have } of richestFirst(this.#sellers(state, sku))) {
      const some = Math.min(left, have);
      if (some <= 0) return;
      into.keeps.push(...keepsOf(state, sku, name, some));
      left -= some;
    }
  }

  /** The start of a flash sale at these points: all there is but a reserve, by what each usually sells. */
  split(state: ShardState, sku: ActorKey, lanes: ReadonlyMap<string, LaneId>, into: Sharing): void {
    const weights = new Map<string, number>();
    const home = this.#seller(sku, '', freeOf(state, sku), lanes.size);
    const levels = levelsOf(home, this.#sellers(state, sku), this.#clock.monoMs());
    for (const { name, share } of levels) weights.set(name, share);
    for (const name of lanes.keys()) if (!weights.has(name)) weights.set(name, 1 / lanes.size);
    for (const { name, qty } of flashSplit(freeOf(state, sku), weights)) {
      const lane = lanes.get(name);
      if (lane !== undefined) into.grants.push({ lane, pool: SHARED, qty });
    }
  }

  #isFlash(sku: ActorKey): boolean {
    return this.#flashes.weights(sku) !== undefined;
  }

  /** From now on, for so long, what is left goes where it is asked for, and a dry home recalls in halves. */
  flash(sku: ActorKey, forMs: number): void {
    this.#flashes.begin(sku, forMs);
  }

  /** SKUs of flash sales. */
  get flashing(): ActorKey[] {
    return this.#flashes.skus;
  }

  /** A dry home recalls more than an order lacks: what others have beyond their levels, as far as this point is below its own. */
  #toEven(
    state: ShardState,
    sku: ActorKey,
    point: string,
    lack: number,
    spare: readonly Seller[],
  ): number {
    let [below, surplus] = [0, 0];
    for (const { name, have, want } of this.#levels(state, sku)) {
      if (name === point) below = want - have - lack;
      else if (spare.some((one) => one.name === name)) surplus += Math.max(0, have - want);
    }
    return Math.max(0, Math.min(below, surplus));
  }

  /** Home gives more than an order lacks while it has enough: up to what the point should have. */
  #withLevel(state: ShardState, sku: ActorKey, point: string, lack: number, has: number): number {
    const level = this.#levels(state, sku).find(({ name }) => name === point);
    const more = level === undefined ? 0 : level.want - level.have - lack;
    return lack + Math.max(0, Math.min(more, has - lack));
  }

  /** What the policy would move of a SKU now. `lifeOf`: the life that a point is in. */
  even(
    state: ShardState,
    sku: ActorKey,
    lifeOf: (point: string) => LifeId | undefined,
    into: Sharing,
  ): void {
    this.#flashes.look(sku, this.#sellers(state, sku));
    const levels = this.#levels(state, sku).filter(({ name }) => this.#isHeard(name));
    for (const { name, qty } of movesOf(levels, freeOf(state, sku))) {
      const life = lifeOf(name);
      const lane = life && openLaneOf(state.rights.home, life, sku);
      if (qty < 0) into.keeps.push(...keepsOf(state, sku, name, -qty));
      else if (lane !== undefined) into.grants.push({ lane: lane.id, pool: SHARED, qty });
    }
  }

  /** How a SKU is shared, and why. */
  explain(state: ShardState, sku: ActorKey, waiting: Iterable<Waiting>): Explained {
    const points = this.#levels(state, sku).map((level) => ({
      ...level,
      silentMs: this.#silence(level.name),
    }));
    const lacking: { point: string; lack: number }[] = [];
    for (const one of waiting) {
      if (one.sku === sku) lacking.push({ point: one.point, lack: lackOf(state, one) });
    }
    const { waiting: awaited } = state.rights.home;
    return {
      ...{ home: this.#home, sku, free: freeOf(state, sku), points, waiting: lacking },
      atRisk: atRiskOf(state, sku),
      awaits: [...awaited],
    };
  }

  /** Points that have lanes of a SKU, with what home thinks that they have. */
  #sellers(state: ShardState, sku: ActorKey): Seller[] {
    const { home } = state.rights;
    const have = new Map<string, number>();
    for (const lane of lanesOf(home, sku)) {
      if (home.lives.get(lane.life)?.state === 'buried') continue;
      const name = pointOf(lane.life);
      have.set(name, (have.get(name) ?? 0) + outOf(lane).stock);
    }
    return [...have].map(([name, units]) => this.#seller(sku, name, units, have.size));
  }

  #seller(sku: ActorKey, name: string, have: number, points: number): Seller {
    const demand = this.#demand.get(sku)?.get(name) ?? NO_DEMAND;
    return { name, have, demand, usualShare: 1 / (points + 1) };
  }

  #levels(state: ShardState, sku: ActorKey): Level[] {
    const points = this.#sellers(state, sku);
    const weights = this.#flashes.weights(sku);
    if (weights !== undefined) return flashLevels(freeOf(state, sku), points, weights);
    const own = this.#seller(sku, '', freeOf(state, sku), points.length);
    return levelsOf(own, points, this.#clock.monoMs());
  }
}

const unitsOf = (sellers: readonly Seller[]): number =>
  sellers.reduce((sum, { have }) => sum + have, 0);

/** At least what is lacking, and half of what the richest has: a dry home is asked again at once. */
function flash(
  others: readonly Seller[],
  { recalls }: { readonly recalls: readonly Move[] },
): readonly Move[] {
  const half = recalls.length === 0 ? undefined : flashRecall(others);
  if (half === undefined) return recalls;
  const more = recalls.filter(({ name, qty }) => name !== half.name || qty < half.qty);
  return more.some(({ name }) => name === half.name) ? more : [half, ...more];
}

/** Rights that are out and have no stock behind them. */
export const atRiskOf = ({ stockroom }: ShardState, sku: ActorKey): number => {
  const state = stockroom.get(sku);
  return (state && openHold(state, RIGHTS)?.waiting) ?? 0;
};

/** What home may sell or grant of a SKU. */
const freeOf = ({ rights, stockroom }: ShardState, sku: ActorKey): number =>
  free(rights.home, sku, homeFigures(stockroom, sku)).stock;

/** What an order that waits still lacks. */
export function lackOf({ rights }: ShardState, { life, sku, upTo }: Waiting): number {
  const lane = openLaneOf(rights.home, life, sku);
  return lane === undefined ? 0 : upTo - total(lane.granted);
}

/** `back` units of a point, as what it may keep. */
function keepsOf({ rights }: ShardState, sku: ActorKey, point: string, back: number): Keep[] {
  let left = back;
  const keeps: Keep[] = [];
  for (const lane of lanesOf(rights.home, sku)) {
    const has = outOf(lane).stock;
    const some = pointOf(lane.life) === point ? Math.min(left, has) : 0;
    if (some <= 0) continue;
    keeps.push({ lane: lane.id, keep: { [SHARED]: has - some } });
    left -= some;
  }
  return keeps;
}

/** One SKU at one home: who has what, wants what, and why. */
export interface Explained {
  readonly home: HomeName;
  readonly sku: ActorKey;
  /** Units that home may sell or grant. */
  readonly free: number;
  /** Of what points have: with no stock behind it. */
  readonly atRisk: number;
  /** `silentMs`: since home heard of the point; −1 where it never has. */
  readonly points: readonly (Level & { readonly silentMs: number })[];
  readonly waiting: readonly { readonly point: string; readonly lack: number }[];
  /** Points and lives that a restored home has not heard. */
  readonly awaits: readonly string[];
}
