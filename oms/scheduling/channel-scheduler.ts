import { jetstream, StorageType } from '@nats-io/jetstream';
import { type KV, Kvm } from '@nats-io/kv';
import type { NatsConnection, Subscription } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import type { OwnerId } from '../../actors/ids.ts';
import type { ChannelId } from '../../actors/rights/plan.ts';
import type { Clock } from '../../engine/clock.ts';
import { Nap } from '../../engine/nap.ts';
import { listen } from '../../engine/peers/careful.ts';
import type { RulesThread } from '../../engine/rules/thread.ts';
import { SCHEDULE_BUCKET, SCHEDULE_SOLD } from '../../engine/subjects.ts';
import { factsOf } from '../../rules/document.ts';
import {
  type ByChannel,
  mayWrite,
  NO_SALES,
  type OwnerSales,
  reported,
  salesToWrite,
} from './channel-tallies.ts';
import { keptSales, soldIn } from './channel-wire.ts';
import { SCHEDULING } from './policy.ts';

/** Who the history of rules says it was. */
const WHO = 'scheduler';
/** What was reported is kept, and rules are looked at, as often as this, ms. */
const LOOK_MS = 60_000;

export interface ChannelSchedulerContext {
  readonly nats: NatsConnection;
  readonly rules: Pick<RulesThread, 'ask' | 'planOf'>;
  /** Of the hub's nodes one does it: the one that owns its selling point. */
  readonly isOurs: () => boolean;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn'>;
  readonly everyMs?: number | undefined;
}

/**
 * Sums up what nodes sold through each channel, and writes it into the owners' rules, where allocations by performance go by it.
 * What was counted is kept in a bucket; a minute of it may be lost.
 */
export class ChannelScheduler {
  readonly #context: ChannelSchedulerContext;
  readonly #reports: Subscription;
  readonly #nap: Nap;
  readonly #owners = new Map<OwnerId, OwnerSales>();
  /** When the rules of an owner were last looked at, monotonic ms. */
  readonly #lookedMs = new Map<OwnerId, number>();
  /** Not kept yet. */
  readonly #changed = new Set<OwnerId>();
  #bucket: KV | undefined;
  #running: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(context: ChannelSchedulerContext) {
    const { nats, clock } = context;
    this.#context = context;
    this.#nap = new Nap(clock);
    this.#reports = listen(nats, SCHEDULE_SOLD, (message) => {
      // Counts go on from the kept ones; what is not heard before these are read comes again.
      if (this.#bucket !== undefined) this.#hear(message.json());
    });
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Keeps what is not kept yet. */
  async close(): Promise<void> {
    this.#isOver = true;
    this.#reports.unsubscribe();
    this.#nap.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { log, everyMs = LOOK_MS } = this.#context;
    while (!this.#isOver) {
      await this.#nap.for(Math.min(everyMs, LOOK_MS));
      await this.#look().catch((e) => log.warn({ err: e }, 'sales by channel are late'));
    }
  }

  async #look(): Promise<void> {
    if (!this.#context.isOurs()) {
      this.#bucket = undefined; // another node goes on with what is kept
      return;
    }
    this.#bucket ??= await this.#open();
    for (const owner of [...this.#owners.keys()]) {
      if (this.#isOver) break;
      await this.#write(owner).catch((e) => {
        this.#context.log.warn({ err: e, owner }, 'rules did not take their sales');
      });
    }
    for (const owner of [...this.#changed]) await this.#keep(this.#bucket, owner);
  }

  async #keep(bucket: KV, owner: OwnerId): Promise<void> {
    this.#changed.delete(owner); // more may be reported meanwhile
    try {
      await bucket.put(owner, JSON.stringify(this.#owners.get(owner)));
    } catch (e) {
      this.#changed.add(owner);
      throw e;
    }
  }

  async #open(): Promise<KV> {
    const bucket = await new Kvm(jetstream(this.#context.nats)).create(SCHEDULE_BUCKET, {
      ...{ history: 1, storage: StorageType.File },
    });
    this.#owners.clear();
    this.#changed.clear();
    for await (const owner of await bucket.keys()) {
      const kept = await bucket.get(owner);
      const sales = kept?.operation === 'PUT' ? keptSales(kept.string()) : undefined;
      if (sales !== undefined) this.#owners.set(owner as OwnerId, sales);
    }
    return bucket;
  }

  #hear(message: unknown): void {
    const report = soldIn(message);
    if (report === undefined) return;
    for (const [owner, told] of report.sold) {
      const its = this.#known(owner, told);
      if (Object.keys(its).length === 0) continue;
      const before = this.#owners.get(owner) ?? NO_SALES;
      const after = reported(before, report.run, its, this.#context.clock.wallMs());
      if (after === before) continue;
      this.#owners.set(owner, after);
      this.#changed.add(owner);
    }
  }

  /** Of channels that the rules name. */
  #known(owner: OwnerId, told: ByChannel): ByChannel {
    const channels = this.#channelsOf(owner);
    return Object.fromEntries(
      Object.entries(told).filter(([channel]) => channels.includes(channel)),
    );
  }

  #channelsOf(owner: OwnerId): readonly ChannelId[] {
    return Object.keys(this.#context.rules.planOf(owner).channels).sort();
  }

  async #write(owner: OwnerId): Promise<void> {
    const { rules, clock, log, everyMs } = this.#context;
    const channels = this.#channelsOf(owner);
    // Rules are only looked at where they may be told: that is work for their thread.
    const known = this.#owners.get(owner) ?? NO_SALES;
    const lookedMs = this.#lookedMs.get(owner) ?? Number.NEGATIVE_INFINITY;
    const isEarly = clock.monoMs() - lookedMs < (everyMs ?? SCHEDULING.everyMs);
    if (channels.length === 0 || isEarly || !mayWrite(known, clock.wallMs())) return;
    this.#lookedMs.set(owner, clock.monoMs());
    const { document } = await rules.ask('show', { owner });
    const said = factsOf(document).sales;
    const nowMs = clock.wallMs();
    const sales = this.#owners.get(owner) ?? NO_SALES;
    const units = salesToWrite(sales, channels, said, nowMs);
    if (units === undefined) return;
    const ops = Object.entries(units).map(([channel, value]) => {
      return { op: 'set' as const, path: `sales/${channel}`, value };
    });
    const edited = await rules.ask('edit', { owner, ops, who: WHO, nowMs });
    if (!edited.ok)
      log.warn({ owner, problems: edited.problems }, 'rules did not take their sales');
    // Refused or not, it is not tried again at once; reports may have come meanwhile.
    this.#owners.set(owner, { ...(this.#owners.get(owner) ?? sales), writtenMs: nowMs });
    this.#changed.add(owner);
  }
}
