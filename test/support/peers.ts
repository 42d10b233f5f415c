import type { LeaseValue } from '../../engine/lease.ts';
import { rendezvous } from '../../engine/peers/members.ts';
import { PeerAbsent, type PeerService, type Peers } from '../../engine/peers/peers.ts';
import type { Answer } from '../../engine/settled.ts';

/** The nodes of a region in one process; each can be cut off from the others, or hang. */
export class PeersHere {
  readonly live = new Map<string, LeaseValue>();
  readonly gone = new Set<string>();
  readonly hanging = new Set<string>();
  readonly #services = new Map<string, PeerService>();

  of(self: LeaseValue): Peers {
    this.live.set(self.node, self);
    const to = (node: string, shard: number): PeerService => {
      const service = this.#services.get(`${node}.${shard}`);
      if (service === undefined || this.gone.has(node)) throw new PeerAbsent(`${node} is gone`);
      return service;
    };
    return {
      preferred: (shard) => rendezvous(shard, [...this.live.values()]),
      forward: async ({ node }, shard, ask, hops) => {
        const service = to(node, shard);
        if (this.hanging.has(node)) return new Promise((_, reject) => this.#hung.push(reject));
        return new Promise<Answer>((answer) =>
          service.submit({ ...ask, decided: false, answer, fate: () => {} }, hops),
        );
      },
      askFor: async ({ node }, shard) => to(node, shard).handOver(self),
      nextNumber: async ({ node }, shard, caller) => to(node, shard).nextNumber(caller),
      serve: (shard, service) => {
        this.#services.set(`${self.node}.${shard}`, service);
        return () => this.#services.delete(`${self.node}.${shard}`);
      },
    };
  }

  readonly #hung: ((why: Error) => void)[] = [];

  /** Whoever waits for a hanging node has waited long enough. */
  timeOut(): void {
    for (const reject of this.#hung.splice(0)) reject(new Error('timeout'));
  }
}
