import type { NatsConnection } from '@nats-io/transport-node';
import { type Clock, sleep } from '../../../engine/clock.ts';
import { type Line, type Order, regionOf } from './plan.ts';

/** The units of one SKU at home that matter here. */
export interface Units {
  readonly onHand: number;
  readonly allocated: number;
  readonly waiting: number;
}

/** A hold of an order's line at home. */
export interface Held {
  readonly qty: number;
  readonly waiting: number;
  readonly shipped: number;
}

interface Reply {
  readonly ok: boolean;
  readonly code?: string;
  readonly message?: string;
  readonly stock?: Units;
  readonly hold?: Held;
}

const ANSWER_MS = 5_000;
const TRIES = 10;
const AGAIN_MS = 500;
/** Commands of one request. */
const BATCH = 200;

/** The warehouses, each asked at its region's own server. */
export class Homes {
  readonly #regions: ReadonlyMap<string, Pick<NatsConnection, 'request'>>;
  readonly #clock: Clock;
  /** Of the last command in our session. */
  #n = 0;

  constructor(regions: ReadonlyMap<string, Pick<NatsConnection, 'request'>>, clock: Clock) {
    this.#regions = regions;
    this.#clock = clock;
  }

  /** Takes the goods in. A session makes it safe to repeat. */
  async receive(supply: readonly Line[]): Promise<void> {
    for (const [warehouse, lines] of byWarehouse(supply)) {
      const commands = lines.map(({ sku, qty }) => ({ op: 'receive', sku, qty, doc: 'tafeng' }));
      const [reply] = await this.#ask(warehouse, [{ ...this.#numbered(), op: 'all', commands }]);
      mustBeDone(warehouse, reply);
    }
  }

  /** The stock of each line's SKU, in their order. */
  async units(lines: readonly Line[]): Promise<Units[]> {
    const found = await this.#read(lines.map(({ warehouse, sku }) => [warehouse, { sku }]));
    return found.map(({ stock }) => stock ?? { onHand: 0, allocated: 0, waiting: 0 });
  }

  /** The holds of lines of orders, in their order; undefined where there is none. */
  async holds(lines: readonly { id: string; line: Line }[]): Promise<(Held | undefined)[]> {
    const found = await this.#read(
      lines.map(({ id, line: { warehouse, sku } }) => [warehouse, { sku, hold: id }]),
    );
    return found.map(({ hold }) => hold);
  }

  /** Picks, packs and ships what an order's holds have. */
  async ship({ id, lines }: Order): Promise<void> {
    for (const [warehouse, its] of byWarehouse(lines)) {
      const steps = (['pick', 'pack', 'ship'] as const).map((op) => ({
        ...{ ...this.#numbered(), op: 'all' },
        commands: its.map(({ sku }) => ({ op, sku, hold: id })),
      }));
      for (const reply of await this.#ask(warehouse, steps))
        mustBeDone(`${id} in ${warehouse}`, reply);
    }
  }

  #numbered(): { client: string; incarnation: string; n: number } {
    return { client: 'replay', incarnation: 'partition', n: ++this.#n };
  }

  async #read(what: readonly (readonly [string, object])[]): Promise<Reply[]> {
    const found: Reply[] = new Array(what.length);
    const places = new Map<string, number[]>();
    for (const [i, [warehouse]] of what.entries()) {
      places.set(warehouse, [...(places.get(warehouse) ?? []), i]);
    }
    for (const [warehouse, all] of places) {
      for (let at = 0; at < all.length; at += BATCH) {
        const some = all.slice(at, at + BATCH);
        const commands = some.map((i) => ({ op: 'read', ...what[i]?.[1] }));
        const replies = await this.#ask(warehouse, commands);
        for (const [j, reply] of replies.entries()) found[some[j] as number] = reply;
      }
    }
    return found;
  }

  async #ask(warehouse: string, commands: readonly object[]): Promise<Reply[]> {
    const nats = this.#regions.get(regionOf(warehouse)) as Pick<NatsConnection, 'request'>;
    for (let tries = 1; ; tries++) {
      try {
        const body = JSON.stringify(commands);
        const answer = await nats.request(`inv.cmd.${warehouse}`, body, { timeout: ANSWER_MS });
        const replies = answer.json<Reply[] | Reply>();
        if (Array.isArray(replies)) return replies;
        throw new Error(`${warehouse}: ${replies.code}, ${replies.message}`);
      } catch (e) {
        if (tries === TRIES) throw e;
        await sleep(this.#clock, AGAIN_MS);
      }
    }
  }
}

function byWarehouse(lines: readonly Line[]): Map<string, Line[]> {
  const places = new Map<string, Line[]>();
  for (const line of lines) {
    const its = places.get(line.warehouse);
    if (its === undefined) places.set(line.warehouse, [line]);
    else its.push(line);
  }
  return places;
}

function mustBeDone(what: string, reply: Reply | undefined): void {
  if (reply?.ok !== true) throw new Error(`${what}: ${reply?.code}, ${reply?.message}`);
}
