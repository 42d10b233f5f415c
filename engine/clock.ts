/** Time as a port, so that the simulation can own it. Milliseconds everywhere. */
export interface Clock {
  /** Wall clock, epoch ms. May jump. */
  wallMs(): number;
  /** Monotonic, ms, with fractions. Never jumps. */
  monoMs(): number;
  /** Calls `fn` once, no sooner than `ms` from now. Returns what cancels it. */
  after(ms: number, fn: () => void): () => void;
}

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monoMs: () => performance.now(),
  after(ms, fn) {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
};

export const sleep = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(ms, resolve);
  });
