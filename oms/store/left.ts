import type { Balances } from '../../actors/stock/balances.ts';
import type { ChangeReader } from '../../engine/record-reader.ts';

/** What each actor that changed was left with, as the last of its changes says. */
export class Left {
  readonly #at = new Map<number, number>();
  readonly #ids: number[] = [];
  readonly #seqs: number[] = [];
  readonly #balances: Balances[] = [];

  note(id: number, { seq, after, width }: ChangeReader): void {
    let at = this.#at.get(id);
    if (at === undefined) {
      at = this.#ids.push(id) - 1;
      this.#at.set(id, at);
      this.#balances.push(new Array<number>(width).fill(0));
    }
    this.#seqs[at] = seq;
    const balances = this.#balances[at] as Balances;
    for (let i = 0; i < width; i++) balances[i] = after[i] as number;
  }

  /** By number: neighbours on disk are written together. */
  *byNumber(): Iterable<{ id: number; seq: number; balances: Balances }> {
    for (const id of this.#ids.toSorted((a, b) => a - b)) {
      const at = this.#at.get(id) as number;
      yield { id, seq: this.#seqs[at] as number, balances: this.#balances[at] as Balances };
    }
  }
}
