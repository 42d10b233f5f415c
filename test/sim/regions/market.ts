import type { ActorKey, HoldId } from '../../../actors/ids.ts';
import { actorKey, type OwnerId, type SkuId, type WarehouseId } from '../../../actors/ids.ts';
import type { HomeName, SaleAct } from '../../../actors/rights/acts.ts';
import { TRANSIT } from '../../../actors/stock/balances.ts';
import {
  BLANK,
  type ChangeCommand,
  NO_MORE,
  type StockCommand,
} from '../../../actors/stock/commands.ts';
import { type Hold, isOpen } from '../../../actors/stock/state.ts';
import { LIMITS } from '../../../engine/limits.ts';
import { Regions } from '../../../engine/regions.ts';
import type { Answer } from '../../../engine/settled.ts';
import { slotOf } from '../../../engine/subjects.ts';
import type { Network, Proc } from '../network.ts';
import type { Random } from '../random.ts';
import { Life, type World } from '../world.ts';
import { type Oracle, OWNER } from './oracle.ts';
import type { Floor, Order } from './plan.ts';
import { REGIONS } from './plan.ts';
import type { Region } from './region.ts';

export const PLACES = new Regions(REGIONS);

export const homeOf = (warehouse: string): HomeName =>
  `${PLACES.regionOf(warehouse)}.${slotOf(warehouse, LIMITS.shards)}`;

export const keyOf = (sku: string, warehouse: string): ActorKey =>
  actorKey(OWNER as OwnerId, sku as SkuId, warehouse as WarehouseId);

export interface MarketParts {
  readonly world: World;
  readonly network: Network;
  readonly random: Random;
  readonly oracle: Oracle;
  readonly regions: readonly Region[];
}

/** A shop waits so long for an answer, ms; an order may take the time that rights and another point take. */
const PATIENCE_MS = 6_000;
/** Told so, it asks again: nothing is known of the order. */
const AGAIN = new Set(['moved', 'not_owned', 'unknown', 'overloaded', 'awaits_points']);
/** An order that nobody can take is given up after so many tries. */
const MOST_TRIES = 40;

/** How a hold leaves. */
const OUT = ['pick', 'pack', 'ship'] as const;
/** So many at once at most. */
const IN_A_WAVE = 40;

/** Nothing of it waits, is picked or has left. */
const isReady = ({ waiting, picked, packed, shipped }: Hold): boolean =>
  waiting + picked + packed + shipped === 0;

/** The shops of one region, and the floor staff of its warehouses. */
export class Market implements Proc {
  readonly name: string;
  readonly life: Life;
  readonly #region: Region;
  readonly #parts: MarketParts;
  #waiting = 0;

  constructor(region: Region, parts: MarketParts) {
    this.#region = region;
    this.#parts = parts;
    this.name = `${region.name}.market`;
    this.life = new Life(this.name);
  }

  /** Orders that have no answer yet. */
  get waiting(): number {
    return this.#waiting;
  }

  order(order: Order): void {
    const { ttlMs, next, nextMs, channel } = order;
    const pools = this.#region.rules.poolsOf(OWNER as OwnerId, channel);
    const lines = order.lines.map(({ warehouse, sku, qty }) => ({
      ...{ home: homeOf(warehouse), sku: keyOf(sku, warehouse), qty, pools },
    }));
    const id = { owner: OWNER as OwnerId, order: order.order as HoldId };
    const act: SaleAct = { act: 'sell', ...id, lines, ttlMs };
    this.#ask(act, (answer) => {
      this.#parts.oracle.count(answer.ok ? 'accepted' : `refused ${answer.code}`);
      if (!answer.ok || next === 'nothing') return;
      const then: SaleAct = next === 'again' ? act : { act: next, ...id };
      this.#parts.world.after(nextMs, this.life, () => this.#ask(then, () => {}));
    });
  }

  #ask(act: SaleAct, done: (answer: Answer) => void, tries = 1): void {
    const { network, random, world } = this.#parts;
    if (tries === 1) this.#waiting++;
    const node = random.pick(this.#region.nodes);
    const again = (): void => {
      if (tries < MOST_TRIES) {
        world.after(random.between(20, 600), this.life, () => this.#ask(act, done, tries + 1));
      } else this.#waiting--;
    };
    network
      .call(this.life, node, PATIENCE_MS, () => node.sell(act))
      .then((answer) => {
        if (answer === undefined || (!answer.ok && AGAIN.has(answer.code))) return again();
        this.#waiting--;
        world.say(this.name, `${act.act} ${act.order}: ${answer.ok ? answer.kind : answer.code}`);
        done(answer);
      }, again);
  }

  floor(floor: Floor): void {
    const home = homeOf(floor.warehouse);
    const command = this.#command(floor, home);
    if (command === undefined) return;
    const { network, oracle } = this.#parts;
    const shard = Number(home.slice(home.lastIndexOf('.') + 1));
    const node = this.#region.owner(shard);
    if (node === undefined) return;
    network
      .call(this.life, node, PATIENCE_MS, () => node.stock(shard, command))
      .then(
        (answer) => oracle.count(`floor ${floor.act}${answer.ok ? '' : ` ${answer.code}`}`),
        () => {},
      );
  }

  /** What the staff can see on the shelf is what the journal says. */
  #command({ act, warehouse, sku, qty, order, place }: Floor, home: HomeName) {
    const key = keyOf(sku, warehouse);
    const step = (op: StockCommand['op'], more: Partial<StockCommand>): StockCommand => ({
      ...BLANK,
      ...{ op, key, owner: OWNER as OwnerId, sku: sku as SkuId, ...more },
      warehouse: warehouse as WarehouseId,
    });
    const { stockroom } = this.#parts.oracle.truth(home).state;
    const open = [...(stockroom.get(key)?.holds ?? [])].filter(
      ([id, hold]) => isOpen(hold) && !id.startsWith('~'),
    );
    const [hold] = open[Math.floor(place * open.length)] ?? [];
    const all = (commands: readonly StockCommand[]): ChangeCommand => ({
      ...{ op: 'all', warehouse: warehouse as WarehouseId, commands },
    });
    switch (act) {
      case 'receive':
        return step('receive', { qty });
      case 'announce':
        return step('announce', { qty });
      case 'arrive': {
        const arrived = Math.min(qty, stockroom.get(key)?.b[TRANSIT] ?? 0);
        const more = { ...NO_MORE, arrived, untilPutaway: place < 0.2 };
        return step('receive', { qty, more });
      }
      case 'withdraw':
        return step('withdraw', { qty });
      case 'lose':
        return step('adjust', { delta: -qty, reason: 'lost' });
      case 'reserve':
        return step('reserve', { hold: order as HoldId, qty });
      case 'cancel':
        return hold && step('cancel', { hold });
      case 'ship': {
        if (hold === undefined) return undefined;
        const ops = place < 0.2 ? (['pick'] as const) : OUT;
        return all(ops.map((op) => step(op, { hold })));
      }
      case 'wave': {
        const ready = open.filter(([, one]) => isOpen(one) && isReady(one)).slice(0, IN_A_WAVE);
        if (ready.length === 0) return undefined;
        return all(ready.flatMap(([id]) => OUT.map((op) => step(op, { hold: id }))));
      }
    }
  }
}
