/** How nodes speak about rules. Whatever is said may be lost, come twice, or come late. */
export interface Wire {
  /** To every node, this one included. */
  shout(bytes: Uint8Array): void;
  tell(peer: string, bytes: Uint8Array): void;
  /** Hears what is shouted, and what this peer is told. Returns how to stop. */
  hear(peer: string, hear: (bytes: Uint8Array) => void): () => void;
}
