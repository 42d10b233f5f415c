import { jetstream, StorageType } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import { Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Clock } from './clock.ts';
import { LIMITS } from './limits.ts';
import { leaseBucket, leaseKey } from './subjects.ts';

/** An answer that takes longer is lost; asking again is quicker than waiting for it. */
const ASK_MS = 1_000;

/** Who holds a shard, as others see it. */
export interface LeaseValue {
  readonly node: string;
  /** Where its scanners connect, for redirects. */
  readonly url: string;
}

/**
 * Leases as a port. Ownership is decided here, but no write rests on it: the
 * journal's expected sequence does that (C2). Reads do rest on it (C6).
 */
export interface LeaseStore {
  /** The revision now held, or undefined while another holds it. */
  acquire(shard: number, value: LeaseValue): Promise<number | undefined>;
  /** The next revision, or undefined if it was lost. Throws if that is not known. */
  renew(shard: number, value: LeaseValue, revision: number): Promise<number | undefined>;
  release(shard: number, revision: number): Promise<void>;
  holder(shard: number): Promise<LeaseValue | undefined>;
}

/** As much of a KV bucket as leases need. */
export type LeaseBucket = Pick<KV, 'get' | 'create' | 'update' | 'delete'>;

/**
 * A KV bucket whose entries end `LIMITS.leaseMs` after their last renewal. In a
 * file: a server that forgot them when it restarts would let a second node in
 * while the first still counts on its lease, and would give its revisions again.
 */
export class KvLeases implements LeaseStore {
  readonly #open: () => Promise<LeaseBucket>;
  #kv: LeaseBucket;

  /** `open` opens the bucket, and makes it if it is not there. */
  constructor(open: () => Promise<LeaseBucket>, kv: LeaseBucket) {
    this.#open = open;
    this.#kv = kv;
  }

  static async open(nats: NatsConnection, region: string, replicas = 1): Promise<KvLeases> {
    const open = (): Promise<KV> =>
      new Kvm(jetstream(nats, { timeout: ASK_MS })).create(leaseBucket(region), {
        ttl: LIMITS.leaseMs,
        history: 1,
        storage: StorageType.File,
        replicas,
        allow_direct: false,
      });
    return new KvLeases(open, await open());
  }

  async acquire(shard: number, value: LeaseValue): Promise<number | undefined> {
    this.#kv = await this.#open(); // whoever lost the stream lost the bucket
    const held = await this.#kv.get(leaseKey(shard));
    // Our own name there: this node ran before and its data folder is ours now, so it is dead.
    const isOurs = held?.operation === 'PUT' && held.json<LeaseValue>().node === value.node;
    if (held?.operation === 'PUT' && !isOurs) return undefined;
    const bytes = JSON.stringify(value);
    return tolerate(() =>
      isOurs && held
        ? this.#kv.update(leaseKey(shard), bytes, held.revision)
        : this.#kv.create(leaseKey(shard), bytes),
    );
  }

  renew(shard: number, value: LeaseValue, revision: number): Promise<number | undefined> {
    return tolerate(() =>
      this.#kv.update(leaseKey(shard), JSON.stringify(value), revision, LIMITS.leaseRenewMs),
    );
  }

  async release(shard: number, revision: number): Promise<void> {
    await this.#kv.delete(leaseKey(shard), { previousSeq: revision });
  }

  async holder(shard: number): Promise<LeaseValue | undefined> {
    const held = await this.#kv.get(leaseKey(shard));
    return held?.operation === 'PUT' ? held.json<LeaseValue>() : undefined;
  }
}

const WRONG_LAST_SEQUENCE = 10071;

/** A revision that is not ours any more is an answer, not an error. */
async function tolerate(write: () => Promise<number>): Promise<number | undefined> {
  try {
    return await write();
  } catch (e) {
    if ((e as { code?: unknown }).code === WRONG_LAST_SEQUENCE) return undefined;
    throw e;
  }
}

/** One held lease, renewed until it is lost or released. */
export class Lease {
  readonly #store: LeaseStore;
  readonly #clock: Clock;
  readonly #shard: number;
  readonly #value: LeaseValue;
  readonly #onLost: () => void;
  #revision: number;
  #validUntilMs: number;
  #held = true;
  /** How often it had ended and was had again. */
  #gaps = 0;
  /** False where another may have owned the shard in a gap, and the journal has not shown otherwise. */
  #isProven = true;
  #cancel: () => void = () => {};

  private constructor(
    store: LeaseStore,
    clock: Clock,
    shard: number,
    value: LeaseValue,
    revision: number,
    askedMs: number,
    onLost: () => void,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#shard = shard;
    this.#value = value;
    this.#revision = revision;
    this.#validUntilMs = validUntil(askedMs);
    this.#onLost = onLost;
    this.#schedule();
  }

  /** The lease, or undefined while another node holds it. */
  static async acquire(
    store: LeaseStore,
    clock: Clock,
    shard: number,
    value: LeaseValue,
    onLost: () => void,
  ): Promise<Lease | undefined> {
    const askedMs = clock.monoMs();
    const revision = await store.acquire(shard, value);
    if (revision === undefined) return undefined;
    return new Lease(store, clock, shard, value, revision, askedMs, onLost);
  }

  /** May reads leave now? Counted by the monotonic clock from before the renewal was sent, less a margin. */
  get valid(): boolean {
    return this.#isProven && this.#lasts;
  }

  /** False where the journal must first show that nobody came and went in a gap. */
  get isProven(): boolean {
    return this.#isProven;
  }

  /** To be given to {@link proved}: asked for before the journal is looked at. */
  get proof(): number {
    return this.#gaps;
  }

  /** Looked at after `proof`, the journal ended with our own record. */
  proved(proof: number): void {
    if (proof === this.#gaps) this.#isProven = true;
  }

  get #lasts(): boolean {
    return this.#held && this.#clock.monoMs() < this.#validUntilMs;
  }

  /** Stops renewing and lets the next owner in at once. */
  async release(): Promise<void> {
    if (!this.#held) return;
    this.#stop();
    await this.#store.release(this.#shard, this.#revision).catch(() => {}); // it ends by itself
  }

  #stop(): void {
    this.#held = false;
    this.#cancel();
  }

  #schedule(): void {
    this.#cancel = this.#clock.after(LIMITS.leaseRenewMs, () => void this.#renew());
  }

  async #renew(): Promise<void> {
    const askedMs = this.#clock.monoMs();
    try {
      const revision = (await this.#renewed()) ?? (await this.#regained());
      if (!this.#held) return;
      if (revision === undefined) return this.#lost();
      this.#revision = revision;
      this.#validUntilMs = validUntil(askedMs);
    } catch {
      // Not known whether it was renewed: try again while the lease we know of lasts.
      if (!this.#held) return;
      if (!this.#lasts) return this.#lost();
    }
    this.#schedule();
  }

  /** Undefined also where that is not known: the entry may be ours under a later revision. */
  async #renewed(): Promise<number | undefined> {
    try {
      return await this.#store.renew(this.#shard, this.#value, this.#revision);
    } catch {
      return undefined;
    }
  }

  /**
   * The entry is still in our name where a renewal was stored and its answer was
   * not heard. If another's name is there, the lease is lost. If none is, as after
   * a loop that stood still, another may have come and gone, and what we remember
   * may be old: we have the lease again, and rely on it once the journal shows that it is not.
   */
  async #regained(): Promise<number | undefined> {
    const holder = await this.#store.holder(this.#shard);
    if (holder !== undefined && holder.node !== this.#value.node) return undefined;
    const revision = await this.#store.acquire(this.#shard, this.#value);
    if (holder === undefined && revision !== undefined) {
      this.#gaps++;
      this.#isProven = false;
    }
    return revision;
  }

  #lost(): void {
    this.#stop();
    this.#onLost();
  }
}

const validUntil = (askedMs: number): number => askedMs + LIMITS.leaseMs - LIMITS.leaseMarginMs;
