import type { NatsConnection, Subscription } from '@nats-io/transport-node';
import type { Clock } from '../clock.ts';
import type { LeaseValue } from '../lease.ts';
import { LIMITS } from '../limits.ts';
import { aliveSubject } from '../subjects.ts';
import { listen } from './careful.ts';

/** What a node says of itself. */
interface Beat extends LeaseValue {
  /** Shards whose changes its scanners watch. */
  readonly watching?: readonly number[];
  /** It is about to stop. */
  readonly leaving?: true;
}

interface Heard {
  readonly value: LeaseValue;
  readonly watching: readonly number[];
  readonly atMs: number;
}

/**
 * Who lives in a region, as far as heard: every node says so several times in
 * the length of a lease, and one that has been silent for that long is gone.
 * A hint only: leases decide who owns what, and the journal fences.
 */
export class Members {
  readonly #nats: NatsConnection;
  readonly #clock: Clock;
  readonly #self: LeaseValue;
  readonly #subject: string;
  readonly #subscription: Subscription;
  readonly #heard = new Map<string, Heard>();
  readonly #bornMs: number;
  #watching: readonly number[] = [];
  #cancel: () => void = () => {};

  constructor(nats: NatsConnection, clock: Clock, region: string, self: LeaseValue) {
    this.#nats = nats;
    this.#clock = clock;
    this.#self = self;
    this.#subject = aliveSubject(region);
    this.#bornMs = clock.monoMs();
    this.#subscription = listen(nats, this.#subject, (message) => this.#hear(message.json<Beat>()));
    this.#beat();
  }

  /** Undefined at first: who has just come has not heard the others. */
  preferred(shard: number): LeaseValue | undefined {
    const nowMs = this.#clock.monoMs();
    if (nowMs - this.#bornMs < 2 * LIMITS.leaseRenewMs) return undefined;
    const live = [this.#self];
    for (const { value, atMs } of this.#heard.values()) {
      if (nowMs - atMs < LIMITS.leaseMs) live.push(value);
    }
    return rendezvous(shard, live);
  }

  /** Tells the others at once which shards' changes are wanted here. */
  watch(shards: readonly number[]): void {
    this.#watching = shards;
    this.#say({ ...this.#self, watching: shards });
  }

  /** Whether another node wants to hear of the shard's changes. */
  isWatched(shard: number): boolean {
    const sinceMs = this.#clock.monoMs() - LIMITS.leaseMs;
    for (const { watching, atMs } of this.#heard.values()) {
      if (atMs > sinceMs && watching.includes(shard)) return true;
    }
    return false;
  }

  /** Says goodbye, so that nobody has to wait for our silence. */
  leave(): void {
    this.#cancel();
    this.#subscription.unsubscribe();
    this.#say({ ...this.#self, leaving: true });
  }

  #hear({ node, url, leaving, watching = [] }: Beat): void {
    const isBeat = typeof node === 'string' && typeof url === 'string' && Array.isArray(watching);
    if (!isBeat || node === this.#self.node) return;
    if (leaving === true) this.#heard.delete(node);
    else this.#heard.set(node, { value: { node, url }, watching, atMs: this.#clock.monoMs() });
  }

  #beat(): void {
    this.#say({ ...this.#self, watching: this.#watching });
    this.#cancel = this.#clock.after(LIMITS.leaseRenewMs, () => this.#beat());
  }

  #say(beat: Beat): void {
    if (!this.#nats.isClosed()) this.#nats.publish(this.#subject, JSON.stringify(beat));
  }
}

/**
 * Rendezvous hashing (Thaler and Ravishankar, 1998): each node has a score for
 * a shard and the highest owns it, so a node that comes or goes moves only its
 * own share. Undefined where nobody lives.
 */
export function rendezvous(shard: number, live: readonly LeaseValue[]): LeaseValue | undefined {
  let best: LeaseValue | undefined;
  let most = -1;
  for (const member of live) {
    const score = scoreOf(member.node, shard);
    if (score < most || (score === most && member.node > (best as LeaseValue).node)) continue;
    most = score;
    best = member;
  }
  return best;
}

/** FNV-1a of the name, mixed with the shard's number: every bit counts. */
function scoreOf(node: string, shard: number): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < node.length; i++) h = Math.imul(h ^ node.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16) ^ Math.imul(shard + 1, 0x9e3779b1), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
