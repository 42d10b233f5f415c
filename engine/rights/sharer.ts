import { type ActorKey, PRESALE, RIGHTS } from '../../actors/ids.ts';
import { type Grant, type HomeName, type Keep, SHARED } from '../../actors/rights/acts.ts';
import { openLaneOf } from '../../actors/rights/home.ts';
import { type LaneId, type LifeId, pointOf } from '../../actors/rights/lane.ts';
import type { PoolLevel } from '../../actors/rights/plan.ts';
import { type Kind, kindOf, type PoolId, unitsInAll } from '../../actors/rights/pools.ts';
import {
  fill,
  flashLevels,
  flashRecall,
  flashSplit,
  type Level,
  levelsOf,
  type Move,
  movesOf,
  richestFirst,
  type Seller,
} from '../../actors/rights/sharing.ts';
import { backed, openHold } from '../../actors/stock/state.ts';
import type { Clock } from '../clock.ts';
import { NO_USUAL, type Usual, type UsualShares } from '../scheduling/usual.ts';
import type { ShardState } from '../state.ts';
import { Demands, shared } from './demands.ts';
import { Flashes } from './flash.ts';
import type { News } from './messages.ts';
import {
  beyondCapNow,
  excessOf,
  type Goods,
  grantedOf,
  grantsOf,
  haveOf,
  keepsOf,
  levelsNow,
  roomOf,
} from './pooled.ts';

/** An order at a point waits for units of a SKU. */
export interface Waiting extends Goods {
  readonly point: string;
  readonly life: LifeId;
  /** Of these pools of its lane, granted in all. */
  readonly upTo: number;
  /** Enough for one of the orders. */
  readonly least: number;
  readonly untilMs: number;
}

/** Whether orders wait for such goods at a point. */
export type IsWaiting = (point: string, goods: Goods) => boolean;

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
  readonly #usual: UsualShares;
  readonly demands: Demands;
  readonly #flashes: Flashes;

  constructor(
    home: HomeName,
    clock: Clock,
    silence: Silence,
    isHeard: (point: string) => boolean,
    usual = NO_USUAL,
  ) {
    this.#home = home;
    this.#clock = clock;
    this.#silence = silence;
    this.#isHeard = isHeard;
    this.#usual = usual;
    this.demands = new Demands(clock);
    this.#flashes = new Flashes(clock);
  }

  /**
   * For orders that wait: grants of what is free, recalls of the rest, as far as there is enough for one of them; and word
   * where there is not enough for all. Of two points that both wait, the first by name may take from the other.
   */
  serve(state: ShardState, waiting: Waiting, waits: IsWaiting, into: Sharing): void {
    const { point, life, sku } = waiting;
    const lane = openLaneOf(state.rights.home, life, sku);
    const lack = lackOf(state, waiting);
    if (lane === undefined || lack <= 0) return;
    const granted = grantedOf(
      state,
      into.grants,
      (row, pool) => row.sku === sku && waiting.pools.includes(pool),
    );
    const has = Math.max(0, roomOf(state, waiting, this.#nowMs) - granted);
    const others = this.#sellers(state, waiting).filter(({ name }) => name !== point);
    const near = others.filter(({ name }) => this.#isHeard(name));
    const spare = near.filter(({ name }) => point < name || !waits(name, waiting));
    const least = lack - (waiting.upTo - waiting.least);
    const most = has + unitsOf(spare);
    const need = Math.min(lack, most);
    const more = need > has ? this.#toEven(state, waiting, point, lack, spare) : 0;
    const plan = most < least ? undefined : fill(need + more, has, spare);
    const give = plan === undefined ? 0 : this.#withLevel(state, waiting, plan.fromHome, has);
    if (give > 0) {
      into.grants.push(...grantsOf(state, waiting, lane.id, give, this.#nowMs, into.grants));
    }
    const isFlash = this.#isFlash(sku);
    const recalls = plan === undefined || !isFlash ? plan?.recalls : flash(spare, plan);
    for (const { name, qty } of recalls ?? []) {
      into.keeps.push(...keepsOf(state, waiting, name, -qty, this.#nowMs));
    }
    if (give >= lack) return;
    const { pools } = waiting;
    const known: [name: string, units: number, silentMs: number][] = [];
    let reachable = has;
    for (const { name, have } of others) {
      const units = have + grantedTo(state, into.grants, waiting, name);
      if (units > 0) known.push([name, units, this.#silence(name)]);
      if (this.#isHeard(name)) reachable += units;
    }
    const isShort = lack > reachable;
    const own = {
      granted: unitsInAll(lane.granted, pools) + give,
      back: unitsInAll(lane.back, pools),
    };
    const news = { sku, pools, isShort, isFlash, free: has - give, ...own, others: known };
    into.news.push([point, news]);
  }

  get #nowMs(): number {
    return this.#clock.wallMs();
  }

  /**
   * Rights that are out with nothing behind them come back first (S7); then those of pools that have more than their part,
   * where another pool lacks it; those of a pre-sale whose goods have come: they are sold from the shelf from now on; and those
   * beyond what the rules now let be promised. False where there is nothing to ask for.
   */
  recall(state: ShardState, sku: ActorKey, into: Sharing): boolean {
    const levels = levelsNow(state, sku, this.#nowMs);
    const ofKind = (kind: Kind): PoolId[] =>
      levels.map(({ pool }) => pool).filter((pool) => kindOf(pool) === kind);
    const atRisk = atRiskOf(state, sku);
    const excess = excessOf(levels);
    const arrived = arrivedOf(state, sku);
    this.#take(state, { sku, pools: ofKind('stock') }, atRisk.stock, into);
    this.#take(state, { sku, pools: ofKind('presale') }, atRisk.presale, into);
    for (const { pool, out, quota } of excess) {
      this.#take(state, { sku, pools: [pool] }, out - quota, into);
    }
    this.#take(state, { sku, pools: ofKind('presale') }, arrived, into);
    let beyond = 0;
    for (const kind of ['presale', 'oversell'] as const) {
      const some = beyondCapNow(state, sku, kind);
      beyond += some;
      this.#take(state, { sku, pools: ofKind(kind) }, some, into);
    }
    return atRisk.stock + atRisk.presale + arrived + beyond > 0 || excess.length > 0;
  }

  #take(state: ShardState, goods: Goods, qty: number, into: Sharing): void {
    let left = qty;
    for (const { name, have } of left > 0 ? richestFirst(this.#sellers(state, goods)) : []) {
      const some = Math.min(left, have);
      if (some <= 0) return;
      into.keeps.push(...keepsOf(state, goods, name, some, this.#nowMs));
      left -= some;
    }
  }

  /** The start of a flash sale at these points: all there is but a reserve, by what each usually sells. */
  split(state: ShardState, sku: ActorKey, lanes: ReadonlyMap<string, LaneId>, into: Sharing): void {
    const weights = new Map<string, number>();
    const goods = shared(sku);
    const free = roomOf(state, goods, this.#nowMs);
    const names = ['', ...lanes.keys()];
    const home = this.#seller(goods, '', free, names);
    const levels = levelsOf(home, this.#sellers(state, goods), this.#clock.monoMs());
    for (const { name, share } of levels) weights.set(name, share);
    for (const name of lanes.keys()) {
      if (!weights.has(name)) weights.set(name, this.#usual.of(sku, name, names).share);
    }
    for (const { name, qty } of flashSplit(free, weights)) {
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
    goods: Goods,
    point: string,
    lack: number,
    spare: readonly Seller[],
  ): number {
    let [below, surplus] = [0, 0];
    for (const { name, have, want } of this.#levels(state, goods)) {
      if (name === point) below = want - have - lack;
      else if (spare.some((one) => one.name === name)) surplus += Math.max(0, have - want);
    }
    return Math.max(0, Math.min(below, surplus));
  }

  /** Home gives more than an order lacks while it has enough: up to what the point should have. */
  #withLevel(state: ShardState, waiting: Waiting, lack: number, has: number): number {
    const { point } = waiting;
    const level = this.#levels(state, waiting).find(({ name }) => name === point);
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
    this.#flashes.look(sku, this.#sellers(state, shared(sku)));
    for (const { pool } of levelsNow(state, sku, this.#nowMs)) {
      this.#evenPool(state, { sku, pools: [pool] }, lifeOf, into);
    }
  }

  #evenPool(
    state: ShardState,
    goods: Goods,
    lifeOf: (point: string) => LifeId | undefined,
    into: Sharing,
  ): void {
    const levels = this.#levels(state, goods).filter(({ name }) => this.#isHeard(name));
    for (const { name, qty } of movesOf(levels, roomOf(state, goods, this.#nowMs))) {
      const life = lifeOf(name);
      const lane = life && openLaneOf(state.rights.home, life, goods.sku);
      if (qty < 0) into.keeps.push(...keepsOf(state, goods, name, -qty, this.#nowMs));
      else if (lane !== undefined) {
        into.grants.push(...grantsOf(state, goods, lane.id, qty, this.#nowMs, into.grants));
      }
    }
  }

  /** How a SKU is shared, and why. */
  explain(state: ShardState, sku: ActorKey, waiting: Iterable<Waiting>): Explained {
    const pools = levelsNow(state, sku, this.#nowMs).map((level): ExplainedPool => {
      const goods = { sku, pools: [level.pool] };
      const levels = this.#levels(state, goods);
      const names = ['', ...levels.map(({ name }) => name)];
      const points = levels.map((one) => ({
        ...one,
        silentMs: this.#silence(one.name),
        usual: this.#usual.of(sku, one.name, names),
      }));
      return { ...level, free: roomOf(state, goods, this.#nowMs), points };
    });
    const lacking: { point: string; lack: number }[] = [];
    for (const one of waiting) {
      if (one.sku === sku) lacking.push({ point: one.point, lack: lackOf(state, one) });
    }
    const { waiting: awaited } = state.rights.home;
    const atRisk = atRiskOf(state, sku);
    return {
      ...{ home: this.#home, sku, pools, waiting: lacking },
      atRisk: atRisk.stock + atRisk.presale,
      awaits: [...awaited],
    };
  }

  /** Points that have lanes of a SKU, with what home thinks that they have of these pools. */
  #sellers(state: ShardState, goods: Goods): Seller[] {
    const have = haveOf(state, goods, this.#nowMs);
    const names = ['', ...have.keys()];
    return [...have].map(([name, units]) => this.#seller(goods, name, units, names));
  }

  #seller(goods: Goods, name: string, have: number, sellers: readonly string[]): Seller {
    const usualShare = this.#usual.of(goods.sku, name, sellers).share;
    return { name, have, demand: this.demands.at(goods, name), usualShare };
  }

  #levels(state: ShardState, goods: Goods): Level[] {
    const points = this.#sellers(state, goods);
    const weights = this.#flashes.weights(goods.sku);
    const free = roomOf(state, goods, this.#nowMs);
    if (weights !== undefined && goods.pools[0] === SHARED) {
      return flashLevels(free, points, weights);
    }
    const names = ['', ...points.map(({ name }) => name)];
    return levelsOf(this.#seller(goods, '', free, names), points, this.#clock.monoMs());
  }
}

const unitsOf = (sellers: readonly Seller[]): number =>
  sellers.reduce((sum, { have }) => sum + have, 0);

/** Units that a point is granted in the same turn, before anybody else is served: they are with it from then on. */
const grantedTo = (
  state: ShardState,
  grants: readonly Grant[],
  { sku, pools }: Goods,
  point: string,
): number =>
  grantedOf(
    state,
    grants,
    (row, pool) => row.sku === sku && pointOf(row.life) === point && pools.includes(pool),
  );

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

/** Rights that are out and have neither stock nor goods in transit behind them. */
function atRiskOf({ stockroom }: ShardState, sku: ActorKey): Record<'stock' | 'presale', number> {
  const state = stockroom.get(sku);
  const ahead = state && openHold(state, PRESALE);
  return {
    stock: (state && openHold(state, RIGHTS)?.waiting) ?? 0,
    presale: ahead === undefined ? 0 : ahead.waiting - ahead.presale,
  };
}

/** Rights of a pre-sale that are out, and whose goods have come. */
function arrivedOf({ stockroom }: ShardState, sku: ActorKey): number {
  const state = stockroom.get(sku);
  const ahead = state && openHold(state, PRESALE);
  return ahead === undefined ? 0 : backed(ahead);
}

/** What an order that waits still lacks. */
export function lackOf({ rights }: ShardState, { life, sku, pools, upTo }: Waiting): number {
  const lane = openLaneOf(rights.home, life, sku);
  return lane === undefined ? 0 : upTo - unitsInAll(lane.granted, pools);
}

/** A pool of a SKU: what it has and should have, and where its units are. */
export interface ExplainedPool extends PoolLevel {
  /** Units that home may grant of it. */
  readonly free: number;
  /** `silentMs`: since home heard of the point; −1 where it never has. `usual`: its part of all sales. */
  readonly points: readonly (Level & { readonly silentMs: number; readonly usual: Usual })[];
}

/** One SKU at one home: who has what, wants what, and why. */
export interface Explained {
  readonly home: HomeName;
  readonly sku: ActorKey;
  /** Of what points have: with nothing behind it. */
  readonly atRisk: number;
  readonly pools: readonly ExplainedPool[];
  readonly waiting: readonly { readonly point: string; readonly lack: number }[];
  /** Points and lives that a restored home has not heard. */
  readonly awaits: readonly string[];
}
