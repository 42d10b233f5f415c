/** What has to have come to a lane in all, so that orders that wait at its point can be sold. */
export interface Levels {
  /** For all of them; 0 where what is there is enough. */
  readonly upTo: number;
  /** For the first that could be: no more than `upTo`. */
  readonly least: number;
}

/** Orders at a selling point that wait for units of one SKU. */
export class Queue {
  readonly #orders = new Map<object, number>();

  get size(): number {
    return this.#orders.size;
  }

  add(order: object, qty: number): void {
    this.#orders.set(order, qty);
  }

  remove(order: object): void {
    this.#orders.delete(order);
  }

  /**
   * `got`: units that ever came to the lane; `free`: those that can be sold now. Absolute, so a message that says it may be
   * repeated; as of now, so that an order that left, or took what another was waiting for, is told with the next one.
   */
  levels(got: number, free: number): Levels {
    let [all, least] = [0, Number.POSITIVE_INFINITY];
    for (const qty of this.#orders.values()) {
      all += qty;
      if (qty > free) least = Math.min(least, qty);
    }
    if (all <= free) return { upTo: 0, least: 0 };
    return { upTo: got + all - free, least: got + Math.min(least, all) - free };
  }
}
