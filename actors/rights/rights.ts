import type { HoldId, OwnerId } from '../ids.ts';
import type { Refused } from '../outcomes.ts';
import type { Stockroom } from '../stock/stockroom.ts';
import type {
  HomeEvent,
  HomeName,
  PointEvent,
  RightsChange,
  RightsCommand,
  RightsKey,
  RightsOutcome,
} from './acts.ts';
import { emptyHome, type Home } from './home.ts';
import { applyAtHome, type HomeDone, runAtHome } from './home-acts.ts';
import { restoreHome } from './lives.ts';
import { Orders } from './orders.ts';
import { newPoint, type Point, restorePoint } from './point.ts';
import { applyAtPoint, runAtPoint } from './point-acts.ts';
import { RoutedOrders } from './routed.ts';

/** An order that a point has sent on to another is asked about nowhere else. */
export const SENT_ON_KEPT = 65_536;

/**
 * The rights of one shard: of the home that its stock makes it, and of the selling point that
 * it may be, which has an account with every home. Plain memory: no I/O, no clock.
 */
export class Rights {
  home: Home = emptyHome([]);
  readonly orders = new Orders();
  readonly points = new Map<HomeName, Point>();
  /** Where orders went that were sent on, by owner and order, oldest first. */
  readonly sentOn = new Map<string, string>();
  readonly routed = new RoutedOrders();
  readonly #seqs = new Map<RightsKey, number>();
  /** How often the journal began anew after a loss, from 1: the life of a point, the lineage of a home. */
  #lineage = 1;

  get lineage(): number {
    return this.#lineage;
  }

  /** True while a restored home may sell nothing (E5). */
  get isWaiting(): boolean {
    return this.home.waiting.size > 0;
  }

  seqOf(key: RightsKey): number {
    return this.#seqs.get(key) ?? 0;
  }

  /** The account with a home; a new one where there was none. */
  pointAt(home: HomeName, name: string): Point {
    let point = this.points.get(home);
    if (point === undefined) {
      point = newPoint(name, this.#lineage);
      this.points.set(home, point);
    }
    return point;
  }

  /** Decides and applies; of the stock that it moves all or nothing. */
  run(command: RightsCommand, stockroom: Stockroom, nowMs: number): RightsOutcome | Refused {
    if (command.at === 'home') {
      const done = runAtHome(this, command.act, stockroom, nowMs);
      return 'ok' in done ? done : this.#madeAtHome(done);
    }
    return runAtPoint(this, command.point, command.act, nowMs);
  }

  #madeAtHome({ changes, event, told }: HomeDone): RightsOutcome {
    const rights = event === undefined ? [] : [this.made('home', '', event)];
    return { ok: true, changes, rights, sold: undefined, told };
  }

  /** The next event there. */
  made(key: RightsKey, point: string, event: HomeEvent | PointEvent): RightsChange {
    const seq = this.seqOf(key) + 1;
    this.#seqs.set(key, seq);
    return { key, seq, point, event };
  }

  /** Applies an event of the journal, unless a snapshot has it already. */
  replay({ key, seq, point, event }: RightsChange): void {
    const had = this.seqOf(key);
    if (had >= seq) return;
    if (had !== seq - 1) {
      throw new Error(`rights, ${key}: at event ${had}, the journal goes on with ${seq}`);
    }
    this.#seqs.set(key, seq);
    if (key === 'home') applyAtHome(this, event as HomeEvent);
    else applyAtPoint(this, point, key, event as PointEvent);
  }

  /** An order is asked about there alone from now on. */
  noteSentOn(owner: OwnerId, order: HoldId, to: string): void {
    const key = sentKey(owner, order);
    if (to === '') {
      this.sentOn.delete(key);
      return;
    }
    this.sentOn.set(key, to);
    if (this.sentOn.size <= SENT_ON_KEPT) return;
    const [oldest] = this.sentOn.keys();
    this.sentOn.delete(oldest as string);
  }

  /** Where an order was sent on to. */
  sentTo(owner: OwnerId, order: HoldId): string | undefined {
    return this.sentOn.size === 0 ? undefined : this.sentOn.get(sentKey(owner, order));
  }

  /**
   * The journal goes on after a loss of its end. What was granted, sold or heard in it is not known here any more: a
   * home waits for its points, those that it may have heard of in what was lost among them; a point begins a life with
   * nothing (E4, E5).
   */
  begin(lineage: number, points: readonly string[]): void {
    if (lineage <= this.#lineage) return;
    this.#lineage = lineage;
    this.home = restoreHome(this.home, lineage, [...this.home.points, ...points]);
    for (const [home, point] of this.points) this.points.set(home, restorePoint(point, lineage));
  }

  /** As a snapshot had it. */
  restore(lineage: number, home: Home): void {
    this.#lineage = lineage;
    this.home = home;
  }

  setSeq(key: RightsKey, seq: number): void {
    this.#seqs.set(key, seq);
  }
}

const sentKey = (owner: OwnerId, order: HoldId): string => `${owner}/${order}`;
