import {
  type HoldId,
  type OwnerId,
  parseActorKey,
  type SkuId,
  type WarehouseId,
} from '../../actors/ids.ts';
import { type Refused, refuse } from '../../actors/outcomes.ts';
import type { HomeName, OrderLine, SaleAct, Sold, SoldLine } from '../../actors/rights/acts.ts';
import type { ChannelId } from '../../actors/rights/plan.ts';
import { softOf, soldLine } from '../../actors/rights/point-acts.ts';
import type { RoutedOrder } from '../../actors/rights/routed.ts';
import { route } from '../../actors/routing/route.ts';
import {
  DEFAULT_POLICY,
  type Destination,
  type Routed,
  type RoutingPolicy,
} from '../../actors/routing/types.ts';
import type { Clock } from '../clock.ts';
import { comingOf } from '../rights/asked.ts';
import { isNear } from '../rights/limits.ts';
import type { PointDesk } from '../rights/point-desk.ts';
import type { Seller } from '../rights/seller.ts';
import type { Answer, SaleDone } from '../settled.ts';
import { type AskCentre, CentreStocks } from './centre-stock.ts';
import { Today } from './days.ts';
import { correctionKey, Knowledge, type LineOf, type Source } from './knowledge.ts';
import { OwnSales } from './own-sales.ts';
import type { RoutingRules, RulesOf } from './rules.ts';

/** An order that names no warehouse. */
export interface RoutedAsk {
  readonly owner: OwnerId;
  readonly order: HoldId;
  /** Through which it came, where the rules have any. */
  readonly channel: ChannelId | undefined;
  /** A SKU stands once. */
  readonly lines: readonly { readonly sku: SkuId; readonly qty: number }[];
  readonly to: Destination;
  /** Epoch ms; 0: whenever. */
  readonly promiseByMs: number;
  /** 0 sells; else it is set aside for so long. */
  readonly ttlMs: number;
  mayUse(warehouse: string): boolean;
}

/** A decision, and what it rests on. */
export interface Decided {
  readonly routed: Routed;
  readonly policy: RoutingPolicy;
  readonly source: Source;
}

export interface RoutedSale {
  readonly answer: SaleDone;
  /** Undefined for an order that was routed before: where it went is known, and why no more. */
  readonly decided: Decided | undefined;
  readonly promiseAtMs: number;
  /** How often it was routed until it could be sold. */
  readonly tries: number;
}

export interface OrderRouterContext {
  readonly region: string;
  readonly desk: PointDesk;
  readonly seller: Seller;
  readonly clock: Clock;
  readonly askCentre: AskCentre;
  readonly rulesOf: RulesOf;
  readonly lineOf: LineOf;
  homeOf(warehouse: WarehouseId): HomeName | undefined;
}

type Sell = Extract<SaleAct, { act: 'sell' }>;

/** An order whose warehouse others have emptied is routed again so often, the first time counted. */
export const MOST_TRIES = 3;

/**
 * Sells orders that name no warehouse: chooses by the score among what the point has and what it has heard of, sells all or
 * nothing, and chooses again where others were quicker. The point remembers where an order went.
 */
export class OrderRouter {
  readonly #context: OrderRouterContext;
  readonly #knowledge: Knowledge;
  readonly #own: OwnSales;
  readonly #today = new Today();
  /** Whose orders {@link #today} has. */
  #shard: object | undefined;
  /** Orders that are being sold: asked again meanwhile, they would be routed twice. */
  readonly #running = new Map<string, Promise<RoutedSale | Refused | undefined>>();

  constructor(context: OrderRouterContext) {
    const { desk, clock, askCentre, region } = context;
    this.#context = context;
    this.#own = new OwnSales(clock);
    this.#knowledge = new Knowledge({
      ...{ region, desk, clock, today: this.#today },
      centre: new CentreStocks(askCentre, clock),
      own: this.#own,
      lineOf: context.lineOf,
      homeOf: (warehouse) => context.homeOf(warehouse),
    });
  }

  rulesOf(owner: OwnerId): RoutingRules | undefined {
    return this.#context.rulesOf(owner);
  }

  /** What would be done, and why. Undefined while another node owns the point. */
  async ask(ask: RoutedAsk): Promise<Decided | Refused | undefined> {
    if (this.#context.desk.serving() === undefined) return undefined;
    return this.#decide(ask, new Map());
  }

  /** Undefined while another node owns the point. */
  async sell(ask: RoutedAsk): Promise<RoutedSale | Refused | undefined> {
    const key = JSON.stringify([ask.owner, ask.order]);
    const before = this.#running.get(key);
    if (before !== undefined) {
      await before; // what came of it is known then
      return this.sell(ask);
    }
    const selling = this.#sell(ask).finally(() => this.#running.delete(key));
    this.#running.set(key, selling);
    return selling;
  }

  async #sell(ask: RoutedAsk): Promise<RoutedSale | Refused | undefined> {
    const again = this.#known(ask);
    if (again !== undefined) return this.#again(ask, again);
    const corrections = new Map<string, number>();
    let refused: Refused | undefined;
    for (let tries = 1; tries <= MOST_TRIES; tries++) {
      const decided = await this.#decide(ask, corrections);
      if ('ok' in decided) return refused ?? decided;
      const act = this.#actOf(ask, decided);
      if (this.#wasSold(act)) return refuse('hold_exists');
      const sinceMs = this.#context.clock.monoMs();
      const local = act.lines.filter((line) => this.#has(line)).length;
      const end = this.#own.claim(act.lines);
      const answer = await this.#context.seller.sell(act, false).finally(end);
      if (answer === undefined) return undefined;
      if (answer.ok) return this.#sold(ask, act, answer, decided, tries, local);
      const known = answer.code === 'hold_exists' ? this.#known(ask) : undefined;
      if (known !== undefined) return this.#again(ask, known);
      if (answer.code !== 'insufficient' && answer.code !== 'stranded') return answer;
      refused = worse(refused, ofOrder(ask, act, answer));
      this.#learn(act, sinceMs, corrections);
    }
    return refused;
  }

  async #decide(
    ask: RoutedAsk,
    corrections: ReadonlyMap<string, number>,
  ): Promise<Decided | Refused> {
    const { clock, rulesOf } = this.#context;
    this.#count();
    const rules = rulesOf(ask.owner);
    const atMs = clock.wallMs();
    const policy = rules?.policy ?? DEFAULT_POLICY;
    let refused: Refused | undefined;
    // Where nothing else is left, what others are about to take may still be had.
    for (const withClaims of this.#own.hasClaims ? [true, false] : [false]) {
      const question = { ...ask, atMs };
      const known = await this.#knowledge.of(question, rules, corrections, withClaims);
      const routed = route(question, known.sites, policy, known.figures);
      if (routed.ok) return { routed, policy, source: known.source };
      refused = routed;
    }
    return refused as Refused;
  }

  #actOf({ owner, order, channel, ttlMs }: RoutedAsk, { routed: { best } }: Decided): Sell {
    const { lineOf } = this.#context;
    const lines = best.parcels.flatMap(({ warehouse: name, lines: its }) =>
      its.map(({ sku, qty }) => {
        const warehouse = name as WarehouseId;
        return lineOf(owner, channel, { sku: sku as SkuId, warehouse, qty }) as OrderLine;
      }),
    );
    return { act: 'sell', owner, order, lines, ttlMs, routed: { promiseAtMs: best.promiseAtMs } };
  }

  /**
   * What a refused sale has shown: of lines that the point lacks, what is there where home said meanwhile that no more can come, or is
   * not heard. Of others home may only have been slow, and the same may be had when it is asked for again.
   */
  #learn({ lines }: Sell, sinceMs: number, corrections: Map<string, number>): void {
    const { desk } = this.#context;
    for (const line of lines) {
      const { home, sku: key, qty, pools } = line;
      const has = desk.freeOf(home, key, pools);
      const said = desk.knownOf(line);
      const isShort = said?.isShort === true && said.atMs >= sinceMs;
      if (has >= qty || (!isShort && isNear(desk.silentMs(home)))) continue;
      const { sku, warehouse } = parseActorKey(key);
      const units = has + (isShort ? comingOf(said) : 0);
      corrections.set(correctionKey(sku, warehouse), Math.min(qty - 1, units));
    }
  }

  #has({ home, sku, qty, pools }: OrderLine): boolean {
    return this.#context.desk.freeOf(home, sku, pools) >= qty;
  }

  /** Sold under the same name by an order that named its warehouse. */
  #wasSold({ order, lines }: Sell): boolean {
    const points = this.#context.desk.serving()?.state.rights.points;
    return lines.some(({ home, sku }) => points?.get(home)?.orders.get(sku)?.has(order));
  }

  #sold(
    ask: RoutedAsk,
    { lines }: Sell,
    answer: Answer,
    decided: Decided,
    tries: number,
    local: number,
  ): RoutedSale | Refused {
    if (!answer.ok || answer.kind !== 'sale') return refuse('unknown');
    this.#own.sold(lines);
    const { counters } = this.#context.seller;
    counters.lines += lines.length;
    if (tries === 1) counters.localLines += local;
    const { best } = decided.routed;
    const atMs = this.#context.clock.wallMs();
    for (const { warehouse } of best.parcels) this.#note(ask.owner, warehouse, atMs);
    return { answer, decided, promiseAtMs: best.promiseAtMs, tries };
  }

  #note(owner: OwnerId, warehouse: string, atMs: number): void {
    const zone = this.#context.rulesOf(owner)?.cutoffs.get(warehouse)?.timeZone ?? 'UTC';
    this.#today.add(warehouse, atMs, zone);
  }

  /** A new owner of the point counts what its predecessors have routed. */
  #count(): void {
    const shard = this.#context.desk.serving();
    if (shard === this.#shard) return;
    this.#shard = shard;
    this.#today.clear();
    for (const [key, { lines, atMs, state }] of shard?.state.rights.routed.all() ?? []) {
      if (state === 'cancelled') continue;
      const owner = key.slice(0, key.indexOf('/')) as OwnerId;
      const warehouses = new Set(lines.map(([, sku]) => parseActorKey(sku).warehouse));
      for (const warehouse of warehouses) this.#note(owner, warehouse, atMs);
    }
  }

  /** Where an order went that is there still. */
  #known({ owner, order }: RoutedAsk): RoutedOrder | undefined {
    const rights = this.#context.desk.serving()?.state.rights;
    const known = rights?.routed.of(owner, order);
    if (rights === undefined || known === undefined) return undefined;
    return known.state === 'soft' && softOf(rights, order, known) === 0 ? undefined : known;
  }

  /** What was done is told again: asked of the shard, so that it leaves after the record that it rests on. */
  async #again(ask: RoutedAsk, known: RoutedOrder): Promise<RoutedSale | Refused | undefined> {
    const { desk, lineOf } = this.#context;
    const { owner, order, channel, ttlMs } = ask;
    const isSoft = known.state === 'soft';
    const isSame = isSoft === ttlMs > 0 && known.state !== 'cancelled' && isOf(ask, known);
    if (!isSame) return refuse('hold_exists', 0, -1, 'routed before');
    const lines = known.lines.map(([home, key, qty]): OrderLine => {
      const { sku, warehouse } = parseActorKey(key);
      return lineOf(owner, channel, { sku, warehouse, qty }) ?? { home, sku: key, qty, pools: [] };
    });
    const routed = { promiseAtMs: known.promiseAtMs };
    const seen = await desk.do({ act: 'sell', owner, order, lines, ttlMs, routed });
    // Just now it had ended, and so it was done again.
    if (seen.ok) return seen.kind === 'sale' ? toldAgain(seen, known) : undefined;
    if (seen.code !== 'hold_exists') return seen;
    const shard = desk.serving();
    if (shard === undefined) return undefined;
    const sold: Sold = {
      ...{ order, did: isSoft ? 'reserve' : 'sell' },
      lines: lines.map(({ home, sku, qty, pools }): SoldLine => {
        return soldLine({ sku, qty }, {}, desk.freeOf(home, sku, pools));
      }),
      expiresAtMs: isSoft ? softOf(shard.state.rights, order, known) : 0,
    };
    return toldAgain({ ok: true, kind: 'sale', sold }, known);
  }
}

const toldAgain = (answer: SaleDone, { promiseAtMs }: RoutedOrder): RoutedSale => ({
  ...{ answer, promiseAtMs },
  ...{ decided: undefined, tries: 0 },
});

/** The same units of the same SKUs, wherever they are from. */
function isOf({ lines }: RoutedAsk, known: RoutedOrder): boolean {
  const units = new Map<string, number>();
  for (const [, key, qty] of known.lines) {
    const { sku } = parseActorKey(key);
    units.set(sku, (units.get(sku) ?? 0) + qty);
  }
  return units.size === lines.length && lines.every(({ sku, qty }) => units.get(sku) === qty);
}

/** Units that are there and cannot be reached are news even where others are simply gone. */
const worse = (before: Refused | undefined, after: Refused): Refused =>
  before?.code === 'stranded' && after.code !== 'stranded' ? before : after;

/** The line of a refusal is the order's as it was asked. */
function ofOrder({ lines }: RoutedAsk, act: Sell, refused: Refused): Refused {
  const { sku } = parseActorKey((act.lines[Math.max(0, refused.line)] as OrderLine).sku);
  const line = lines.length === 1 ? -1 : lines.findIndex((one) => one.sku === sku);
  return { ...refused, line };
}
