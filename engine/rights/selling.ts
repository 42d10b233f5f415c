import type { NatsConnection } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import {
  type ActorKey,
  actorKey,
  type OwnerId,
  type SkuId,
  type WarehouseId,
} from '../../actors/ids.ts';
import { refuse } from '../../actors/outcomes.ts';
import type { HomeName, OrderLine, RightsChange, SaleAct } from '../../actors/rights/acts.ts';
import type { LifeId } from '../../actors/rights/lane.ts';
import { type ChannelId, poolNow } from '../../actors/rights/plan.ts';
import type { Change } from '../../actors/stock/stockroom.ts';
import { awakeClock } from '../awake.ts';
import type { CentreLink } from '../centre.ts';
import type { Clock } from '../clock.ts';
import { LIMITS } from '../limits.ts';
import { carefully, listen } from '../peers/careful.ts';
import type { SalesPlans } from '../plans.ts';
import type { Regions } from '../regions.ts';
import { natsCentreStock } from '../routing/centre-stock.ts';
import { OrderRouter } from '../routing/order-router.ts';
import type { RulesOf } from '../routing/rules.ts';
import { ChannelSales, reportSales } from '../scheduling/channel-sales.ts';
import type { SchedulingLink } from '../scheduling/messages.ts';
import { NO_USUAL, type UsualShares } from '../scheduling/usual.ts';
import { UsualDesk } from '../scheduling/usual-desk.ts';
import type { Answer } from '../settled.ts';
import type { Slot } from '../slot.ts';
import { poolsSubject, reachSubject, sentOnSubject, slotOf } from '../subjects.ts';
import type { Booked } from './burial.ts';
import { Moves } from './counters.ts';
import { HomeDesk } from './home-desk.ts';
import { RIGHTS_LIMITS } from './limits.ts';
import { natsRights } from './nats.ts';
import { PointDesk } from './point-desk.ts';
import type { PoolsView } from './pool-feed.ts';
import { Seller } from './seller.ts';
import type { Explained } from './sharer.ts';

export interface SellingContext {
  readonly nats: NatsConnection;
  readonly region: string;
  readonly regions: Regions;
  /** Of warehouses. */
  readonly slots: readonly Slot[];
  /** Of the region's selling point. */
  readonly point: Slot;
  readonly clock: Clock;
  readonly centre: CentreLink;
  readonly log: Logger;
  readonly plans: SalesPlans;
  /** Undefined: no owner has rules for routing. */
  readonly routing?: RulesOf;
  /** To the scheduler at the hub; undefined: there is none. */
  readonly scheduling?: SchedulingLink;
}

/** What a burial wrote off at one home. */
export interface Buried extends Booked {
  readonly home: HomeName;
}

/** An order that was sent on has so long to be answered, ms. */
const SEND_ON_MS = 3_000;
/** A point that can be reached says so within this, ms. */
const REACH_MS = 500;

/** The rights of one node: a home for each shard of warehouses, and the region's selling point. */
export class Selling {
  readonly seller: Seller;
  readonly router: OrderRouter;
  readonly moves = new Moves();
  readonly sales = new ChannelSales();
  readonly #context: SellingContext;
  readonly #homes: readonly HomeDesk[];
  readonly #point: PointDesk;
  readonly #stops: (() => void)[] = [];

  constructor(context: SellingContext) {
    const { nats, region, regions, slots, point, centre, log, plans } = context;
    this.#context = context;
    const clock = awakeClock(context.clock, RIGHTS_LIMITS.standstillMs);
    const link = natsRights(nats);
    this.#homes = slots.map(
      (slot) =>
        new HomeDesk({
          ...{ home: homeName(region, slot.number), slot, link, clock, centre, log, plans },
          usual: this.#usualOf(slot),
          points: regions.names,
          publish: (view) => publish(nats, view),
        }),
    );
    this.#point = new PointDesk({ point: region, slot: point, link, clock });
    this.seller = new Seller(this.#point, clock, {
      reach: async (to) => (await this.#ask(reachSubject(to), {}, REACH_MS)) !== undefined,
      sendOn: (to, act) => this.#ask<Answer>(sentOnSubject(to), act, SEND_ON_MS),
    });
    this.router = new OrderRouter({
      ...{ region, desk: this.#point, seller: this.seller, clock },
      askCentre: natsCentreStock(nats),
      rulesOf: context.routing ?? (() => undefined),
      lineOf: (owner, channel, line) => this.lineOf(owner, channel, line),
      homeOf: (warehouse) => this.homeOf(warehouse),
    });
    this.#serve(sentOnSubject(region), async (act: SaleAct) => this.seller.sell(act, false));
    this.#serve(reachSubject(region), async () => (this.isServing ? {} : undefined));
    const { scheduling } = context;
    if (scheduling !== undefined)
      this.#stops.push(reportSales(this.sales, scheduling, context.clock));
  }

  close(): void {
    for (const stop of this.#stops) stop();
    for (const home of this.#homes) home.close();
    this.#point.close();
  }

  /** What a home goes by; from then on it is kept up to date. */
  #usualOf(slot: Slot): UsualShares {
    const { region, scheduling, clock } = this.#context;
    if (scheduling === undefined) return NO_USUAL;
    const desk = new UsualDesk(homeName(region, slot.number), slot, scheduling, clock);
    this.#stops.push(() => desk.close());
    return desk.shares;
  }

  get region(): string {
    return this.#context.region;
  }

  /** True while this node owns the region's selling point. */
  get isServing(): boolean {
    return this.#point.serving() !== undefined;
  }

  /** The home of a warehouse's goods; undefined where no region has it. */
  homeOf(warehouse: WarehouseId): HomeName | undefined {
    const region = this.#context.regions.regionOf(warehouse);
    return region === undefined ? undefined : homeName(region, slotOf(warehouse, LIMITS.shards));
  }

  /**
   * A line of an order that came through a channel: where its goods lie, and the pools that it may draw from. Undefined
   * where no region has the warehouse.
   */
  lineOf(
    owner: OwnerId,
    channel: ChannelId | undefined,
    { sku, warehouse, qty }: { sku: SkuId; warehouse: WarehouseId; qty: number },
  ): OrderLine | undefined {
    const home = this.homeOf(warehouse);
    if (home === undefined) return undefined;
    const { plans, clock } = this.#context;
    const now = clock.wallMs();
    const pools = plans.poolsOf(owner, channel, sku, warehouse, now);
    const key = actorKey(owner, sku, warehouse);
    const plan = plans.planOf(owner, sku, warehouse);
    const ended = this.#point
      .labelsOf(home, key)
      .filter((label) => !pools.includes(label) && pools.includes(poolNow(plan, label, now)));
    return { home, sku: key, qty, pools: ended.length === 0 ? pools : [...pools, ...ended] };
  }

  /** The channels of an owner, where the rules name any. */
  channelsOf(owner: OwnerId): readonly ChannelId[] {
    return this.#context.plans.channelsOf(owner);
  }

  changedAt(shard: number, changes: readonly RightsChange[]): void {
    if (shard === this.#context.point.number) return this.#point.changed(changes);
    this.moves.note(changes);
    this.#homes[shard]?.changed(changes);
  }

  committedAt(shard: number, changes: readonly Change[]): void {
    this.#homes[shard]?.committed(changes);
  }

  /** How an owner's SKU, `owner/sku`, is shared, wherever its goods lie here. */
  explain(key: string): Explained[] {
    return this.#homes.flatMap((home) => home.explain(key));
  }

  /** What channels may sell of a SKU; undefined where its home is not this node's, or knows nothing of it. */
  pools(sku: ActorKey, warehouse: WarehouseId): PoolsView | undefined {
    const home = this.homeOf(warehouse);
    return this.#homes.find((desk) => desk.home === home)?.pools(sku);
  }

  /** Gives up a life of a selling point at every home here that knows it: units booked as a risk, by home. */
  bury(life: LifeId, more: number): Promise<readonly Buried[]> {
    return this.#atHomes((desk) => desk.bury(life, more));
  }

  /** Takes a selling point out for good at every home here; its lives are given up. */
  leave(point: string, lives: number): Promise<readonly Buried[]> {
    return this.#atHomes((desk) => desk.leave(point, lives));
  }

  async #atHomes(give: (desk: HomeDesk) => Promise<Booked | undefined>): Promise<Buried[]> {
    const buried: Buried[] = [];
    for (const desk of this.#homes) {
      const told = await give(desk);
      if (told !== undefined) buried.push({ home: desk.home, ...told });
    }
    return buried;
  }

  /** Whether a region, and its selling point, is among those that there are. */
  isPoint(name: string): boolean {
    return this.#context.regions.names.includes(name);
  }

  /** Begins a flash sale; false where the home is not this node's. */
  flash(home: HomeName, sku: ActorKey, forMs: number): boolean {
    return this.#homes.find((desk) => desk.home === home)?.flash(sku, forMs) ?? false;
  }

  /** Another point's answer; undefined where nobody can tell. */
  async #ask<Told>(subject: string, what: object, timeout: number): Promise<Told | undefined> {
    try {
      const { nats } = this.#context;
      return (await nats.request(subject, JSON.stringify(what), { timeout })).json<Told>();
    } catch {
      return undefined;
    }
  }

  /** Nothing is answered by a node that does not own what is asked for. */
  #serve<Asked>(subject: string, answer: (asked: Asked) => Promise<unknown>): void {
    const subscription = listen(this.#context.nats, subject, async (message) => {
      const told = await answer(message.json<Asked>()).catch(() => refuse('unknown'));
      if (told !== undefined) message.respond(JSON.stringify(told));
    });
    this.#stops.push(() => subscription.unsubscribe());
  }
}

function publish(nats: NatsConnection, view: PoolsView): void {
  const { owner, warehouse, sku } = view;
  const subject = poolsSubject(owner as OwnerId, warehouse as WarehouseId, sku as SkuId);
  carefully(() => nats.publish(subject, JSON.stringify(view)));
}

const homeName = (region: string, shard: number): HomeName => `${region}.${shard}`;
