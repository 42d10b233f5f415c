import type { NatsConnection } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import type { WarehouseId } from '../../actors/ids.ts';
import { refuse } from '../../actors/outcomes.ts';
import type { HomeName, RightsChange, SaleAct } from '../../actors/rights/acts.ts';
import type { Change } from '../../actors/stock/stockroom.ts';
import type { CentreLink } from '../centre.ts';
import type { Clock } from '../clock.ts';
import { LIMITS } from '../limits.ts';
import { carefully } from '../peers/careful.ts';
import type { Regions } from '../regions.ts';
import type { Answer } from '../settled.ts';
import type { Slot } from '../slot.ts';
import { EXPLAIN, sentOnSubject, slotOf } from '../subjects.ts';
import { type Explained, HomeDesk } from './home-desk.ts';
import { natsRights } from './nats.ts';
import { PointDesk } from './point-desk.ts';
import { Seller } from './seller.ts';

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
}

/** An order that was sent on has so long to be answered, ms. */
const SEND_ON_MS = 3_000;

/** The rights of one node: a home for each shard of warehouses, and the region's selling point. */
export class Selling {
  readonly seller: Seller;
  readonly #context: SellingContext;
  readonly #homes: readonly HomeDesk[];
  readonly #point: PointDesk;
  readonly #stops: (() => void)[] = [];

  constructor(context: SellingContext) {
    const { nats, region, regions, slots, point, clock, centre, log } = context;
    this.#context = context;
    const link = natsRights(nats);
    this.#homes = slots.map(
      (slot) =>
        new HomeDesk({
          ...{ home: homeName(region, slot.number), slot, link, clock, centre, log },
          points: regions.names,
        }),
    );
    this.#point = new PointDesk({ point: region, slot: point, link, clock });
    this.seller = new Seller(this.#point, clock, (to, act) => this.#sendOn(to, act));
    this.#serve(sentOnSubject(region), async (act: SaleAct) => this.seller.sell(act, false));
    this.#serve(EXPLAIN, async ({ key }: { key: string }) => this.#explain(key));
  }

  close(): void {
    for (const stop of this.#stops) stop();
    for (const home of this.#homes) home.close();
    this.#point.close();
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

  changedAt(shard: number, changes: readonly RightsChange[]): void {
    if (shard === this.#context.point.number) this.#point.changed(changes);
    else this.#homes[shard]?.changed(changes);
  }

  committedAt(shard: number, changes: readonly Change[]): void {
    this.#homes[shard]?.committed(changes);
  }

  /** Of an owner's SKU, wherever its goods lie here: `owner/sku`. */
  #explain(key: string): Explained[] | undefined {
    const found = this.#homes.flatMap((home) => home.explainAll(key));
    return found.length === 0 ? undefined : found;
  }

  /** Another point's answer; undefined where nobody can tell. */
  async #sendOn(to: string, act: SaleAct): Promise<Answer | undefined> {
    try {
      const data = JSON.stringify(act);
      const answer = await this.#context.nats.request(sentOnSubject(to), data, {
        timeout: SEND_ON_MS,
      });
      return answer.json<Answer>();
    } catch {
      return undefined;
    }
  }

  /** Nothing is answered by a node that does not own what is asked for. */
  #serve<Asked>(subject: string, answer: (asked: Asked) => Promise<unknown>): void {
    const subscription = this.#context.nats.subscribe(subject, {
      callback: (error, message) => {
        if (error !== null) return;
        carefully(async () => {
          const told = await answer(message.json<Asked>()).catch(() => refuse('unknown'));
          if (told !== undefined) message.respond(JSON.stringify(told));
        });
      },
    });
    this.#stops.push(() => subscription.unsubscribe());
  }
}

export const homeName = (region: string, shard: number): HomeName => `${region}.${shard}`;
