import type { NatsConnection, Subscription } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { type ActorName, actorKey, type OwnerId } from '../../actors/ids.ts';
import type { HomeName } from '../../actors/rights/acts.ts';
import { type Clock, nextTurn } from '../../engine/clock.ts';
import { Nap } from '../../engine/nap.ts';
import { listen } from '../../engine/peers/careful.ts';
import type { Shares } from '../../engine/scheduling/messages.ts';
import { SCHEDULE_ASK, scheduleSubject } from '../../engine/subjects.ts';
import type { Books } from '../store/store.ts';
import { SCHEDULING } from './policy.ts';
import { overallShares, sharesOf } from './shares.ts';
import { type ReadShard, SoldReader } from './sold-reader.ts';
import { type SoldOf, Tallies } from './tallies.ts';
import { type Due, ToldHomes, type ToTell } from './told.ts';

/** A home that does not confirm within this is told in the next round, ms. */
const TELL_MS = 2_000;
/** SKUs that are looked at without a pause: the centre has others to answer. */
const SKUS = 200;

export interface UsualSchedulerContext {
  readonly nats: NatsConnection;
  readonly books: Pick<Books, 'sold'>;
  /** Of warehouses, each with the home that speaks for it. */
  readonly shards: readonly (ReadShard & { readonly home: HomeName })[];
  /** Who has that number, and the centre's number of its shard. */
  readonly actorOf: (id: number) => (ActorName & { readonly shard: number }) | undefined;
  /** The selling points there are. */
  readonly points: readonly string[];
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn'>;
  readonly everyMs?: number | undefined;
}

/**
 * Tells homes where their SKUs usually sell, from the ledger: what changed by enough, in bounded rounds. It is policy: all that
 * it knows may be lost, and while it is down homes go by what they heard.
 */
export class UsualScheduler {
  readonly #context: UsualSchedulerContext;
  readonly #tallies = new Tallies();
  readonly #told = new ToldHomes();
  readonly #readers: readonly SoldReader[];
  readonly #asks: Subscription;
  readonly #nap: Nap;
  readonly #sellers: readonly string[];
  readonly #homes: ReadonlyMap<number, HomeName>;
  #running: Promise<void> = Promise.resolve();
  #isOver = false;
  /** A home has asked, or there is more to tell: the next round is soon. */
  #isUrgent = false;

  constructor(context: UsualSchedulerContext) {
    const { nats, books, shards, points, clock } = context;
    this.#context = context;
    this.#sellers = ['', ...points];
    this.#homes = new Map(shards.map(({ number, home }) => [number, home]));
    const sellers = new Set(this.#sellers);
    this.#readers = shards.map((one) => new SoldReader(one, books, this.#tallies, sellers, clock));
    this.#nap = new Nap(clock);
    this.#asks = listen(nats, SCHEDULE_ASK, (message) => {
      const { home } = message.json<{ home: HomeName }>();
      if (![...this.#homes.values()].includes(home)) return;
      this.#told.lost(home);
      this.#isUrgent = true;
      this.#nap.wake();
      message.respond();
    });
  }

  start(): void {
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#isOver = true;
    this.#asks.unsubscribe();
    this.#nap.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, log, everyMs = SCHEDULING.everyMs } = this.#context;
    let lastMs = clock.monoMs();
    while (!this.#isOver) {
      const afterMs = this.#isUrgent ? Math.min(everyMs, SCHEDULING.soonMs) : everyMs;
      const leftMs = lastMs + afterMs - clock.monoMs();
      if (leftMs > 0) {
        await this.#nap.for(leftMs);
        continue;
      }
      lastMs = clock.monoMs();
      this.#isUrgent = false;
      await this.#round().catch((e) => log.warn({ err: e }, 'usual shares are late'));
    }
  }

  async #round(): Promise<void> {
    for (const reader of this.#readers) await reader.read(() => this.#isOver);
    const due = await this.#due();
    await Promise.all([...due].map(([home, its]) => this.#tellHome(home, its)));
  }

  async #tellHome(home: HomeName, { tell, isMore }: Due): Promise<void> {
    const losses = this.#told.lossesOf(home);
    if (this.#isOver || !(await this.#tell(home, tell))) return;
    this.#told.confirmed(home, tell, losses);
    this.#isUrgent ||= isMore;
  }

  async #tell(home: HomeName, some: readonly ToTell[]): Promise<boolean> {
    const news = JSON.stringify(some.map(({ sku, shares }) => [sku, shares && rounded(shares)]));
    try {
      await this.#context.nats.request(scheduleSubject(home), news, { timeout: TELL_MS });
      return true;
    } catch {
      return false;
    }
  }

  /** Of every SKU that was sold of late. */
  async #due(): Promise<ReadonlyMap<HomeName, Due>> {
    const overall = await this.#overall();
    const round = this.#told.round();
    for await (const { name, home, units, lastMs } of this.#sold()) {
      const its = overall.get(name.owner);
      if (its === undefined) continue;
      const sku = actorKey(name.owner, name.sku, name.warehouse);
      round.look({ home, sku, shares: sharesOf(units, its), lastMs });
    }
    return round.due();
  }

  /** By owner. */
  async #overall(): Promise<ReadonlyMap<OwnerId, Shares>> {
    const byOwner = new Map<OwnerId, Map<string, number>>();
    for await (const { name, units } of this.#sold()) {
      const all = byOwner.get(name.owner) ?? new Map<string, number>();
      byOwner.set(name.owner, all);
      for (const [seller, its] of units) all.set(seller, (all.get(seller) ?? 0) + its);
    }
    return new Map(
      [...byOwner].map(([owner, units]) => [owner, overallShares(units, this.#sellers)]),
    );
  }

  async *#sold(): AsyncGenerator<Named> {
    const { actorOf, clock } = this.#context;
    let looked = 0;
    for (const one of this.#tallies.soldBy(clock.wallMs())) {
      if (looked++ % SKUS === 0) await nextTurn(clock);
      if (this.#isOver) return;
      const name = actorOf(one.actor);
      const home = name && this.#homes.get(name.shard);
      if (name !== undefined && home !== undefined) yield { ...one, name, home };
    }
  }
}

interface Named extends SoldOf {
  readonly name: ActorName;
  readonly home: HomeName;
}

/** To a thousandth: homes take them in proportion. */
const rounded = (shares: Shares): Shares =>
  Object.fromEntries(
    Object.entries(shares).map(([name, one]) => [name, Math.round(one * 1e3) / 1e3]),
  );
