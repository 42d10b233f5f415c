import type { Clock } from './clock.ts';
import { LIMITS } from './limits.ts';

/**
 * The wall clock with its jumps taken out: it follows the wall while that moves
 * as the monotonic clock does, and goes on by the monotonic one when it leaps.
 */
export class SteadyClock {
  readonly #clock: Clock;
  #atMs: number;
  #monoMs: number;
  #jumped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#atMs = clock.wallMs();
    this.#monoMs = clock.monoMs();
  }

  /** Epoch ms, whole. */
  nowMs(): number {
    const monoMs = this.#clock.monoMs();
    const expected = this.#atMs + (monoMs - this.#monoMs);
    const wall = this.#clock.wallMs();
    this.#jumped = Math.abs(wall - expected) > LIMITS.clockJumpMs;
    this.#atMs = this.#jumped ? expected : wall;
    this.#monoMs = monoMs;
    return Math.floor(this.#atMs);
  }

  /** True while the wall clock disagrees: nothing should expire on its word. */
  get jumped(): boolean {
    return this.#jumped;
  }
}
