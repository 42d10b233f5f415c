import type { ActorKey, HoldId } from '../../../actors/ids.ts';
import type { HomeName, RightsChange } from '../../../actors/rights/acts.ts';
import { type Entry, type HomeLane, type LifeId, outOf } from '../../../actors/rights/lane.ts';
import { lifeOfPoint, orderKey, type Point } from '../../../actors/rights/point.ts';
import { byKind, type Cells } from '../../../actors/rights/pools.ts';
import { openHold } from '../../../actors/stock/state.ts';
import type { Change } from '../../../actors/stock/stockroom.ts';
import type { Stored } from '../../../engine/journal/journal.ts';
import { GENESIS, type JournalRecord, open } from '../../../engine/record.ts';
import { ShardState } from '../../../engine/state.ts';
import { Failure } from '../failure.ts';
import { PoolTruth } from './pool-truth.ts';

type BatchBody = Extract<JournalRecord['body'], { kind: 'batch' }>;
type BatchEntry = BatchBody['entries'][number];

/** One sale as it stands in a point's log. */
export interface Sale extends Entry {
  readonly life: LifeId;
  readonly home: HomeName;
}

/**
 * A hold that came about at home: from a sale, or by home's own word. A stock actor forgets what has ended; then home may
 * use the id again, and a sale of it is not held yet. Of sales one makes a hold, ever.
 */
export interface Made {
  readonly sku: ActorKey;
  readonly order: HoldId;
  readonly source: string;
  readonly qty: number;
  readonly times: number;
}

/** Holds are made from sales, `life:n`, or by home's own word. */
export const isOfSale = ({ source }: Pick<Made, 'source'>): boolean => source.includes(':');

/** Units of one SKU that came, were lost and left, counted from what happened and not from balances. */
export interface Units {
  came: number;
  lost: number;
  shipped: number;
}

/** What one shard's journal really says, replayed as it grows, with counts of its own beside the engine's state. */
export class JournalTruth {
  readonly home: HomeName;
  readonly region: string;
  state = new ShardState();
  /** Its end was lost, and nobody has taken it over since. */
  isLimbo = false;
  last: JournalRecord | undefined;
  /** As the home: log entries applied, by life; holds made by order and SKU; orders flagged; units written off. */
  readonly cursors = new Map<LifeId, number>();
  readonly made = new Map<string, Made>();
  readonly flagged = new Set<string>();
  readonly booked = new Map<ActorKey, number>();
  readonly units = new Map<ActorKey, Units>();
  /** It was restored at least once: what it had promised may come as a debt. */
  isRestored = false;
  readonly #stored: Stored[] = [];
  readonly #pools = new PoolTruth();
  /** As a point: every sale in its logs is told, once. */
  readonly #onSale: (sale: Sale) => void;
  readonly #logged = new Map<string, number>();

  constructor(region: string, shard: number, onSale: (sale: Sale) => void) {
    this.region = region;
    this.home = `${region}.${shard}`;
    this.#onSale = onSale;
  }

  append(stored: Stored): JournalRecord {
    const record = open(stored.bytes);
    if (record.prev !== (this.last?.hash ?? GENESIS)) {
      throw new Failure('P5 one writer', `record ${record.number} of ${this.home} follows another`);
    }
    this.#stored.push(stored);
    this.#apply(record);
    return record;
  }

  /** What is after `seq` was lost. */
  cutTail(seq: number): void {
    const kept = this.#stored.filter((stored) => stored.seq <= seq);
    this.#stored.length = 0;
    this.#stored.push(...kept);
    this.state = new ShardState();
    this.last = undefined;
    for (const counts of [this.cursors, this.made, this.flagged, this.booked, this.units]) {
      counts.clear();
    }
    this.#logged.clear();
    this.#pools.clear();
    for (const { bytes } of kept) this.#apply(open(bytes));
    this.isLimbo = true;
    this.isRestored = true;
  }

  #apply(record: JournalRecord): void {
    const { body } = record;
    if (body.kind === 'owner') this.isLimbo = false;
    this.last = record;
    // Entry by entry, as they were decided: each is held against the state that it found.
    if (body.kind === 'batch') {
      for (const entry of body.entries) this.#applyEntry(record, body, entry);
      this.state.apply({ ...record, body: { ...body, entries: [] } });
    } else this.state.apply(record);
    for (const [life, { cursor }] of this.state.rights.home.lives) {
      if ((this.cursors.get(life) ?? 0) === cursor) continue;
      throw new Failure('E2 log', `${this.home} has ${life} up to ${cursor}, and heard otherwise`);
    }
  }

  #applyEntry(record: JournalRecord, body: BatchBody, entry: BatchEntry): void {
    const { outcome } = entry;
    if (outcome.ok) {
      this.#isNew(outcome.changes);
      if ('rights' in outcome) this.#before(outcome.rights, record.timeMs);
    }
    this.state.apply({ ...record, body: { ...body, entries: [entry], acknowledged: [] } });
    if (!outcome.ok) return;
    for (const change of outcome.changes) this.#count(change);
    if ('rights' in outcome) this.#after(outcome.rights);
  }

  /** S5: no hold that is open is made again. */
  #isNew(changes: readonly Change[]): void {
    for (const { key, event } of changes) {
      if (event.kind !== 'sold' && event.kind !== 'reserved') continue;
      const actor = this.state.stockroom.get(key);
      if (actor === undefined || openHold(actor, event.hold) === undefined) continue;
      throw new Failure('E6 once', `${event.hold} of ${key} is open, and is made again`);
    }
  }

  /** What a burial writes off, and which entries home takes. */
  #before(changes: readonly RightsChange[], atMs: number): void {
    this.#pools.before(this.state, changes, atMs);
    for (const { event } of changes) {
      if (event.is !== 'buried') continue;
      for (const id of event.lanes) {
        const lane = this.state.rights.home.lanes.get(id) as HomeLane;
        const { stock, presale } = outOf(lane);
        this.booked.set(lane.sku, (this.booked.get(lane.sku) ?? 0) + stock + presale);
      }
    }
  }

  #after(changes: readonly RightsChange[]): void {
    this.#pools.after(this.state);
    for (const { key, event } of changes) {
      if (event.is === 'heard' && 'up' in event) {
        for (const order of event.doubled) this.flagged.add(order);
        this.#takeLog(event.up.life, event.up.log);
      } else if (key.startsWith('of ')) this.#readLog(key.slice(3) as HomeName);
    }
  }

  #takeLog(life: LifeId, log: readonly Entry[]): void {
    // Where home only asked, or found a gap, it took nothing.
    const most = this.state.rights.home.lives.get(life)?.cursor ?? 0;
    for (const { n } of log) {
      if (n === (this.cursors.get(life) ?? 0) + 1 && n <= most) this.cursors.set(life, n);
    }
  }

  #readLog(home: HomeName): void {
    const point = this.state.rights.points.get(home);
    if (point === undefined) return;
    const life = lifeOfPoint(point);
    const known = this.#logged.get(`${life} ${home}`) ?? 0;
    this.#logged.set(`${life} ${home}`, point.logged);
    for (const entry of point.log.slice(point.log.length - (point.logged - known))) {
      if (entry.op === 'sale') this.#onSale({ ...entry, life, home });
    }
  }

  #count({ key, event }: Change): void {
    const units = this.units.get(key) ?? { came: 0, lost: 0, shipped: 0 };
    this.units.set(key, units);
    if (event.kind === 'received') units.came += event.qty;
    else if (event.kind === 'adjusted' && event.qty < 0) units.lost -= event.qty;
    else if (event.kind === 'adjusted') units.came += event.qty;
    else if (event.kind === 'shipped') units.shipped += event.qty;
    else if (event.kind === 'sold' || event.kind === 'reserved') this.#made(key, event);
  }

  #made(sku: ActorKey, { hold: order, qty, doc: source }: Change['event']): void {
    const key = orderKey(order, sku);
    const made = this.made.get(key);
    const now = { sku, order, source, qty, times: 1 };
    if (made === undefined || (isOfSale(now) && !isOfSale(made))) this.made.set(key, now);
    else if (isOfSale(now)) this.made.set(key, { ...made, times: made.times + 1 });
  }

  /** Entries of a life's log that its home has not applied. */
  pendingOf(point: Point, truth: JournalTruth): Entry[] {
    const cursor = truth.cursors.get(lifeOfPoint(point)) ?? 0;
    return point.log.slice(Math.max(0, point.log.length - (point.logged - cursor)));
  }
}

export const unitsOf = (entries: readonly Entry[], sku: ActorKey): number =>
  entries.reduce((sum, entry) => (entry.sku === sku ? sum + goodsIn(entry.taken) : sum), 0);

/** Units of goods, on hand or in transit: what is sold of nothing has none behind it. */
export const goodsIn = (cells: Readonly<Cells>): number => {
  const { stock, presale } = byKind(cells);
  return stock + presale;
};
