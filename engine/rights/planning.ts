import { type ActorKey, type OwnerId, parseActorKey } from '../../actors/ids.ts';
import { isRetryable } from '../../actors/outcomes.ts';
import type { HomeAct } from '../../actors/rights/acts.ts';
import type { Home } from '../../actors/rights/home.ts';
import { planAt } from '../../actors/rights/home-pools.ts';
import { commandOf } from '../../actors/rights/home-stock.ts';
import type { LaneUp } from '../../actors/rights/lane.ts';
import { isLive, isSamePlan, type SkuPlan } from '../../actors/rights/plan.ts';
import { get, SAFETY } from '../../actors/stock/balances.ts';
import { QUALIFIED, type StockCommand } from '../../actors/stock/commands.ts';
import type { StockEvent } from '../../actors/stock/events.ts';
import type { Change } from '../../actors/stock/stockroom.ts';
import type { Clock } from '../clock.ts';
import type { SalesPlans } from '../plans.ts';
import type { Answer } from '../settled.ts';
import type { ShardState } from '../state.ts';
import { RIGHTS_LIMITS } from './limits.ts';
import { PoolFeed, type PoolsView } from './pool-feed.ts';

export interface PlanningContext {
  readonly plans: SalesPlans;
  readonly clock: Clock;
  readonly state: () => ShardState | undefined;
  /** Undefined where it was not done: it is tried again. */
  readonly act: (act: HomeAct) => Promise<unknown>;
  readonly stock: (command: StockCommand) => Promise<Answer>;
  /** Tells shops what channels may sell. */
  readonly publish: (view: PoolsView) => void;
}

/** How many actors are looked at in one go, when rules change. */
const LOOKS = 1_024;
/** A plan of more pools says only those that are live, and that will be when a window begins or ends next. The others follow then. */
const MOST_POOLS = 256;
/** Plans of one act have no more characters together, so that it fits one record; one plan alone may have more. */
const PLANS_CHARACTERS = 64 * 1_024;

/**
 * Has one home follow the rules: puts the plan of each SKU that is shared into the journal, begins new windows after a loss,
 * sets safety stock where the rules say how much, and tells what channels may sell. What it knows may be lost.
 */
export class Planning {
  readonly #context: PlanningContext;
  readonly feed: PoolFeed;
  /** SKUs that are shared and may have another plan. */
  readonly #due = new Set<ActorKey>();
  /** SKUs whose parts in percent are of what is left from now on: some was lost, or a promotion began or ended. */
  readonly #lost = new Set<ActorKey>();
  /** Actors whose safety stock the rules may change. */
  #safety: Iterator<ActorKey> | undefined;
  readonly #fresh = new Set<ActorKey>();
  /** When a window of some SKU begins or ends next, and whose. Epoch ms. */
  readonly #turns = new Map<ActorKey, number>();
  #isBusy = false;

  constructor(context: PlanningContext) {
    this.#context = context;
    const { clock, plans, state, publish } = context;
    this.feed = new PoolFeed(clock, plans, state, publish);
  }

  /** The shard is served from now on: everything may have changed before. */
  begin(state: ShardState): void {
    this.#lost.clear();
    this.#fresh.clear();
    this.#turns.clear();
    this.#due.clear();
    for (const sku of state.rights.home.bySku.keys()) this.#due.add(sku);
    for (const sku of state.rights.home.pools.keys()) this.#due.add(sku);
    this.#safety = keysOf(state, () => true);
  }

  /** The rules of an owner are others. */
  changed(state: ShardState, owner: OwnerId): void {
    const isIts = (key: ActorKey): boolean => key.startsWith(`${owner}/`);
    for (const sku of state.rights.home.bySku.keys()) if (isIts(sku)) this.#due.add(sku);
    for (const sku of state.rights.home.pools.keys()) if (isIts(sku)) this.#due.add(sku);
    this.#safety = keysOf(state, isIts);
  }

  /**
   * What begins to be shared is shared by its plan from the first unit on, whatever else is being planned. Returns those
   * that have one.
   */
  async opened(state: ShardState, lanes: readonly LaneUp[]): Promise<readonly ActorKey[]> {
    const { pools } = state.rights.home;
    const fresh = lanes.filter(({ sku, nonce }) => nonce === undefined && !pools.has(sku));
    if (fresh.length === 0) return [];
    const skus = new Set(fresh.map(({ sku }) => sku));
    const planned = await this.#plan(state, skus, this.#context.clock.wallMs());
    for (const sku of planned) this.feed.changed(sku);
    return planned;
  }

  committed({ pools, bySku }: Home, changes: readonly Change[]): void {
    for (const { key, seq, event } of changes) {
      if (bySku.has(key) || pools.has(key)) this.feed.changed(key);
      if (seq === 1) this.#fresh.add(key);
      if (isLoss(event) && pools.has(key)) this.#lost.add(key);
    }
  }

  /**
   * Brings the journal in step with the rules. Returns SKUs whose pools are others from now on: their rights may have to
   * come back, or go elsewhere.
   */
  async step(state: ShardState): Promise<readonly ActorKey[]> {
    if (this.#isBusy) return [];
    this.#isBusy = true;
    try {
      const nowMs = this.#context.clock.wallMs();
      const turned = this.#turned(nowMs);
      const planned = await this.#plan(state, this.#due, nowMs);
      if (this.#context.state() !== state) return []; // whoever serves the shard now begins anew
      for (const sku of turned) this.#lost.add(sku);
      const lost = [...this.#lost].filter((sku) => state.rights.home.pools.has(sku));
      this.#lost.clear();
      for (let i = 0; i < lost.length; i += RIGHTS_LIMITS.lanes) {
        const skus = lost.slice(i, i + RIGHTS_LIMITS.lanes);
        const done = await this.#context.act({ act: 'window', skus });
        if (done === undefined) for (const sku of skus) this.#lost.add(sku);
      }
      await this.#setSafety(state);
      const changed = [...planned, ...lost];
      for (const sku of changed) this.feed.changed(sku);
      return changed;
    } finally {
      this.#isBusy = false;
    }
  }

  /** Those whose window began or ended. */
  #turned(nowMs: number): ActorKey[] {
    const turned = [...this.#turns].filter(([, atMs]) => atMs <= nowMs).map(([sku]) => sku);
    for (const sku of turned) {
      this.#turns.delete(sku);
      this.#due.add(sku);
    }
    return turned;
  }

  /** Takes as many of these as are looked at in one go. */
  async #plan(state: ShardState, skus: Set<ActorKey>, nowMs: number): Promise<ActorKey[]> {
    const changed: ActorKey[] = [];
    let plans: [ActorKey, SkuPlan][] = [];
    let characters = 0;
    const put = async (): Promise<void> => {
      const done = plans.length === 0 || (await this.#context.act({ act: 'pool', plans }));
      if (done === undefined) for (const [sku] of plans) this.#due.add(sku);
      plans = [];
      characters = 0;
    };
    let looks = 0;
    for (const sku of skus) {
      if (++looks > LOOKS) break;
      skus.delete(sku);
      const whole = this.#planOf(sku);
      const turnMs = nextTurn(whole, nowMs);
      if (Number.isFinite(turnMs)) this.#turns.set(sku, turnMs);
      else this.#turns.delete(sku);
      const plan = shortened(whole, nowMs, turnMs);
      if (isSamePlan(planAt(state.rights.home, sku), plan)) continue;
      const its = JSON.stringify(plan).length;
      if (plans.length >= RIGHTS_LIMITS.lanes || characters + its > PLANS_CHARACTERS) await put();
      if (this.#context.state() !== state) return [];
      plans.push([sku, plan]);
      changed.push(sku);
      characters += its;
    }
    await put();
    return changed;
  }

  #planOf(key: ActorKey): SkuPlan {
    const { owner, sku, warehouse } = parseActorKey(key);
    return this.#context.plans.planOf(owner, sku, warehouse);
  }

  async #setSafety(state: ShardState): Promise<void> {
    const keys = [...this.#fresh];
    this.#fresh.clear();
    for (let i = 0; i < LOOKS && this.#safety !== undefined; i++) {
      const next = this.#safety.next();
      if (next.done === true) this.#safety = undefined;
      else keys.push(next.value);
    }
    const commands: StockCommand[] = [];
    for (const key of keys) {
      const { safety } = this.#planOf(key);
      const b = state.stockroom.get(key)?.b;
      if (safety === undefined || b === undefined) continue;
      if (get(b, QUALIFIED, SAFETY) === safety) continue;
      commands.push(commandOf(key, 'safety', { qty: safety, reason: 'rules' }));
    }
    const set = async (command: StockCommand): Promise<void> => {
      const answer = await this.#context.stock(command);
      if (!answer.ok && isRetryable(answer.code)) this.#fresh.add(command.key);
    };
    await Promise.all(commands.map(set));
  }
}

/** When a window begins or ends next, epoch ms; infinite where none does. */
function nextTurn({ pools }: SkuPlan, nowMs: number): number {
  let next = Number.POSITIVE_INFINITY;
  for (const { fromMs, untilMs } of pools) {
    if (fromMs > nowMs) next = Math.min(next, fromMs);
    if (untilMs > nowMs) next = Math.min(next, untilMs);
  }
  return next;
}

const shortened = (plan: SkuPlan, nowMs: number, turnMs: number): SkuPlan =>
  plan.pools.length <= MOST_POOLS
    ? plan
    : { ...plan, pools: plan.pools.filter((rule) => isLive(rule, nowMs) || isLive(rule, turnMs)) };

function* keysOf(
  { stockroom }: ShardState,
  isIt: (key: ActorKey) => boolean,
): Generator<ActorKey, void> {
  for (const [key] of stockroom.entries()) if (isIt(key)) yield key;
}

/** Goods that were for sale are no more, and were sold to nobody. */
const isLoss = ({ kind, quality, toQuality, qty }: StockEvent): boolean =>
  quality === QUALIFIED &&
  ((kind === 'adjusted' && qty < 0) ||
    kind === 'blocked' ||
    kind === 'shorted' ||
    kind === 'withdrawn' ||
    kind === 'unreceived' ||
    (kind === 'requalified' && toQuality !== QUALIFIED));
