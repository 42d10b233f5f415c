import type { Line } from './detail.ts';
import { type LotFilter, matches } from './lot.ts';

export type Compare = (a: Line, b: Line) => number;

const NO_LINES: ReadonlySet<Line> = new Set();

/** Lines by one of their fields. */
export class Index {
  readonly #sets = new Map<string, Set<Line>>();

  get(value: string): ReadonlySet<Line> {
    return this.#sets.get(value) ?? NO_LINES;
  }

  add(value: string, line: Line): void {
    const set = this.#sets.get(value);
    if (set === undefined) this.#sets.set(value, new Set([line]));
    else set.add(line);
  }

  remove(value: string, line: Line): void {
    const set = this.#sets.get(value) as Set<Line>;
    set.delete(line);
    if (set.size === 0) this.#sets.delete(value);
  }
}

/** Lines in an order that their changes of quantity leave alone: a sorted list. */
export class LineOrder {
  readonly #lines: Line[];
  readonly #compare: Compare;

  constructor(lines: Line[], compare: Compare) {
    this.#lines = lines.sort(compare);
    this.#compare = compare;
  }

  *matching(want: LotFilter): IterableIterator<Line> {
    for (const line of this.#lines) if (matches(line, want)) yield line;
  }

  add(line: Line): void {
    this.#lines.splice(this.#placeOf(line), 0, line);
  }

  remove(line: Line): void {
    this.#lines.splice(this.#placeOf(line), 1);
  }

  /** Where it is, or belongs. */
  #placeOf(line: Line): number {
    let low = 0;
    let high = this.#lines.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(this.#lines[middle] as Line, line) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
