import type { Logger } from 'pino';
import { refuse } from '../actors/outcomes.ts';
import type { CentreLink } from './centre.ts';
import { type Clock, sleep } from './clock.ts';
import { Interrupted, messageOfError } from './errors.ts';
import type { Journal } from './journal/journal.ts';
import { Lease, type LeaseStore, type LeaseValue } from './lease.ts';
import type { Ask } from './mailbox.ts';
import type { ShardCounters } from './metrics.ts';
import { takeOver } from './recovery.ts';
import { Shard, type ShardContext } from './shard.ts';
import { SnapshotDuty } from './snapshots/duty.ts';
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
  readonly history: { has(): boolean; mark(): Promise<void> };
  readonly nonce: () => string;
  readonly log: Logger;
  readonly counters: ShardCounters;
  readonly onCommitted: ShardContext['onCommitted'];
  readonly snapshotEveryRecords?: number;
}

export type SlotState =
  /** Another node holds the lease, or it cannot be asked. */
  | { readonly kind: 'waiting'; readonly owner: LeaseValue | undefined }
  | { readonly kind: 'recovering' }
  | { readonly kind: 'serving'; readonly shard: Shard }
  /** Its records are damaged: it serves no more until a person has looked. */
  | { readonly kind: 'stopped'; readonly why: string }
  | { readonly kind: 'closed' };

const LOOK_AGAIN_MS = 200;

/** Gets a shard's lease, takes it over, serves it, and starts again when it is lost. */
export class Slot {
  readonly #context: SlotContext;
  #state: SlotState = { kind: 'waiting', owner: undefined };
  #closing = false;
  #running: Promise<void> = Promise.resolve();
  #changed: (() => void)[] = [];

  constructor(context: SlotContext) {
    this.#context = context;
  }

  get number(): number {
    return this.#context.shard;
  }

  get state(): SlotState {
    return this.#state;
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
    const state = this.#state;
    switch (state.kind) {
      case 'serving':
        return state.shard.submit(ask);
      case 'stopped':
        return ask.answer(refuse('stopped', 0, -1, state.why), true);
      case 'waiting':
        return ask.answer(
          state.owner === undefined ? refuse('moved') : refuse('not_owned', 0, -1, state.owner.url),
          true,
        );
      default:
        return ask.answer(refuse('moved'), true);
    }
  }

  /** Finishes what is in flight, then gives the lease back. */
  async close(): Promise<void> {
    this.#closing = true;
    if (this.#state.kind === 'serving') this.#state.shard.close();
    await this.#running;
  }

  #isUnknown(): boolean {
    return this.#state.kind === 'waiting' && this.#state.owner === undefined;
  }

  #become(state: SlotState): void {
    this.#state = state;
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
      if (this.#state.kind === 'serving') this.#state.shard.depose();
    });
    if (lease === undefined) {
      await sleep(clock, LOOK_AGAIN_MS);
      return;
    }
    try {
      this.#become({ kind: 'recovering' });
      const shard = await this.#takeOver(lease, () => !lost);
      this.#become({ kind: 'serving', shard });
      // Either may have come since the last look, when there was no shard to tell.
      if (lost) shard.depose();
      if (this.#closing) shard.close();
      const end = await shard.run();
      if (end === 'deposed') this.#become({ kind: 'waiting', owner: undefined });
      // Deposed by somebody who does not see our lease: two in a hurry would depose each other for ever.
      if (end === 'deposed' && !lost) await sleep(clock, LOOK_AGAIN_MS);
    } finally {
      await lease.release();
    }
  }

  async #acquire(onLost: () => void): Promise<Lease | undefined> {
    const { leases, clock, shard, self } = this.#context;
    try {
      const lease = await Lease.acquire(leases, clock, shard, self, onLost);
      if (lease === undefined) {
        this.#become({ kind: 'waiting', owner: await leases.holder(shard) });
      }
      return lease;
    } catch {
      return undefined; // the lease store cannot be reached; look again
    }
  }

  async #takeOver(lease: Lease, held: () => boolean): Promise<Shard> {
    const { shard, clock, journal, snapshots, centre, self, nonce, log, counters } = this.#context;
    const begun = clock.monoMs();
    const commit = {
      journal,
      clock,
      mayPublish: held,
      onRetry: (why: string) => {
        counters.retries++;
        log.debug({ shard, why }, 'publish sent again');
      },
    };
    const recovered = await takeOver({
      ...commit,
      mayPublish: () => held() && !this.#closing,
      shard,
      snapshots,
      centre,
      node: self.node,
      nonce,
      hasHistory: this.#context.history.has(),
    });
    await this.#context.history.mark();
    counters.takeovers++;
    log.info(
      {
        shard,
        epoch: recovered.head.epoch,
        number: recovered.head.number,
        records: recovered.records,
        actors: recovered.state.stockroom.size,
        snapshot: recovered.snapshot?.name,
        ms: Math.round(clock.monoMs() - begun),
      },
      'shard taken over',
    );
    return new Shard(
      {
        shard,
        commit,
        clock,
        lease,
        snapshots: this.#duty(recovered),
        onCommitted: this.#context.onCommitted,
        onTurn: ({ commands, bytes }) => {
          counters.turns++;
          counters.commands += commands;
          counters.bytes += bytes;
        },
      },
      recovered,
    );
  }

  #duty(recovered: Awaited<ReturnType<typeof takeOver>>): SnapshotDuty {
    const { shard, snapshots: store, journal, centre, nonce, log } = this.#context;
    const { snapshotEveryRecords: every } = this.#context;
    return new SnapshotDuty(
      {
        shard,
        store,
        journal,
        centre,
        nonce,
        warn: (what) => log.warn({ shard }, what),
        ...(every === undefined ? {} : { everyRecords: every }),
      },
      recovered.snapshot,
      recovered.records,
    );
  }

  #stop(e: unknown): void {
    const why = messageOfError(e);
    this.#become({ kind: 'stopped', why });
    this.#context.log.fatal({ shard: this.#context.shard, err: e }, `shard stopped: ${why}`);
  }
}
