import type { Point } from '../../actors/rights/point.ts';
import { RIGHTS_LIMITS } from './limits.ts';

/**
 * How much of a point's log is on its way to a home, so that each entry crosses a long link once. Where home has
 * applied nothing more for a while, it begins again from what home has.
 */
export class LogSent {
  #last = 0;
  #applied = 0;
  #movedMs = Number.NEGATIVE_INFINITY;

  /** The entry after which there is something to say. */
  after({ applied }: Pick<Point, 'applied'>, nowMs: number): number {
    if (this.#last <= applied || applied !== this.#applied) {
      this.#applied = applied;
      this.#movedMs = nowMs;
    } else if (nowMs - this.#movedMs >= RIGHTS_LIMITS.againMs) {
      this.#movedMs = nowMs;
      this.#last = applied;
    }
    return Math.max(this.#last, applied);
  }

  /** Up to that entry; 0 where there was none. */
  sent(last: number): void {
    this.#last = Math.max(this.#last, last);
  }
}
