import type { LeaseValue } from '../lease.ts';
import type { Ask } from '../mailbox.ts';
import type { Caller } from '../record.ts';
import type { Answer } from '../settled.ts';

/** What a node does for the others about one of its shards. */
export interface PeerService {
  /** A command that another node sends on; `hops` so far. */
  submit(ask: Ask, hops: number): void;
  /** Gives the shard to `to`, if that is right. True when its lease was released. */
  handOver(to: LeaseValue): Promise<boolean>;
  /** See {@link Slot.nextNumber}. Undefined while it is not served here. */
  nextNumber(caller: Caller): number | undefined;
}

/**
 * The other nodes of a region, as a port. What is lost on the way to them is
 * told as an error; nobody waits for ever.
 */
export interface Peers {
  /** Of the nodes that live, the one to own the shard; undefined while that is not known. */
  preferred(shard: number): LeaseValue | undefined;
  /**
   * Has the owner's node carry a command out. Throws {@link PeerAbsent} if it
   * certainly did not reach it, any other error if nobody can tell.
   */
  forward(to: LeaseValue, shard: number, ask: Ask, hops: number): Promise<Answer>;
  /** True when the owner has released the shard's lease. Throws if it cannot be asked. */
  askFor(from: LeaseValue, shard: number): Promise<boolean>;
  /** Undefined where the owner serves it no more. Throws if it cannot be asked. */
  nextNumber(of: LeaseValue, shard: number, caller: Caller): Promise<number | undefined>;
  /** Serves the others. Returns what ends it. */
  serve(shard: number, service: PeerService): () => void;
}

/** Nobody with that name listens: the question reached nobody. */
export class PeerAbsent extends Error {
  override readonly name = 'PeerAbsent';
}
