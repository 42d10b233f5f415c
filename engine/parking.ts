import { refuse } from '../actors/outcomes.ts';
import type { Clock } from './clock.ts';
import { LIMITS } from './limits.ts';
import type { Ask } from './mailbox.ts';

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
  #parked: Parked[] = [];
  #head = 0;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#parked.length - this.#head;
  }

  put(parked: Parked): void {
    if (this.size >= LIMITS.mailbox) return parked.ask.answer(refuse('overloaded'), true);
    this.#parked.push(parked);
    this.#watch();
  }

  /** These were here before: they come before all others. */
  putBack(parked: readonly Parked[]): void {
    this.#parked = [...parked, ...this.#parked.slice(this.#head)];
    this.#head = 0;
    this.#cancel?.(); // these may have waited longer
    this.#cancel = undefined;
    this.#watch();
  }

  /** The next one, or undefined. */
  take(): Parked | undefined {
    const parked = this.#parked[this.#head];
    if (parked === undefined) return undefined;
    if (++this.#head === this.#parked.length) this.#clear();
    return parked;
  }

  /** Tells those that other nodes have sent on; these nodes ask again, in order. */
  refuseSentOn(): void {
    const all = this.#clear();
    this.#parked = all.filter(({ hops }) => hops === 0);
    for (const { ask, hops } of all) if (hops > 0) ask.answer(refuse('moved'), true);
  }

  /** Tells all of them. */
  refuse(code: 'moved' | 'stopped', detail = ''): void {
    for (const { ask } of this.#clear()) ask.answer(refuse(code, 0, -1, detail), true);
  }

  /** Gives what was in it. */
  #clear(): Parked[] {
    const all = this.#parked.slice(this.#head);
    this.#parked = [];
    this.#head = 0;
    return all;
  }

  #watch(): void {
    const first = this.#parked[this.#head];
    if (first === undefined || this.#cancel !== undefined) return;
    const leftMs = first.sinceMs + LIMITS.parkMs - this.#clock.monoMs();
    this.#cancel = this.#clock.after(Math.max(leftMs, 0), () => {
      this.#cancel = undefined;
      const oldest = this.#parked[this.#head];
      if (oldest === undefined) return;
      if (this.#clock.monoMs() - oldest.sinceMs >= LIMITS.parkMs) this.refuse('moved');
      else this.#watch();
    });
  }
}
