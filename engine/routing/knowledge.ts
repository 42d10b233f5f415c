import {
  actorKey,
  type OwnerId,
  parseActorKey,
  type SkuId,
  type WarehouseId,
} from '../../actors/ids.ts';
import type { HomeName, OrderLine } from '../../actors/rights/acts.ts';
import type { ChannelId } from '../../actors/rights/plan.ts';
import type { Figures, Shelf, Site, SiteFigures } from '../../actors/routing/types.ts';
import type { Clock } from '../clock.ts';
import { comingOf } from '../rights/asked.ts';
import { isNear } from '../rights/limits.ts';
import type { PointDesk } from '../rights/point-desk.ts';
import { type CentreStock, type CentreStocks, USABLE_MS } from './centre-stock.ts';
import { cutoffAtMs, type Today } from './days.ts';
import type { OwnSales } from './own-sales.ts';
import { type RoutingRules, unlocated } from './rules.ts';

/** What a routing decision rested on: the poorest source of any of its figures. */
export type Source =
  /** What the centre said, and the point's own rights. */
  | 'centre'
  /** Rights that the point has, and what homes said last. */
  | 'rights'
  /** Nothing: hoped for, where the centre cannot be reached and home may have it. */
  | 'hope';

export interface Known {
  readonly sites: readonly Site[];
  readonly figures: Figures;
  readonly source: Source;
}

/** A line of an order, with where its goods lie and what it may draw from; undefined where no region has the warehouse. */
export type LineOf = (
  owner: OwnerId,
  channel: ChannelId | undefined,
  line: { readonly sku: SkuId; readonly warehouse: WarehouseId; readonly qty: number },
) => OrderLine | undefined;

export interface KnowledgeContext {
  readonly region: string;
  readonly desk: PointDesk;
  readonly clock: Clock;
  readonly centre: CentreStocks;
  readonly today: Today;
  readonly own: OwnSales;
  readonly lineOf: LineOf;
  homeOf(warehouse: WarehouseId): HomeName | undefined;
}

export interface Question {
  readonly owner: OwnerId;
  readonly channel: ChannelId | undefined;
  readonly lines: readonly { readonly sku: SkuId; readonly qty: number }[];
  readonly atMs: number;
  /** Warehouses that may be chosen. */
  mayUse(warehouse: string): boolean;
}

/** Units that there turned out to be, by SKU and warehouse, where a sale was refused. */
export type Corrections = ReadonlyMap<string, number>;
export const correctionKey = (sku: string, warehouse: string): string => `${sku}@${warehouse}`;

/** Warehouses seen in lanes are looked for again after this, ms. */
const LOOK_MS = 10_000;

/** What a selling point knows of the units in each warehouse that it could sell. */
export class Knowledge {
  readonly #context: KnowledgeContext;
  /** By owner, warehouses of which the point has lanes. */
  #seen = new Map<string, Set<string>>();
  #seenMs = Number.NEGATIVE_INFINITY;

  constructor(context: KnowledgeContext) {
    this.#context = context;
  }

  /** Asks the centre where that is needed and it can be reached. `withClaims`: what orders under way are about to take is left to them. */
  async of(
    question: Question,
    rules: RoutingRules | undefined,
    corrections: Corrections,
    withClaims: boolean,
  ): Promise<Known> {
    const { owner, lines } = question;
    const skus = lines.map(({ sku }) => sku);
    await this.#context.centre.refresh(owner, skus);
    const sites = this.#sites(question, rules);
    let source: Source = 'centre';
    const poor = (by: Source): void => {
      if (source !== 'hope') source = by;
    };
    const figures = new Map(
      sites.map(({ name }) => [name, this.#figures(question, rules, name, corrections, poor)]),
    );
    if (withClaims) this.#leave(question, figures);
    return { sites, figures, source };
  }

  /** Those of the rules; without rules, those that are heard of, by name alone. */
  #sites({ owner, lines, mayUse }: Question, rules: RoutingRules | undefined): readonly Site[] {
    const isOurs = (name: string): boolean =>
      mayUse(name) && this.#context.homeOf(name as WarehouseId) !== undefined;
    if (rules !== undefined) return rules.sites.filter(({ name }) => isOurs(name));
    const names = new Set(this.#seenBy(owner));
    for (const { sku } of lines) {
      for (const name of this.#context.centre.of(owner, sku)?.units.keys() ?? []) names.add(name);
    }
    return [...names].filter(isOurs).sort().map(unlocated);
  }

  #seenBy(owner: OwnerId): Iterable<string> {
    const { clock, desk } = this.#context;
    const now = clock.monoMs();
    if (now - this.#seenMs > LOOK_MS) {
      this.#seenMs = now;
      this.#seen = new Map();
      for (const point of desk.serving()?.state.rights.points.values() ?? []) {
        for (const key of point.current.keys()) this.#see(parseActorKey(key));
      }
    }
    return this.#seen.get(owner) ?? [];
  }

  #see({ owner, warehouse }: { readonly owner: string; readonly warehouse: string }): void {
    const its = this.#seen.get(owner);
    if (its === undefined) this.#seen.set(owner, new Set([warehouse]));
    else its.add(warehouse);
  }

  #figures(
    question: Question,
    rules: RoutingRules | undefined,
    warehouse: string,
    corrections: Corrections,
    poor: (by: Source) => void,
  ): SiteFigures & { readonly shelves: Map<string, Shelf> } {
    const { owner, channel, lines, atMs } = question;
    const shelves = new Map<string, Shelf>();
    for (const { sku, qty } of lines) {
      const corrected = corrections.get(correctionKey(sku, warehouse));
      const named = { sku, qty, warehouse: warehouse as WarehouseId };
      const line = this.#context.lineOf(owner, channel, named) as OrderLine;
      const units =
        corrected ?? this.#units(line, this.#context.centre.of(owner, sku), warehouse, poor);
      if (units > 0) shelves.set(sku, { units, ageDays: 0 });
    }
    return {
      ordersToday: this.#context.today.orders(warehouse, atMs),
      cutoffAtMs: cutoffAtMs(atMs, rules?.cutoffs.get(warehouse)),
      shelves,
    };
  }

  #leave(
    { owner, lines }: Question,
    figures: ReadonlyMap<string, { readonly shelves: Map<string, Shelf> }>,
  ): void {
    for (const [warehouse, { shelves }] of figures) {
      for (const { sku } of lines) {
        const shelf = shelves.get(sku);
        const key = actorKey(owner, sku, warehouse as WarehouseId);
        const units = (shelf?.units ?? 0) - this.#context.own.claimed(key);
        if (shelf !== undefined && units > 0) shelves.set(sku, { ...shelf, units });
        else shelves.delete(sku);
      }
    }
  }

  /**
   * Units that the point has, and that may come: as home said last, or the centre, whoever spoke later. Of a home that is
   * heard, and of one of the own region, what is asked for is hoped for where neither has spoken.
   */
  #units(
    line: OrderLine,
    told: CentreStock | undefined,
    warehouse: string,
    poor: (by: Source) => void,
  ): number {
    const { desk, clock, region, own } = this.#context;
    const { home, sku, qty, pools } = line;
    if (pools.length === 0) return 0;
    const has = desk.freeOf(home, sku, pools);
    const silentMs = desk.silentMs(home);
    if (Number.isFinite(silentMs) && !isNear(silentMs)) return has;
    const since = clock.monoMs() - USABLE_MS;
    const said = desk.knownOf(line);
    if (said !== undefined && said.atMs > Math.max(since, told?.atMs ?? since)) {
      poor('rights');
      return has + comingOf(said);
    }
    if (told !== undefined && told.atMs > since) {
      return Math.max(has, (told.units.get(warehouse) ?? 0) - own.since(sku, told.atMs));
    }
    poor('rights');
    const mayHave = Number.isFinite(silentMs) || home.startsWith(`${region}.`);
    if (has >= qty || !mayHave) return has;
    poor('hope');
    return qty;
  }
}
