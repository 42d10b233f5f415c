import { type ActorKey, PRESALE } from '../../../actors/ids.ts';
import type { Grant, RightsChange } from '../../../actors/rights/acts.ts';
import { lanesOf, rightsOut } from '../../../actors/rights/home.ts';
import type { Entry, LaneId, LifeId } from '../../../actors/rights/lane.ts';
import {
  isLive,
  PLAIN_PLAN,
  type PoolRule,
  relabelled,
  type SkuPlan,
  sharedOf,
} from '../../../actors/rights/plan.ts';
import {
  addAll,
  addTo,
  type Cells,
  type Kind,
  kindOf,
  type PoolId,
  poolsOf,
  total,
  unitsIn,
} from '../../../actors/rights/pools.ts';
import { available, TRANSIT } from '../../../actors/stock/balances.ts';
import { QUALIFIED } from '../../../actors/stock/commands.ts';
import { backed, openHold } from '../../../actors/stock/state.ts';
import type { ShardState } from '../../../engine/state.ts';
import { Failure } from '../failure.ts';

/** Whether a pool's window was open is not asked so near to its ends, ms: a record is younger than what it says. */
const NEAR_MS = 1_000;
/** Parts in percent are rounded together: each is that much from its own at most. */
const ROUNDED = 1;

/** Sales that are about to come home, and up to where their log had been applied. */
interface Coming {
  readonly life: LifeId;
  readonly cursor: number;
  readonly log: readonly Entry[];
  readonly lanes: ReadonlySet<LaneId>;
}

/**
 * What was sold of each pool of one home and what its rules say, counted from its journal beside the engine's own counts; and
 * every grant held against them: a pool gets no more than its part, and nothing that pools before it lack.
 */
export class PoolTruth {
  readonly #sold = new Map<ActorKey, Cells>();
  /** What had been sold when the window of a SKU's parts began. */
  readonly #since = new Map<ActorKey, Cells>();
  readonly #plans = new Map<ActorKey, SkuPlan>();
  #coming: Coming[] = [];

  clear(): void {
    this.#sold.clear();
    this.#since.clear();
    this.#plans.clear();
    this.#coming = [];
  }

  /** Before the changes of one entry, decided in `state`, are applied to it. */
  before(state: ShardState, changes: readonly RightsChange[], atMs: number): void {
    const { home } = state.rights;
    for (const { event } of changes) {
      if (event.is === 'granted') this.#checkGrants(state, event.grants, atMs);
      else if (event.is === 'pooled') {
        for (const [sku, plan] of event.plans) this.#planned(sku, plan, event.atMs ?? 0);
      } else if (event.is === 'windowed') {
        for (const sku of event.skus) this.#begin(sku, this.#soldOf(sku), event.atMs ?? 0);
      } else if (event.is === 'heard' && 'up' in event) {
        const { life, log } = event.up;
        const lanes = new Set(log.map(({ lane }) => lane).filter((id) => home.lanes.has(id)));
        this.#coming.push({ life, cursor: home.lives.get(life)?.cursor ?? 0, log, lanes });
      }
    }
  }

  /** After they were applied. What comes home by no lane is of no pool's part. */
  after({ rights: { home } }: ShardState): void {
    for (const { life, cursor, log, lanes } of this.#coming.splice(0)) {
      const most = home.lives.get(life)?.cursor ?? 0;
      for (const { n, op, sku, lane, taken } of log) {
        const isApplied = n > cursor && n <= most && (lanes.has(lane) || home.lanes.has(lane));
        if (op !== 'sale' || !isApplied) continue;
        const sold = this.#soldOf(sku);
        addAll(sold, taken);
        this.#sold.set(sku, sold);
      }
    }
  }

  #soldOf(sku: ActorKey): Cells {
    return { ...this.#sold.get(sku) };
  }

  /** A window goes on where the pools of a kind are what they were. */
  #planned(sku: ActorKey, plan: SkuPlan, atMs: number): void {
    const was = this.#plans.get(sku);
    const before = this.#since.get(sku) ?? {};
    const since = this.#soldOf(sku);
    for (const label of poolsOf(since)) {
      const kind = kindOf(label);
      if (was !== undefined && rulesText(was, kind) === rulesText(plan, kind)) {
        since[label] = unitsIn(before, label);
      }
    }
    this.#begin(sku, since, atMs, plan);
    this.#plans.set(sku, plan);
  }

  /** So many units for a time are counted from where they began, whatever else begins while they last. */
  #begin(sku: ActorKey, since: Cells, atMs: number, plan = this.#plans.get(sku)): void {
    const before = this.#since.get(sku) ?? {};
    const forATime = (of: SkuPlan | undefined) =>
      (of?.pools ?? []).filter(({ part, untilMs }) => 'units' in part && untilMs > 0);
    const known = new Map(forATime(this.#plans.get(sku)).map((rule) => [rule.pool, rule.fromMs]));
    for (const rule of forATime(plan)) {
      if (known.get(rule.pool) !== rule.fromMs || !isLive(rule, atMs)) continue;
      since[rule.pool] = unitsIn(before, rule.pool);
    }
    this.#since.set(sku, since);
  }

  #checkGrants(state: ShardState, grants: readonly Grant[], atMs: number): void {
    const given = new Map<ActorKey, Cells>();
    for (const { lane, pool, qty } of grants) {
      const sku = state.rights.home.lanes.get(lane)?.sku;
      if (sku === undefined) throw new Failure('E3 pool', `${pool} of ${lane}, which is not there`);
      const more = given.get(sku) ?? {};
      addTo(more, pool, qty);
      given.set(sku, more);
      this.#checkGrant(state, sku, pool, more, atMs);
    }
  }

  /** With `more` granted of this SKU, the last of it of this pool. */
  #checkGrant(
    state: ShardState,
    sku: ActorKey,
    pool: PoolId,
    more: Readonly<Cells>,
    atMs: number,
  ): void {
    const plan = this.#plans.get(sku) ?? PLAIN_PLAN;
    const isNear = plan.pools.some((rule) => isLive(rule, atMs) !== isLive(rule, atMs - NEAR_MS));
    if (isNear) return;
    const kind = kindOf(pool);
    const say = (what: string) => new Failure('E3 pool', `${sku}: ${pool} gets rights ${what}`);
    const out = relabelled(plan, kind, outOf(state, sku, more), atMs);
    const soldRaw = this.#soldOf(sku);
    addAll(soldRaw, this.#since.get(sku) ?? {}, -1);
    const sold = relabelled(plan, kind, soldRaw, atMs);
    const free = freeOf(state, sku, plan, kind, more);
    if (free < 0) throw say(`of ${-free} units more than may be promised`);
    const rules = plan.pools.filter((rule) => kindOf(rule.pool) === kind && isLive(rule, atMs));
    const parts = partsOf(rules, free + total(out), sold);
    const at = parts.findIndex(([one]) => one === pool);
    if (at < 0 && pool !== sharedOf('stock')) throw say('and is no pool');
    const [, part] = parts[at] ?? [pool, Number.POSITIVE_INFINITY];
    if (unitsIn(out, pool) > part + ROUNDED) {
      throw say(`beyond its part of ${part}: ${unitsIn(out, pool)} are out`);
    }
    let lacked = 0;
    for (const [one, its] of at < 0 ? parts : parts.slice(0, at)) {
      lacked += Math.max(0, its - unitsIn(out, one));
    }
    if (lacked > free + parts.length * ROUNDED) {
      throw say(`that pools before it lack: ${lacked} of ${free} left`);
    }
  }
}

const rulesText = ({ pools }: SkuPlan, kind: Kind): string =>
  JSON.stringify(pools.filter(({ pool }) => kindOf(pool) === kind));

/** Unsold rights by label, with what is granted of them now. */
function outOf({ rights: { home } }: ShardState, sku: ActorKey, more: Readonly<Cells>): Cells {
  const out: Cells = { ...more };
  for (const { isWrittenOff, granted, back, arrived } of lanesOf(home, sku)) {
    if (isWrittenOff) continue;
    addAll(out, granted);
    addAll(out, back, -1);
    addAll(out, arrived, -1);
  }
  return out;
}

/** What may still be promised of a kind when `more` is granted; below 0 it is too much. */
function freeOf(
  { rights: { home }, stockroom }: ShardState,
  sku: ActorKey,
  plan: SkuPlan,
  kind: Kind,
  more: Readonly<Cells>,
): number {
  const actor = stockroom.get(sku);
  if (actor === undefined) return 0;
  let now = 0;
  for (const pool of poolsOf(more)) if (kindOf(pool) === kind) now += unitsIn(more, pool);
  if (kind === 'stock') return available(actor.b, QUALIFIED) - now;
  const out = rightsOut(home, sku)[kind];
  if (kind === 'oversell') return plan.oversell - actor.oversell - out - now;
  // Rights whose goods have come are promised of goods on hand.
  const ahead = openHold(actor, PRESALE);
  const held = actor.presale - (ahead === undefined ? 0 : ahead.presale + backed(ahead));
  const coming = (actor.b[TRANSIT] as number) - actor.presale;
  return Math.min(coming, plan.presale - held - out) - now;
}

/** The parts of pools in their order, less what was sold of them: units first, then percent of the rest. */
function partsOf(rules: readonly PoolRule[], has: number, sold: Readonly<Cells>) {
  let [left, whole] = [has, has + total(sold)];
  const fixed = rules.map(({ pool, part }) => {
    if (!('units' in part)) return undefined;
    const its = Math.min(left, Math.max(0, part.units - unitsIn(sold, pool)));
    left -= its;
    whole -= its + unitsIn(sold, pool);
    return its;
  });
  return rules.map(({ pool, part }, i): readonly [PoolId, number] => {
    if (!('percent' in part)) return [pool, fixed[i] ?? 0];
    const its = Math.floor((part.percent * Math.max(0, whole)) / 100);
    return [pool, Math.max(0, its - unitsIn(sold, pool))];
  });
}
