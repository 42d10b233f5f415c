/** Changes are counted by as long, ms. */
const WINDOW_MS = 100;
/** So many of them a window are a flood: 1,000 changes a second. */
const FLOOD = 100;

/**
 * How dense sales are, as the centre sees them arrive. In a flood it leaves the
 * machine to those who sell, as far as what it has to do can wait.
 */
export class Tide {
  #window = 0;
  #count = 0;
  #before = 0;

  /** So many changes have arrived. `nowMs` is monotonic. */
  rise(changes: number, nowMs: number): void {
    this.#turn(nowMs);
    this.#count += changes;
  }

  isFlood(nowMs: number): boolean {
    this.#turn(nowMs);
    return this.#count >= FLOOD || this.#before >= FLOOD;
  }

  #turn(nowMs: number): void {
    const window = Math.floor(nowMs / WINDOW_MS);
    if (window === this.#window) return;
    this.#before = window === this.#window + 1 ? this.#count : 0;
    this.#count = 0;
    this.#window = window;
  }
}
