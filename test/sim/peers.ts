import type { LeaseValue } from '../../engine/lease.ts';
import { LIMITS } from '../../engine/limits.ts';
import type { Ask } from '../../engine/mailbox.ts';
import { rendezvous } from '../../engine/peers/members.ts';
import { PeerAbsent, type PeerService, type Peers } from '../../engine/peers/peers.ts';
import type { Caller } from '../../engine/record.ts';
import type { Answer } from '../../engine/settled.ts';
import type { Network, Proc } from './network.ts';
import type { Life, World } from './world.ts';

const HANDOVER_MS = 5_000;
const NEXT_MS = 1_000;

/** A node as the others find it. */
export interface Peer extends Proc {
  /** Of its present run. */
  readonly peers: SimPeers | undefined;
  /** Takes a command that another node sends on. */
  forwarded(shard: number, ask: Ask, hops: number): Promise<Answer>;
}

/** The other nodes of a region as one run of a node knows them: by what it has heard, which may be old. */
export class SimPeers implements Peers {
  readonly #world: World;
  readonly #network: Network;
  readonly #life: Life;
  readonly #nodes: () => readonly Peer[];
  readonly #heardMs = new Map<string, number>();
  readonly #services = new Map<number, PeerService>();
  readonly #bornMs: number;

  constructor(world: World, network: Network, life: Life, nodes: () => readonly Peer[]) {
    this.#world = world;
    this.#network = network;
    this.#life = life;
    this.#nodes = nodes;
    this.#bornMs = world.nowMs;
    this.#beat();
  }

  preferred(shard: number): LeaseValue | undefined {
    const { nowMs } = this.#world;
    if (nowMs - this.#bornMs < 2 * LIMITS.leaseRenewMs) return undefined;
    const live = [leaseOf(this.#life.name)];
    for (const [name, atMs] of this.#heardMs) {
      if (nowMs - atMs < LIMITS.leaseMs) live.push(leaseOf(name));
    }
    return rendezvous(shard, live);
  }

  async forward({ node }: LeaseValue, shard: number, ask: Ask, hops: number): Promise<Answer> {
    const to = this.#named(node);
    return this.#network.call(this.#life, to, LIMITS.forwardMs, () =>
      to.forwarded(shard, ask, hops),
    );
  }

  async askFor({ node }: LeaseValue, shard: number): Promise<boolean> {
    const to = this.#named(node);
    const self = leaseOf(this.#life.name);
    return this.#network.call(
      this.#life,
      to,
      HANDOVER_MS,
      () => to.peers?.service(shard)?.handOver(self) ?? false,
    );
  }

  async nextNumber(
    { node }: LeaseValue,
    shard: number,
    caller: Caller,
  ): Promise<number | undefined> {
    const to = this.#named(node);
    return this.#network.call(this.#life, to, NEXT_MS, () =>
      to.peers?.service(shard)?.nextNumber(caller),
    );
  }

  serve(shard: number, service: PeerService): () => void {
    this.#services.set(shard, service);
    return () => this.#services.delete(shard);
  }

  service(shard: number): PeerService | undefined {
    return this.#services.get(shard);
  }

  /** Another node says that it lives. */
  heard(name: string): void {
    this.#heardMs.set(name, this.#world.nowMs);
  }

  #beat(): void {
    for (const node of this.#nodes()) {
      if (node.name === this.#life.name) continue;
      this.#network.send(this.#life, node, () => node.peers?.heard(this.#life.name));
    }
    this.#world.after(LIMITS.leaseRenewMs, this.#life, () => this.#beat());
  }

  /** Nobody listens in the name of a node that is down. */
  #named(name: string): Peer {
    const node = this.#nodes().find((one) => one.name === name);
    if (node?.life === undefined) throw new PeerAbsent(`${name} is not there`);
    return node;
  }
}

const leaseOf = (node: string): LeaseValue => ({ node, url: node });
