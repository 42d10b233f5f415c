/** What a bench has opened. Closed newest first, also when it fails or is interrupted. */
export class Opened {
  #closers: (() => Promise<unknown>)[] = [];

  add(close: () => Promise<unknown>): void {
    this.#closers.push(close);
  }

  /** Closes everything, whatever fails on the way; then it can be used again. */
  async close(): Promise<void> {
    const closers = this.#closers;
    this.#closers = [];
    for (const close of closers.reverse()) await close().catch(() => {});
  }
}
