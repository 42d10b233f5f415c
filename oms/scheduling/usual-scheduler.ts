import type { NatsConnection, Subscription } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { type ActorName, actorKey, type OwnerId } from '../../actors/ids.ts';
import type { HomeName } from '../../actors/rights/acts.ts';
import type { Clock } from '../../engine/clock.ts';
import { Nap } from '../../engine/nap.ts';
import { listen } from '../../engine/peers/careful.ts';
import type { Shares } from '../../engine/scheduling/messages.ts';
import { SCHEDULE_ASK, scheduleSubject } from '../../engine/subjects.ts';
import type { Books } from '../store/store.ts';
import { SCHEDULING } from './policy.ts';
import { overallShares, sharesOf } from './shares.ts';
import { type ReadShard, SoldReader } from './sold-reader.ts';
import { type SoldOf, Tallies } from './tallies.ts';
import { ToldHomes, type ToTell, type UsualNow } from './told.ts';

/** A home that does not confirm within this is told in the next round, ms. */
const TELL_MS = 2_000;

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

  constructor(context: UsualSchedulerContext) {
    const { nats, books, shards, points, clock } = context;
    this.#context = context;
    this.#sellers = ['', ...points];
    this.#homes = new Map(shards.map(({ number, home }) => [number, home]));
    this.#readers = shards.map((one) => new SoldReader(one, books, this.#tallies, clock));
    this.#nap = new Nap(clock);
    this.#asks = listen(nats, SCHEDULE_ASK, (message) => {
      const { home } = message.json<{ home: HomeName }>();
      if (![...this.#homes.values()].includes(home)) return;
      this.#told.lost(home);
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
    const { log, everyMs = SCHEDULING.everyMs } = this.#context;
    while (!this.#isOver) {
      await this.#nap.for(everyMs);
      if (this.#isOver) return;
      await this.#round().catch((e) => log.warn({ err: e }, 'usual shares are late'));
    }
  }

  async #round(): Promise<void> {
    for (const reader of this.#readers) await reader.read(() => this.#isOver);
    const due = this.#told.due(this.#usual());
    await Promise.all([...due].map(([home, all]) => this.#tellHome(home, all)));
  }

  async #tellHome(home: HomeName, all: readonly ToTell[]): Promise<void> {
    const { skusAMessage } = SCHEDULING;
    const losses = this.#told.lossesOf(home);
    for (let i = 0; i < all.length && !this.#isOver; i += skusAMessage) {
      const some = all.slice(i, i + skusAMessage);
      if (!(await this.#tell(home, some))) return;
      this.#told.confirmed(home, some, losses);
    }
  }

  async #tell(home: HomeName, some: readonly ToTell[]): Promise<boolean> {
    const news = JSON.stringify(some.map(({ sku, shares }) => [sku, shares]));
    try {
      await this.#context.nats.request(scheduleSubject(home), news, { timeout: TELL_MS });
      return true;
    } catch {
      return false;
    }
  }

  /** Of every SKU that was sold of late. */
  #usual(): UsualNow[] {
    const sold = this.#sold();
    const overall = overallOf(sold, this.#sellers);
    return sold.map(({ name, home, units, lastMs }) => {
      const shares = sharesOf(units, overall.get(name.owner) as Shares);
      return { home, sku: actorKey(name.owner, name.sku, name.warehouse), shares, lastMs };
    });
  }

  #sold(): Named[] {
    const { actorOf, clock } = this.#context;
    const named: Named[] = [];
    for (const one of this.#tallies.soldBy(clock.wallMs())) {
      const name = actorOf(one.actor);
      const home = name && this.#homes.get(name.shard);
      if (name !== undefined && home !== undefined) named.push({ ...one, name, home });
    }
    return named;
  }
}

interface Named extends SoldOf {
  readonly name: ActorName;
  readonly home: HomeName;
}

function overallOf(sold: readonly Named[], sellers: readonly string[]): Map<OwnerId, Shares> {
  const byOwner = new Map<OwnerId, Map<string, number>>();
  for (const { name, units } of sold) {
    const all = byOwner.get(name.owner) ?? new Map<string, number>();
    byOwner.set(name.owner, all);
    for (const [seller, its] of units) all.set(seller, (all.get(seller) ?? 0) + its);
  }
  return new Map([...byOwner].map(([owner, units]) => [owner, overallShares(units, sellers)]));
}
