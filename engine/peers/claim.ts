import type { Clock } from '../clock.ts';
import type { LeaseStore, LeaseValue } from '../lease.ts';
import { LIMITS } from '../limits.ts';
import type { Peers } from './peers.ts';

export interface ClaimContext {
  readonly shard: number;
  readonly clock: Clock;
  readonly leases: LeaseStore;
  readonly self: LeaseValue;
  readonly peers?: Peers;
}

/** A lease that is free so long is not wanted by the node that should have it. */
const UNWANTED_MS = 2 * LIMITS.leaseMs;
/** An owner that would not hand over is asked again after this. */
const ASK_AGAIN_MS = 2_000;

/** Whether a shard should be this node's, and how it gets it from one that should not have it. */
export class Claim {
  readonly #context: ClaimContext;
  /** Since when nobody has held the lease, monotonic ms. */
  #freeSinceMs: number | undefined;
  #askedMs = Number.NEGATIVE_INFINITY;

  constructor(context: ClaimContext) {
    this.#context = context;
  }

  /** Whether to try for the lease. */
  get isOurs(): boolean {
    const { peers, shard, self, clock } = this.#context;
    if (peers === undefined) return true;
    const preferred = peers.preferred(shard);
    if (preferred === undefined || preferred.node === self.node) return preferred !== undefined;
    return this.#freeSinceMs !== undefined && clock.monoMs() - this.#freeSinceMs > UNWANTED_MS;
  }

  /** Who holds the lease? */
  async look(): Promise<LeaseValue | undefined> {
    const { leases, clock, shard } = this.#context;
    const owner = await leases.holder(shard);
    if (owner !== undefined) this.#freeSinceMs = undefined;
    else this.#freeSinceMs ??= clock.monoMs();
    return owner;
  }

  /** We hold it: that it was free before says nothing about the next time. */
  taken(): void {
    this.#freeSinceMs = undefined;
  }

  /** Asks the owner for a shard that should be ours. True when it was released. */
  async ask(owner: LeaseValue): Promise<boolean> {
    const { peers, shard, self, clock } = this.#context;
    if (owner.node === self.node || peers?.preferred(shard)?.node !== self.node) return false;
    if (clock.monoMs() - this.#askedMs < ASK_AGAIN_MS) return false;
    this.#askedMs = clock.monoMs();
    return peers.askFor(owner, shard).catch(() => false);
  }
}
