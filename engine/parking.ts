import { refuse } from '../actors/outcomes.ts';
import type { Clock } from './clock.ts';
import { LIMITS } from './limits.ts';
import type { Ask } from './mailbox.ts';
import { Queue } from './queue.ts';

/** A command that waits for whoever will own its shard. */
export interface Parked {
  readonly ask: Ask;
  /** When it came to this node first, monotonic ms. */
  readonly sinceMs: number;
  /** How often it was sent on to get here. */
  readonly hops: number;
}

/**
 * Commands that came while their shard changes hands, in the order they came.
 * When the first one has waited long enough, all are told `moved`, and not only
 * that one: a later command of a session must not get ahead of it.
 */
export class Parking {
  readonly #clock: Clock;
  readonly #parked = new Queue<Parked>();
  #cancel: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#parked.size;
  }

  put(parked: Parked): void {
    if (this.size >= LIMITS.mailbox) return parked.ask.answer(refuse('overloaded'), true);
    this.#parked.push(parked);
    this.#watch();
  }

  /** These were here before: they come before all others. */
  putBack(parked: readonly Parked[]): void {
    for (const one of [...parked, ...this.#parked.drain()]) this.#parked.push(one);
    this.#cancel?.(); // these may have waited longer
    this.#cancel = undefined;
    this.#watch();
  }

  /** The next one, or undefined. */
  take(): Parked | undefined {
    return this.#parked.take();
  }

  /** Tells those that other nodes have sent on; these nodes ask again, in order. */
  refuseSentOn(): void {
    const all = this.#parked.drain();
    for (const parked of all) if (parked.hops === 0) this.#parked.push(parked);
    for (const { ask, hops } of all) if (hops > 0) ask.answer(refuse('moved'), true);
  }

  #watch(): void {
    const first = this.#parked.peek();
    if (first === undefined || this.#cancel !== undefined) return;
    const leftMs = first.sinceMs + LIMITS.parkMs - this.#clock.monoMs();
    this.#cancel = this.#clock.after(Math.max(leftMs, 0), () => {
      this.#cancel = undefined;
      const oldest = this.#parked.peek();
      if (oldest === undefined) return;
      if (this.#clock.monoMs() - oldest.sinceMs < LIMITS.parkMs) return this.#watch();
      for (const { ask } of this.#parked.drain()) ask.answer(refuse('moved'), true);
    });
  }
}
