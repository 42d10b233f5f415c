import { type ChannelId, type PoolRule, type SkuPlan, sharedOf } from '../actors/rights/plan.ts';
import type { Kind, PoolId } from '../actors/rights/pools.ts';
import { apportion } from './apportion.ts';
import type { Named, RankedRules } from './ranked.ts';
import { sorted } from './read.ts';
import type { Allocation, Cap, Kept, Part, Rules, Scope } from './schema.ts';
import { entryOf, fitsSku, fitsWarehouse, isServed } from './scope.ts';
import { isWithin, type Span, spanAround, spanOf, timeline } from './spans.ts';

/** What is known beside the rules. */
export interface Facts {
  /** Units by channel, of the time that rules of performance go by. */
  readonly sales: Readonly<Record<ChannelId, number>>;
}

/** From where an order may be filled. */
export interface Door extends Span {
  readonly pool: PoolId;
  /** Undefined: all channels, and orders without one. */
  readonly only?: ReadonlySet<ChannelId>;
  /** Of those, all but these. */
  readonly not?: ReadonlySet<ChannelId>;
}

/** How the goods of one SKU in one warehouse are sold. */
export interface Goods {
  readonly plan: SkuPlan;
  /** In the order in which an order is filled. */
  readonly doors: readonly Door[];
  /** By channel, '' for none: what was found last, and when that holds. */
  readonly open: Map<ChannelId, Open>;
}

/** The pools that a channel draws from, for a time. */
export interface Open extends Span {
  readonly pools: readonly PoolId[];
}

/** What holds of some goods from one moment until before another. */
interface Holds {
  readonly allocation: Named<Allocation> | undefined;
  readonly cap: Named<Cap> | undefined;
}

/** Compiles what the rules say of one SKU in one warehouse. */
export class GoodsCompiler {
  readonly #ranked: RankedRules;
  readonly #rules: Rules;
  readonly #facts: Facts;
  readonly #sku: string;
  readonly #warehouse: string;
  readonly #country: string | undefined;
  readonly #pools: PoolRule[] = [];
  readonly #doors: Door[] = [];

  constructor(ranked: RankedRules, facts: Facts, sku: string, warehouse: string) {
    this.#ranked = ranked;
    this.#rules = ranked.rules;
    this.#facts = facts;
    this.#sku = sku;
    this.#warehouse = warehouse;
    this.#country = entryOf(ranked.rules.warehouses, warehouse)?.country;
  }

  goods(): Goods {
    this.#promotions();
    this.#stock();
    const presale = this.#promised('presale');
    const oversell = this.#promised('oversell');
    const plan = { pools: this.#pools, presale, oversell, safety: this.#safety() };
    return { plan, doors: this.#doors, open: new Map() };
  }

  /** Beside all else: a pool each, for its time. */
  #promotions(): void {
    for (const { id, rule } of this.#about(this.#ranked.promotions)) {
      const pool: PoolId = `stock/promo-${id}`;
      const span = spanOf(rule.window);
      this.#pools.push({ pool, part: { units: rule.units }, ...span });
      this.#doors.push({ pool, ...span, only: this.#channelsOf(rule.channels) });
    }
  }

  #stock(): void {
    const allocations = this.#about(this.#ranked.allocations.stock);
    const spans = timeline(
      allocations.map(({ rule }) => spanOf(rule.window)),
      (ms) => liveAt(allocations, ms),
      (a, b) => a?.id === b?.id,
    );
    const shared: Door[] = [];
    for (const { value, fromMs, untilMs } of spans) {
      const parts = value === undefined ? [] : this.#partsOf(value.rule);
      const span = { fromMs, untilMs };
      this.#own('stock', parts, span);
      shared.push({ pool: sharedOf('stock'), ...span, not: exclusive(parts) });
    }
    this.#doors.push(...shared);
  }

  /** Pools of pre-sale or oversell; returns the most there may be promised at any time. */
  #promised(kind: 'presale' | 'oversell'): number {
    const caps = this.#about(this.#ranked[kind]);
    if (caps.length === 0) return 0;
    const allocations = this.#about(this.#ranked.allocations[kind]);
    const spans = timeline<Holds>(
      [...caps, ...allocations].map(({ rule }) => spanOf(rule.window)),
      (ms) => ({ cap: liveAt(caps, ms), allocation: liveAt(allocations, ms) }),
      (a, b) => a.cap?.id === b.cap?.id && a.allocation?.id === b.allocation?.id,
    );
    const most = Math.max(0, ...spans.map(({ value }) => value.cap?.rule.units ?? 0));
    for (const { value, fromMs, untilMs } of spans) {
      if (value.cap !== undefined)
        this.#capped(kind, value.cap, value.allocation, most, { fromMs, untilMs });
    }
    return most;
  }

  /** What a cap leaves beside its parts is for all, or for the channels that it names. */
  #capped(
    kind: Kind,
    { id, rule }: Named<Cap>,
    allocation: Named<Allocation> | undefined,
    most: number,
    span: Span,
  ): void {
    const open = rule.channels && this.#channelsOf(rule.channels);
    const its = allocation === undefined ? [] : this.#partsOf(allocation.rule);
    const parts = its.filter(({ channel }) => open === undefined || open.has(channel));
    const percents = parts.reduce(
      (sum, { part }) => sum + ('percent' in part ? part.percent : 0),
      0,
    );
    const rest: PoolId = open === undefined ? sharedOf(kind) : stamped(`${kind}/for-${id}`, span);
    const all: Shared[] = parts.map((part) => ({
      ...part,
      pool: stamped(`${kind}/${part.channel}`, span),
    }));
    all.push({ pool: rest, part: { percent: Math.max(0, 100 - percents) } });
    const bounded = rule.units < most ? inUnits(all, rule.units) : all;
    for (const { pool, part } of bounded) this.#pools.push({ pool, part, ...span });
    this.#openOwn(kind, parts, span);
    const only = open === undefined ? {} : { only: open };
    this.#doors.push({ pool: rest, ...span, ...only, not: exclusive(parts) });
  }

  #own(kind: Kind, parts: readonly ChannelPart[], span: Span): void {
    for (const { channel, part } of parts) {
      this.#pools.push({ pool: stamped(`${kind}/${channel}`, span), part, ...span });
    }
    this.#openOwn(kind, parts, span);
  }

  #openOwn(kind: Kind, parts: readonly ChannelPart[], span: Span): void {
    for (const { channel } of parts) {
      const pool = stamped(`${kind}/${channel}`, span);
      this.#doors.push({ pool, ...span, only: new Set([channel]) });
    }
  }

  /** Served in the order that the rule declares, then by name. */
  #partsOf({ parts, by }: Allocation): ChannelPart[] {
    const served = sorted(parts)
      .filter(([channel]) => isServed(this.#rules, channel, this.#warehouse))
      .sort(([, a], [, b]) => (a.order ?? 0) - (b.order ?? 0));
    const performed = by === 'performance' ? this.#performed(served) : new Map<string, number>();
    return served.map(([channel, part]): ChannelPart => {
      const { least, units } = part;
      const percent = performed.get(channel) ?? part.percent;
      if (least !== undefined) return { channel, part: { units: least }, isLeast: true };
      if (units !== undefined) return { channel, part: { units }, isLeast: false };
      return { channel, part: { percent: percent ?? 0 }, isLeast: false };
    });
  }

  /** What the percents are together, in whole percents by sales; as written where nothing was sold. */
  #performed(parts: readonly (readonly [ChannelId, Part])[]): Map<ChannelId, number> {
    const some = parts
      .filter(([, { percent }]) => percent !== undefined)
      .map(([channel]) => channel);
    const sales = some.map((channel) => soldBy(this.#facts, channel));
    if (sales.every((units) => units === 0)) return new Map();
    const together = parts.reduce((sum, [, { percent }]) => sum + (percent ?? 0), 0);
    const shares = apportion(Math.floor(together + 1e-9), sales);
    return new Map(some.map((channel, i) => [channel, shares[i] as number]));
  }

  /** What is kept back here; undefined where no rule says anything of it. */
  #safety(): number | undefined {
    const [safety] = this.#about(this.#ranked.safety);
    const [buffer] = this.#about(this.#ranked.buffers);
    if (safety === undefined && buffer === undefined) return undefined;
    return (safety?.rule.units ?? 0) + (buffer === undefined ? 0 : this.#bufferHere(buffer.rule));
  }

  /** An equal part in each warehouse that there is; what is left over, a unit each from the first by name. */
  #bufferHere(buffer: Kept): number {
    const among = sorted(this.#rules.warehouses)
      .filter(([name, { country }]) => fitsWarehouse(buffer, name, country))
      .map(([name]) => name);
    const at = among.indexOf(this.#warehouse);
    if (at < 0) return 0;
    return apportion(
      buffer.units,
      among.map(() => 1),
    )[at] as number;
  }

  /** Those that are about these goods, in their order. */
  #about<Rule extends Scope>(ranked: readonly Named<Rule>[]): Named<Rule>[] {
    return ranked.filter(({ rule }) => this.#isAbout(rule));
  }

  #isAbout(rule: Scope): boolean {
    return fitsSku(rule, this.#sku) && fitsWarehouse(rule, this.#warehouse, this.#country);
  }

  #channelsOf(named: '*' | Readonly<Record<string, true>>): ReadonlySet<ChannelId> {
    return new Set(Object.keys(named === '*' ? this.#rules.channels : named));
  }
}

interface ChannelPart {
  readonly channel: ChannelId;
  readonly part: PoolRule['part'];
  /** It goes on to the shared pool. */
  readonly isLeast: boolean;
}
type Shared = Pick<PoolRule, 'pool' | 'part'>;

/** A pool that did not always exist has its beginning in its name, so that one channel may have pools one after another. */
const stamped = (pool: PoolId, { fromMs }: Span): PoolId =>
  fromMs === 0 ? pool : (`${pool}.${fromMs}` as PoolId);

const exclusive = (parts: readonly ChannelPart[]): ReadonlySet<ChannelId> =>
  new Set(parts.flatMap(({ channel, isLeast }) => (isLeast ? [] : [channel])));

const liveAt = <Rule extends { readonly window?: Cap['window'] }>(
  ranked: readonly Named<Rule>[],
  ms: number,
) => ranked.find(({ rule }) => isWithin(spanOf(rule.window), ms));

const soldBy = ({ sales }: Facts, channel: ChannelId): number =>
  Math.max(0, entryOf(sales, channel) ?? 0);

/** For a time in which less may be promised than at others: parts of `most`, in units; of its units too, those served last are cut. */
function inUnits(parts: readonly Shared[], most: number): Shared[] {
  let left = most;
  const fixed = parts.map(({ part }) => {
    const units = 'units' in part ? Math.min(left, part.units) : 0;
    left -= units;
    return units;
  });
  const percents = parts.map(({ part }) => ('percent' in part ? part.percent : 0));
  const shares = apportion(left, percents);
  return parts.map(({ pool }, i) => ({
    pool,
    part: { units: (fixed[i] as number) + (shares[i] as number) },
  }));
}

/** The pools that an order of a channel draws from at a moment. */
export function openTo(goods: Goods, channel: ChannelId | undefined, nowMs: number): Open {
  const isOpen = ({ only, not, ...span }: Door): boolean => {
    if (!isWithin(span, nowMs)) return false;
    if (only !== undefined && (channel === undefined || !only.has(channel))) return false;
    return channel === undefined || not?.has(channel) !== true;
  };
  const pools = goods.doors.filter(isOpen).map(({ pool }) => pool);
  return { pools, ...spanAround(goods.doors, nowMs) };
}
