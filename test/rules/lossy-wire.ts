import type { Wire } from '../../rules/sync/wire.ts';

/** How a net treats one message to one node: how often it comes, and after how many ms. */
export type Fate = () => readonly number[];

/** Nodes in one process, each of which may be cut off, and messages that may be lost, repeated and overtaken. */
export class LossyNet {
  readonly #ears = new Map<string, { node: string; hear: (bytes: Uint8Array) => void }>();
  readonly #cut = new Set<string>();
  fate: Fate = () => [0];

  /** Of the node that tells its peers that it is called `node`, and something after it. */
  wireOf(node: string): Wire {
    const send = (bytes: Uint8Array, to: (peer: string) => boolean): void => {
      for (const [peer, ear] of this.#ears) if (to(peer)) this.#carry(node, ear, bytes);
    };
    return {
      shout: (bytes) => send(bytes, () => true),
      tell: (peer, bytes) => send(bytes, (one) => one === peer),
      hear: (peer, hear) => {
        this.#ears.set(peer, { node, hear });
        return () => this.#ears.delete(peer);
      },
    };
  }

  cut(node: string): void {
    this.#cut.add(node);
  }

  heal(): void {
    this.#cut.clear();
    this.fate = () => [0];
  }

  #carry(from: string, to: { node: string; hear: (bytes: Uint8Array) => void }, bytes: Uint8Array) {
    const copy = Uint8Array.from(bytes);
    for (const afterMs of this.fate()) {
      setTimeout(() => {
        const isCut = from !== to.node && (this.#cut.has(from) || this.#cut.has(to.node));
        if (!isCut) to.hear(copy);
      }, afterMs);
    }
  }
}
