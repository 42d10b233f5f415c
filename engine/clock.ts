/** Time as a port, so that the simulation can own it. Milliseconds everywhere. */
export interface Clock {
  /** Wall clock, epoch ms. May jump. */
  wallMs(): number;
  /** Monotonic, ms, with fractions. Never jumps. */
  monoMs(): number;
  /** Calls `fn` once, no sooner than `ms` from now. Returns what cancels it. */
  after(ms: number, fn: () => void): () => void;
  /** Calls `fn` in a later turn of the event loop, after what has arrived meanwhile was handled. */
  turn(fn: () => void): void;
}

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monoMs: () => performance.now(),
  after(ms, fn) {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
  turn(fn) {
    setImmediate(fn);
  },
};

export const sleep = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(ms, resolve);
  });

/** Lets others have their turn. */
export const nextTurn = (clock: Clock): Promise<void> =>
  new Promise((resolve) => {
    clock.turn(resolve);
  });
