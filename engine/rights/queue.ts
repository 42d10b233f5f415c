/** What has to have come to a lane in all, so that orders that wait at its point can be sold. */
export interface Levels {
  /** For all of them; 0 where what is there is enough. */
  readonly upTo: number;
  /** For the first that could be: no more than `upTo`. */
  readonly least: number;
}

/** Orders at a selling point that wait for units of one SKU. There may be thousands; of few different quantities. */
export class Queue {
  readonly #orders = new Map<object, number>();
  /** How many orders of each quantity. */
  readonly #counts = new Map<number, number>();
  #all = 0;

  get size(): number {
    return this.#orders.size;
  }

  add(order: object, qty: number): void {
    this.#orders.set(order, qty);
    this.#count(qty, 1);
  }

  remove(order: object): void {
    const qty = this.#orders.get(order);
    if (qty === undefined) return;
    this.#orders.delete(order);
    this.#count(qty, -1);
  }

  #count(qty: number, by: 1 | -1): void {
    const count = (this.#counts.get(qty) ?? 0) + by;
    if (count === 0) this.#counts.delete(qty);
    else this.#counts.set(qty, count);
    this.#all += by * qty;
  }

  /**
   * `got`: units that ever came to the lane; `free`: those that can be sold now. Absolute, so a message that says it may be
   * repeated; as of now, so that an order that left, or took what another was waiting for, is told with the next one.
   */
  levels(got: number, free: number): Levels {
    const all = this.#all;
    if (all <= free) return { upTo: 0, least: 0 };
    let least = all;
    for (const qty of this.#counts.keys()) if (qty > free) least = Math.min(least, qty);
    return { upTo: got + all - free, least: got + least - free };
  }
}
