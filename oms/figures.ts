import { type Balances, WIDTH } from '../actors/stock/balances.ts';
import type { ChangeReader } from '../engine/record-reader.ts';

const ROWS = 4096;
/** The actor's sequence, then the counters of qualified units. */
const COLUMNS = 1 + WIDTH;

/**
 * Sequence and balances by actor number, in flat blocks: 64 bytes an actor and
 * nothing for the garbage collector to walk. The few actors that have used
 * another quality keep all their counters in a list of their own.
 */
export class Figures {
  readonly #blocks: Float64Array[] = [];
  readonly #wide = new Map<number, Balances>();

  /** Events applied; 0 for a number never set. */
  seq(id: number): number {
    return this.#blocks[Math.floor(id / ROWS)]?.[(id % ROWS) * COLUMNS] ?? 0;
  }

  /** A copy. */
  balances(id: number): Balances {
    const balances: Balances = [];
    this.copyTo(id, balances);
    return balances;
  }

  /** A copy in place of what is in `into`. */
  copyTo(id: number, into: Balances): void {
    const wide = this.#wide.size > 0 ? this.#wide.get(id) : undefined;
    const block = this.#blocks[Math.floor(id / ROWS)];
    const at = (id % ROWS) * COLUMNS + 1;
    const width = wide?.length ?? WIDTH;
    for (let i = 0; i < width; i++) into[i] = wide?.[i] ?? block?.[at + i] ?? 0;
    into.length = width;
  }

  set(id: number, seq: number, balances: Balances): void {
    const block = this.#block(Math.floor(id / ROWS));
    const at = (id % ROWS) * COLUMNS;
    block[at] = seq;
    for (let i = 0; i < WIDTH; i++) block[at + 1 + i] = balances[i] as number;
    if (balances.length > WIDTH) this.#wide.set(id, balances.slice());
    else this.#wide.delete(id);
  }

  /**
   * Sets what a plain change leaves, if it is what there was and `effect` for each
   * unit. False where that is not so, or not all that the actor has; nothing was done.
   */
  step(id: number, { seq, qty, after }: ChangeReader, effect: Balances): boolean {
    if (this.#wide.size > 0 && this.#wide.has(id)) return false;
    const block = this.#block(Math.floor(id / ROWS));
    const at = (id % ROWS) * COLUMNS;
    for (let i = 0; i < WIDTH; i++) {
      const sum = (block[at + 1 + i] as number) + (effect[i] as number) * qty;
      if (sum !== after[i]) return false;
    }
    block[at] = seq;
    for (let i = 0; i < WIDTH; i++) block[at + 1 + i] = after[i] as number;
    return true;
  }

  #block(index: number): Float64Array {
    while (this.#blocks.length <= index) this.#blocks.push(new Float64Array(ROWS * COLUMNS));
    return this.#blocks[index] as Float64Array;
  }
}
