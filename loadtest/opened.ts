/** What a bench has opened. Closed newest first, also when it fails or is interrupted. */
export class Opened {
  readonly #closers: (() => Promise<unknown>)[] = [];
  #closing: Promise<void> | undefined;

  add(close: () => Promise<unknown>): void {
    this.#closers.push(close);
  }

  /**
   * Closes everything, whatever fails on the way; then it can be used again.
   * Asked again meanwhile, it is the same close that is waited for.
   */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll().finally(() => {
      this.#closing = undefined;
    });
    return this.#closing;
  }

  /** Ends what was started, then this process. A signal that comes twice, as through npm, ends it no sooner. */
  closeOnSignal(): void {
    const stop = (): void => {
      void this.close().then(() => process.exit(130));
    };
    process.on('SIGINT', stop).on('SIGTERM', stop);
  }

  async #closeAll(): Promise<void> {
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      await close().catch(() => {});
    }
  }
}
