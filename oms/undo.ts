import type { Balances } from '../actors/stock/balances.ts';
import type { Figures } from './figures.ts';

/** Which actors one record has changed, in order, and what each was before. Used again for the next record. */
export class Undo {
  /** Actor numbers; those up to {@link size} count. */
  readonly #ids: number[] = [];
  readonly #seqs: number[] = [];
  readonly #balances: Balances[] = [];
  #size = 0;

  /** Changes that were saved. */
  get size(): number {
    return this.#size;
  }

  /** The actor of one of them. */
  id(at: number): number {
    return this.#ids[at] as number;
  }

  clear(): void {
    this.#size = 0;
  }

  save(figures: Figures, id: number): void {
    const at = this.#size++;
    this.#ids[at] = id;
    this.#seqs[at] = figures.seq(id);
    const kept = this.#balances[at];
    if (kept === undefined) this.#balances[at] = figures.balances(id);
    else figures.copyTo(id, kept);
  }

  /** The change saved last was not made. */
  forgetLast(): void {
    this.#size--;
  }

  restore(figures: Figures): void {
    while (this.#size > 0) {
      const at = --this.#size;
      figures.set(this.id(at), this.#seqs[at] as number, this.#balances[at] as Balances);
    }
  }
}
