import { type Balances, WIDTH } from '../actors/stock/balances.ts';

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
    const wide = this.#wide.get(id);
    if (wide !== undefined) return wide.slice();
    const block = this.#blocks[Math.floor(id / ROWS)];
    const at = (id % ROWS) * COLUMNS + 1;
    const balances: Balances = [];
    for (let i = 0; i < WIDTH; i++) balances.push(block?.[at + i] ?? 0);
    return balances;
  }

  set(id: number, seq: number, balances: Balances): void {
    const block = this.#block(Math.floor(id / ROWS));
    const at = (id % ROWS) * COLUMNS;
    block[at] = seq;
    for (let i = 0; i < WIDTH; i++) block[at + 1 + i] = balances[i] as number;
    if (balances.length > WIDTH) this.#wide.set(id, balances.slice());
    else this.#wide.delete(id);
  }

  #block(index: number): Float64Array {
    while (this.#blocks.length <= index) this.#blocks.push(new Float64Array(ROWS * COLUMNS));
    return this.#blocks[index] as Float64Array;
  }
}
