import { setTimeout as sleep } from 'node:timers/promises';
import { connect, headers, type NatsConnection } from '@nats-io/transport-node';
import { StartError } from '../../../engine/errors.ts';
import { RECONNECT } from '../../../engine/reconnect.ts';
import { HUB } from '../../../engine/regions.ts';
import type { PoolsView } from '../../../engine/rights/pool-feed.ts';
import {
  commandSubject,
  poolsSubject,
  rightsAdminSubject,
  rulesSubject,
  sellSubject,
} from '../../../engine/subjects.ts';
import type { Opened } from '../../../loadtest/opened.ts';
import type { Settlement } from '../../../rules/settle.ts';
import { PrivateRegions } from '../../private-regions.ts';
import { DEFAULT_OWNER } from '../../stack.ts';

export const SKU = 'MUG';
/** Its home is in the region eu. */
export const WAREHOUSE = 'eu-1';
export const POINTS = [HUB, 'eu', 'us'] as const;

/** What has to come about comes within this, ms. */
const PATIENCE_MS = 30_000;
const LOOK_MS = 50;
/** Longer than a point takes to answer, also one that asks another. */
const ANSWER_MS = 10_000;

export interface Stock {
  readonly onHand: number;
  readonly available: number;
  readonly granted: number;
  readonly allocated: number;
  readonly waiting: number;
  readonly inTransit: number;
}

/** What a shop was told of an order of one unit. */
export interface Sold {
  readonly order: string;
  readonly presale: number;
  readonly oversell: number;
}

interface Answer {
  readonly ok: boolean;
  readonly code?: string;
  readonly message?: string;
  readonly stock?: Stock;
  readonly lines?: readonly { presale?: number; oversell?: number }[];
}

export interface RulesTold {
  readonly ok: boolean;
  readonly message?: string;
  readonly version?: string;
  readonly settled?: readonly Settlement[];
}

/** A hub and two regions with a shop at each point; everything that the season does goes through their doors. */
export class Stage {
  /** Orders that were accepted, by the channel that they came through. */
  readonly accepted = new Map<string, string>();
  /** In words, what the last order that was refused was told. */
  refusal = 'nothing was refused';
  /** What was published of pools, at any time. */
  readonly views: PoolsView[] = [];
  readonly #regions: PrivateRegions;
  readonly #links: ReadonlyMap<string, NatsConnection>;
  #orders = 0;

  private constructor(regions: PrivateRegions, links: ReadonlyMap<string, NatsConnection>) {
    this.#regions = regions;
    this.#links = links;
    const owner = DEFAULT_OWNER as Parameters<typeof poolsSubject>[0];
    const subject = poolsSubject(owner, WAREHOUSE as never, SKU as never);
    this.at('eu').subscribe(subject, {
      callback: (_, message) => void this.views.push(message.json<PoolsView>()),
    });
  }

  static async open(opened: Opened): Promise<Stage> {
    const starting = PrivateRegions.start({ regions: ['eu', 'us'] });
    opened.add(async () => (await starting).close());
    const regions = await starting;
    const links = new Map<string, NatsConnection>();
    for (const [name, { nats }] of Object.entries(regions.stack.doors)) {
      const link = await connect({ servers: nats, ...RECONNECT });
      opened.add(() => link.close());
      links.set(name, link);
    }
    return new Stage(regions, links);
  }

  at(point: string): NatsConnection {
    return this.#links.get(point) as NatsConnection;
  }

  cut(region: string): Promise<void> {
    return this.#regions.cut(region, 'closed');
  }

  heal(region: string): Promise<void> {
    return this.#regions.heal(region);
  }

  async floor(op: string, more: object = {}): Promise<Stock> {
    const said = { op, sku: SKU, ...more };
    const told = await this.#ask<Answer>('eu', commandSubject(WAREHOUSE as never), said);
    if (!told.ok || told.stock === undefined) throw new StartError(`${op}: ${told.message}`);
    return told.stock;
  }

  stock(): Promise<Stock> {
    return this.floor('read');
  }

  async rules(region: string, said: object): Promise<RulesTold> {
    const told = await this.#ask<RulesTold>(region, rulesSubject(region), {
      ...{ owner: DEFAULT_OWNER, ...said },
    });
    if (!told.ok) throw new StartError(`the rules: ${told.message}`);
    return told;
  }

  /** One unit, through a channel, at a point; undefined where it is refused. */
  async sell(point: string, channel: string, ttlMs = 0): Promise<Sold | undefined> {
    const order = `${channel}-${++this.#orders}`;
    const lines = [{ sku: SKU, warehouse: WAREHOUSE, qty: 1 }];
    const op = ttlMs === 0 ? { op: 'sell' } : { op: 'reserve', ttlMs };
    const said = { ...op, owner: DEFAULT_OWNER, order, channel, lines };
    const told = await this.#order(point, said);
    if (!told.ok) {
      this.refusal = `${order} at ${point}: ${told.message}`;
      return undefined;
    }
    if (ttlMs === 0) this.accepted.set(order, channel);
    const [line] = told.lines ?? [];
    return { order, presale: line?.presale ?? 0, oversell: line?.oversell ?? 0 };
  }

  /** What was set aside is sold. */
  async harden(point: string, { order }: Sold, channel: string): Promise<boolean> {
    const told = await this.#order(point, { op: 'harden', owner: DEFAULT_OWNER, order });
    if (told.ok) this.accepted.set(order, channel);
    return told.ok;
  }

  /** An order's id makes it safe to ask again. */
  async #order(point: string, said: object): Promise<Answer> {
    for (let ask = 1; ; ask++) {
      try {
        const told = await this.#ask<Answer>(point, sellSubject(point), said);
        if (told.ok || !['moved', 'unknown', 'awaits_points'].includes(told.code ?? ''))
          return told;
      } catch (e) {
        if (ask === 5) throw e;
      }
      await sleep(200);
    }
  }

  async pools(): Promise<PoolsView | undefined> {
    const said = { owner: DEFAULT_OWNER, sku: SKU, warehouse: WAREHOUSE };
    return this.#ask<PoolsView>('eu', rightsAdminSubject('pools'), said).catch(() => undefined);
  }

  /** Looks until it is so. False where that takes too long. */
  async until(isSo: () => Promise<boolean>): Promise<boolean> {
    const untilMs = performance.now() + PATIENCE_MS;
    while (performance.now() < untilMs) {
      if (await isSo()) return true;
      await sleep(LOOK_MS);
    }
    return false;
  }

  async #ask<Told>(at: string, subject: string, said: object): Promise<Told> {
    const head = headers();
    head.set('Holdfast-Client', 'season');
    const options = { timeout: ANSWER_MS, headers: head };
    return (await this.at(at).request(subject, JSON.stringify(said), options)).json<Told>();
  }
}
