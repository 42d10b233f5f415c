import type { WarehouseId } from '../actors/ids.ts';

/**
 * Keeps an ordered session in order: while a number must be sent again, every
 * higher one to the same warehouse must be too, or it would overtake.
 */
export class Order {
  /** Numbers to be sent again, ascending; no empty lists. */
  readonly #missing = new Map<WarehouseId, number[]>();
  #size = 0;

  /** How many numbers must be sent again, over all warehouses. */
  get size(): number {
    return this.#size;
  }

  /** True where an earlier number has to come first; then this one must be sent again as well. */
  mustWait(warehouse: WarehouseId, n: number): boolean {
    const missing = this.#missing.get(warehouse);
    const first = missing?.[0];
    if (missing === undefined || first === undefined || n < first) return false;
    if (n > first) {
      this.sendAgain(warehouse, n);
      return true;
    }
    missing.shift();
    this.#size--;
    if (missing.length === 0) this.#missing.delete(warehouse);
    return false;
  }

  sendAgain(warehouse: WarehouseId, n: number): void {
    const missing = this.#missing.get(warehouse) ?? [];
    this.#missing.set(warehouse, missing);
    let at = missing.length;
    while (at > 0 && (missing[at - 1] as number) > n) at--;
    if (missing[at - 1] === n) return;
    missing.splice(at, 0, n);
    this.#size++;
  }
}
