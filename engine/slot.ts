import type { Logger } from 'pino';
import { refuse } from '../actors/outcomes.ts';
import type { CentreLink } from './centre.ts';
import { type Clock, sleep } from './clock.ts';
import { Interrupted, messageOfError, NobodyServes } from './errors.ts';
import type { Journal } from './journal/journal.ts';
import { Lease, type LeaseStore, type LeaseValue } from './lease.ts';
import { LIMITS } from './limits.ts';
import type { Ask } from './mailbox.ts';
import type { ShardCounters } from './metrics.ts';
import { Nap } from './nap.ts';
import { openShard } from './open-shard.ts';
import { type Parked, Parking } from './parking.ts';
import { Claim } from './peers/claim.ts';
import { Lane, MOST_HOPS } from './peers/lane.ts';
import type { Peers } from './peers/peers.ts';
import type { Caller } from './record.ts';
import type { Shard } from './shard.ts';
import type { ShardContext } from './shard-context.ts';
import type { SnapshotStore } from './snapshots/store.ts';

export interface SlotContext {
  readonly region: string;
  readonly shard: number;
  readonly clock: Clock;
  readonly leases: LeaseStore;
  readonly self: LeaseValue;
  readonly journal: Journal;
  readonly snapshots: SnapshotStore;
  readonly centre: CentreLink;
  /** The region's other nodes; undefined for one that is alone, or sends callers to the owner. */
  readonly peers?: Peers;
  readonly history: { has(): boolean; mark(): Promise<void>; lineage?(): number };
  readonly nonce: () => string;
  readonly log: Logger;
  readonly counters: ShardCounters;
  readonly isHeard: ShardContext['isHeard'];
  readonly onCommitted: ShardContext['onCommitted'];
  readonly onErrand: ShardContext['onErrand'];
  readonly onRights?: ShardContext['onRights'];
  readonly snapshotEveryRecords?: number;
  /** Who may have rights of the goods of this shard. */
  readonly sellingPoints?: readonly string[];
}

export type SlotState =
  /** Another node holds the lease, or it cannot be asked. */
  | { readonly kind: 'waiting'; readonly owner: LeaseValue | undefined }
  | { readonly kind: 'recovering' }
  | { readonly kind: 'serving'; readonly shard: Shard }
  /** Its records are damaged: it serves no more until a person has looked. */
  | { readonly kind: 'stopped'; readonly why: string }
  | { readonly kind: 'closed' };

const LOOK_AGAIN_MS = 100;
/** Answers of an owner that has been replaced are awaited no longer. */
const LAST_ANSWERS_MS = 300;

/**
 * ② One shard as this node sees it. Gets its lease, takes it over, serves it, and
 * starts again when it is lost. While another node owns it, commands are sent on
 * to that one; while nobody does, they wait for whoever will.
 */
export class Slot {
  readonly #context: SlotContext;
  readonly #claim: Claim;
  readonly #parking: Parking;
  readonly #nap: Nap;
  readonly #lane: Lane | undefined;
  readonly #stopServing: () => void;
  #state: SlotState = { kind: 'waiting', owner: undefined };
  #closing = false;
  #isLeaving = false;
  /** What other nodes send on is refused until then, monotonic ms. */
  #refusesUntilMs = Number.NEGATIVE_INFINITY;
  #running: Promise<void> = Promise.resolve();
  #changed: (() => void)[] = [];

  constructor(context: SlotContext) {
    const { clock, peers, shard } = context;
    this.#context = context;
    this.#claim = new Claim(context);
    this.#parking = new Parking(clock);
    this.#nap = new Nap(clock);
    this.#lane =
      peers &&
      new Lane(
        peers,
        shard,
        (parked, isRefused) => this.#goBack(parked, isRefused),
        () => this.#flush(),
      );
    this.#stopServing =
      peers?.serve(shard, {
        submit: (ask, hops) => this.#submit({ ask, sinceMs: clock.monoMs(), hops }),
        handOver: (to) => this.#handOver(to),
        nextNumber: (caller) => this.#ownNextNumber(caller),
      }) ?? (() => {});
  }

  get number(): number {
    return this.#context.shard;
  }

  get state(): SlotState {
    return this.#state;
  }

  /** Undefined while this node does not serve it. */
  get shard(): Shard | undefined {
    return this.#state.kind === 'serving' ? this.#state.shard : undefined;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Resolves when it is no longer on its way to serve. */
  async settled(): Promise<void> {
    while (this.#state.kind === 'recovering' || this.#isUnknown()) {
      await new Promise<void>((resolve) => this.#changed.push(resolve));
    }
  }

  submit(ask: Ask): void {
    const { state } = this;
    // The usual way, with nothing in between.
    if (state.kind === 'serving' && this.#parking.size === 0) state.shard.submit(ask);
    else this.#submit({ ask, sinceMs: this.#context.clock.monoMs(), hops: 0 });
  }

  /**
   * The number after the highest one that this shard has seen of a session.
   * Throws {@link NobodyServes} where that cannot be told: a number too low would be taken for a retry.
   */
  async nextNumber(caller: Caller): Promise<number> {
    const { peers, clock, shard } = this.#context;
    const untilMs = clock.monoMs() + LIMITS.parkMs;
    for (;;) {
      const { state } = this;
      const own = this.#ownNextNumber(caller);
      if (own !== undefined) return own;
      if (state.kind === 'waiting' && state.owner !== undefined && peers !== undefined) {
        const next = await peers.nextNumber(state.owner, shard, caller).catch(() => undefined);
        if (next !== undefined) return next;
      } else if (state.kind !== 'recovering' && !this.#isUnknown()) {
        return 1; // commands for it are refused here
      }
      if (clock.monoMs() > untilMs) throw new NobodyServes(`nobody serves shard ${shard}`);
      await sleep(clock, LOOK_AGAIN_MS);
    }
  }

  /** Finishes what is in flight, then gives the lease back. */
  async close(): Promise<void> {
    this.#closing = true;
    this.shard?.close();
    await this.#running;
    this.#stopServing();
  }

  /** In the order they come, wherever the shard is. */
  #submit(parked: Parked): void {
    // Sent before its node could hear that an earlier one was refused: it must not get ahead of that one.
    if (parked.hops > 0 && this.#context.clock.monoMs() < this.#refusesUntilMs) {
      return parked.ask.answer(refuse('moved'), true);
    }
    if (this.#parking.size > 0 || !this.#pass(parked)) this.#parking.put(parked);
  }

  /** False where it has to wait. */
  #pass({ ask, sinceMs, hops }: Parked): boolean {
    const state = this.#state;
    switch (state.kind) {
      case 'serving':
        if (this.#lane?.awaited !== undefined) return false;
        state.shard.submit(ask);
        return true;
      case 'stopped':
        ask.answer(refuse('stopped', 0, -1, state.why), true);
        return true;
      case 'closed':
        ask.answer(refuse('moved'), true);
        return true;
      case 'waiting':
        return state.owner !== undefined && this.#sendOn(state.owner, { ask, sinceMs, hops });
      case 'recovering':
        return false;
    }
  }

  #sendOn(owner: LeaseValue, parked: Parked): boolean {
    const { ask, hops } = parked;
    if (this.#lane === undefined) {
      ask.answer(refuse('not_owned', 0, -1, owner.url), true);
      return true;
    }
    if (hops >= MOST_HOPS) {
      ask.answer(refuse('moved'), true);
      return true;
    }
    const { awaited } = this.#lane;
    if (awaited !== undefined && awaited.node !== owner.node) return false;
    this.#lane.send(owner, parked);
    return true;
  }

  /** What waits goes on, as far as it can. */
  #flush(): void {
    for (let left = this.#parking.size; left > 0; left--) {
      const parked = this.#parking.take();
      if (parked === undefined || this.#pass(parked)) continue;
      this.#parking.putBack([parked]);
      return;
    }
  }

  /** An owner did not answer: whoever is the owner by the next look gets these. */
  #goBack(parked: readonly Parked[], isRefused: boolean): void {
    this.#parking.putBack(parked);
    if (isRefused) this.#refuseSentOn();
    if (this.#state.kind === 'waiting') this.#state = { kind: 'waiting', owner: undefined };
  }

  /** An earlier command was told `moved`: so is whatever is behind it, for a moment. */
  #refuseSentOn(): void {
    this.#refusesUntilMs = this.#context.clock.monoMs() + LAST_ANSWERS_MS;
    this.#parking.refuseSentOn();
  }

  #ownNextNumber(caller: Caller): number | undefined {
    return this.shard?.state.sessions.nextNumber(caller);
  }

  /** Gives the shard to the node that should have it: nothing in flight is refused. */
  async #handOver(to: LeaseValue): Promise<boolean> {
    const { peers, shard, clock, log } = this.#context;
    const state = this.#state;
    if (state.kind !== 'serving' || peers?.preferred(shard)?.node !== to.node) return false;
    this.#isLeaving = true;
    log.info({ shard, to: to.node }, 'shard is handed over');
    state.shard.close((ask) => this.#parking.put({ ask, sinceMs: clock.monoMs(), hops: 0 }));
    while (this.#state.kind === 'serving') {
      await new Promise<void>((resolve) => this.#changed.push(resolve));
    }
    return this.#state.kind === 'waiting';
  }

  #isUnknown(): boolean {
    return this.#state.kind === 'waiting' && this.#state.owner === undefined;
  }

  #become(state: SlotState): void {
    this.#state = state;
    this.#flush();
    for (const resolve of this.#changed.splice(0)) resolve();
  }

  async #run(): Promise<void> {
    while (!this.#closing && this.#state.kind !== 'stopped') {
      try {
        await this.#once();
      } catch (e) {
        if (!(e instanceof Interrupted)) this.#stop(e);
      }
    }
    if (this.#state.kind !== 'stopped') this.#become({ kind: 'closed' });
  }

  async #once(): Promise<void> {
    const { clock, log, shard: number } = this.#context;
    let lost = false;
    const lease = await this.#acquire(() => {
      lost = true;
      log.warn({ shard: number }, 'lease lost; this node stops serving the shard');
      this.shard?.depose();
    });
    if (lease === undefined) {
      await this.#nap.for(LOOK_AGAIN_MS);
      return;
    }
    try {
      this.#isLeaving = false;
      this.#become({ kind: 'recovering' });
      const shard = await openShard(
        this.#context,
        lease,
        () => !lost,
        () => this.#closing,
      );
      this.#lane?.giveUp(); // whoever owned it before is fenced now
      this.#become({ kind: 'serving', shard });
      // Either may have come since the last look, when there was no shard to tell.
      if (lost) shard.depose();
      if (this.#closing) shard.close();
      const end = await shard.run();
      if (end === 'deposed') {
        this.#refuseSentOn();
        this.#become({ kind: 'waiting', owner: undefined });
      }
      if (end === 'closed' && this.#isLeaving) await this.#leave(lease);
      // Deposed by somebody who does not see our lease: two in a hurry would depose each other for ever.
      if (end === 'deposed' && !lost) await sleep(clock, LOOK_AGAIN_MS);
    } finally {
      await lease.release();
    }
  }

  /** The lease is free before anybody is told so. */
  async #leave(lease: Lease): Promise<void> {
    await lease.release();
    this.#become({ kind: 'waiting', owner: undefined });
  }

  async #acquire(onLost: () => void): Promise<Lease | undefined> {
    const { leases, clock, shard, self } = this.#context;
    try {
      const claim = this.#claim;
      const lease = claim.isOurs
        ? await Lease.acquire(leases, clock, shard, self, onLost)
        : undefined;
      if (lease !== undefined) {
        claim.taken();
        return lease;
      }
      const owner = await claim.look();
      this.#follow(owner);
      if (owner !== undefined) void claim.ask(owner).then((isFree) => isFree && this.#nap.wake());
      return undefined;
    } catch {
      return undefined; // the lease store cannot be reached; look again
    }
  }

  /** An owner that was replaced has a moment to answer what it was sent. */
  #follow(holder: LeaseValue | undefined): void {
    const lane = this.#lane;
    const awaited = lane?.awaited;
    // An entry of ours that we do not hold any more: nobody serves it.
    const owner = holder?.node === this.#context.self.node ? undefined : holder;
    if (owner !== undefined && awaited !== undefined && awaited.node !== owner.node) {
      this.#context.clock.after(LAST_ANSWERS_MS, () => {
        if (lane?.awaited?.node === awaited.node) lane.giveUp();
      });
    }
    this.#become({ kind: 'waiting', owner });
  }

  #stop(e: unknown): void {
    const why = messageOfError(e);
    this.#become({ kind: 'stopped', why });
    this.#context.log.fatal({ shard: this.#context.shard, err: e }, `shard stopped: ${why}`);
  }
}
