import { Unpackr } from 'msgpackr';
import type { ActorKey, HoldId } from '../../../actors/ids.ts';
import type { HomeName, SaleAct } from '../../../actors/rights/acts.ts';
import type { Down, Up } from '../../../actors/rights/lane.ts';
import { lifeOfPoint, orderKey } from '../../../actors/rights/point.ts';
import { type Cells, poolsOf, unitsIn } from '../../../actors/rights/pools.ts';
import type { Stored } from '../../../engine/journal/journal.ts';
import type { JournalRecord } from '../../../engine/record.ts';
import type { ToHome, ToPoint } from '../../../engine/rights/messages.ts';
import type { Answer } from '../../../engine/settled.ts';
import { Failure } from '../failure.ts';
import { type Abroad, Books } from './books.ts';
import { JournalTruth, type Sale } from './journal-truth.ts';
import type { Witness } from './node.ts';

const unpackr = new Unpackr({ useRecords: false });

/** What may be told of an order, by what the answer says was done. */
type Did = 'sell' | 'reserve' | 'harden' | 'release' | 'cancel';

/** Watches every record, message and answer, and holds all of it against what the journals say. */
export class Oracle implements Witness {
  failure: Failure | undefined;
  readonly counts: Record<string, number> = {};
  /** By home name; a point's shard is the last of its region. */
  readonly truths = new Map<HomeName, JournalTruth>();
  /** Every sale that any journal ever had, by home, SKU and order. Those of lost tails too. */
  readonly sales = new Map<string, Sale[]>();
  /** Sales that shops were told of, at which point. */
  readonly accepted = new Map<string, string>();
  readonly #books: Books;
  readonly #pointShard: number;
  /** What journals said of orders, ever: `did owner/order`. */
  readonly #said = new Set<string>();

  constructor(regions: readonly string[], homes: number) {
    this.#pointShard = homes;
    for (const region of regions) {
      for (let shard = 0; shard <= homes; shard++) {
        const truth = new JournalTruth(region, shard, (sale) => this.#sold(sale));
        this.truths.set(truth.home, truth);
      }
    }
    this.#books = new Books(this.truths, regions, homes);
  }

  /** Runs a check; the first failure is kept. */
  check(run: () => void): void {
    if (this.failure !== undefined) return;
    try {
      run();
    } catch (e) {
      this.failure =
        e instanceof Failure
          ? e
          : new Failure('error', e instanceof Error ? String(e.stack) : String(e));
    }
  }

  count(what: string, more = 1): void {
    this.counts[what] = (this.counts[what] ?? 0) + more;
  }

  truth(home: HomeName): JournalTruth {
    return this.truths.get(home) as JournalTruth;
  }

  point(region: string): JournalTruth {
    return this.truth(`${region}.${this.#pointShard}`);
  }

  abroad(home: JournalTruth, sku: ActorKey): Abroad {
    return this.#books.abroad(home, sku);
  }

  stored(region: string, shard: number, stored: Stored): void {
    this.check(() => {
      const truth = this.truth(`${region}.${shard}`);
      const record = truth.append(stored);
      this.count('records');
      this.#note(record);
      this.#books.check(truth, record);
    });
  }

  lost(region: string, shard: number, last: number): void {
    this.check(() => this.truth(`${region}.${shard}`).cutTail(last));
  }

  stopped(life: string, shard: number, why: string): void {
    this.check(() => {
      throw new Failure('stops', `${life} stopped shard ${shard}: ${why}`);
    });
  }

  /** C1: nothing is answered that is not in the journal. */
  answered(region: string, act: SaleAct, answer: Answer): void {
    if (!answer.ok || answer.kind !== 'sale') return;
    this.check(() => {
      const { did } = answer.sold;
      if (did === 'sendOn') throw new Failure('C1 answer', 'a shop is told of sending on');
      const key = `${did} ${act.owner}/${act.order}`;
      if (!this.#said.has(key)) throw new Failure('C1 committed', `${region} told ${key}`);
      this.count(did);
      if (did === 'sell' || did === 'harden')
        this.accepted.set(`${act.owner}/${act.order}`, region);
    });
  }

  /** C1: what sides tell each other is committed. */
  told(subject: string, data: Uint8Array): void {
    this.check(() => {
      if (subject.startsWith('inv.rights.home.')) {
        const { up } = unpackr.unpack(data) as ToHome;
        this.count('messages');
        if (up != null) this.#upIsTrue(subject.slice('inv.rights.home.'.length) as HomeName, up);
      } else if (subject.startsWith('inv.rights.point.')) {
        const { home, downs } = unpackr.unpack(data) as ToPoint;
        this.count('messages');
        for (const down of downs) this.#downIsTrue(home, down);
      }
    });
  }

  #upIsTrue(home: HomeName, up: Up): void {
    const truth = this.point(up.point);
    const point = truth.state.rights.points.get(home);
    if (truth.isLimbo || (point !== undefined && lifeOfPoint(point) !== up.life)) return;
    const say = (what: string) => new Failure('C1 told', `${up.life} tells ${home} ${what}`);
    if ((up.log.at(-1)?.n ?? 0) > (point?.logged ?? 0)) throw say('a sale that is not committed');
    for (const { id, back, spent, final } of up.lanes) {
      const lane = point?.lanes.get(id);
      if (lane === undefined) continue;
      if (isMore(back, lane.back) || isMore(spent, lane.spent)) throw say(`more of ${id}`);
      if (final != null && lane.final === undefined) throw say(`that ${id} is closed`);
    }
  }

  #downIsTrue(name: HomeName, down: Down): void {
    const truth = this.truth(name);
    const { home } = truth.state.rights;
    if (truth.isLimbo || down.lineage !== home.lineage) return;
    const say = (what: string) => new Failure('C1 told', `${name} tells ${down.to} ${what}`);
    if (home.waiting.has(down.to) && !down.ask)
      throw new Failure('E5', `${name} speaks to ${down.to}`);
    const life = home.lives.get(down.to);
    if (down.applied > (life?.cursor ?? 0)) throw say('that it has applied more');
    if (down.settled > (life?.settled ?? 0)) throw say('that more is settled');
    for (const { id, nonce, granted, gone } of down.lanes) {
      const lane = home.lanes.get(id);
      if (gone && lane?.nonce === nonce) throw say(`that ${id} is gone`);
      if (!gone && lane?.nonce === nonce && isMore(granted, lane.granted))
        throw say(`more of ${id}`);
    }
  }

  #sold(sale: Sale): void {
    const key = orderKey(sale.order, sale.sku);
    const known = this.sales.get(key) ?? [];
    this.sales.set(key, known);
    if (known.some(({ life, n }) => life === sale.life && n === sale.n)) return; // replayed
    known.push(sale);
    this.count('sales');
  }

  #note({ body }: JournalRecord): void {
    if (body.kind !== 'batch') return;
    for (const { outcome } of body.entries) {
      if (!outcome.ok) continue;
      for (const { event } of outcome.changes) {
        if (event.kind === 'reserved') this.count('reservations');
        if (event.kind !== 'sold') continue;
        if (event.arrived > 0) this.count('sold of goods in transit');
        if (event.blocked > 0) this.count('sold of nothing');
      }
      if (!('rights' in outcome)) continue;
      const { sold } = outcome;
      for (const { event } of outcome.rights) {
        this.count(event.is);
        if ('taken' in event) this.count('reservations', event.taken.length);
        if ('doubled' in event) this.count('doubled', event.doubled.length);
        const did = DID[event.is as keyof typeof DID];
        if (did !== undefined && sold !== undefined) this.#noteOrder(did, event, sold.order);
      }
    }
  }

  #noteOrder(did: Did, event: object, order: HoldId): void {
    const owner = 'owner' in event ? String(event.owner) : OWNER;
    this.#said.add(`${did} ${owner}/${order}`);
  }
}

/** All goods here are of one owner: the event of a sale does not name it. */
export const OWNER = 'o';

const DID = {
  sold: 'sell',
  reserved: 'reserve',
  hardened: 'harden',
  released: 'release',
  cancelled: 'cancel',
} as const;

const isMore = (told: Readonly<Cells>, truly: Readonly<Cells>): boolean =>
  poolsOf(told).some((pool) => unitsIn(told, pool) > unitsIn(truly, pool));
