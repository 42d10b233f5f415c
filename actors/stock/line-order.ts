import type { PickPolicy } from './commands.ts';
import type { Line } from './line.ts';
import { isAnyLot, type LotFilter, matches } from './lot.ts';

export type Compare = (a: Line, b: Line) => number;

/** The order in which a policy takes lines; `expiry` of a batch is epoch ms. */
export function comparing(policy: PickPolicy, expiry: (batch: string) => number): Compare {
  switch (policy) {
    case 'fefo':
      return (a, b) =>
        less(expiry(a.batch), expiry(b.batch)) || less(a.since, b.since) || byKey(a, b);
    case 'fifo':
      return (a, b) => less(a.since, b.since) || byKey(a, b);
    case 'lifo':
      return (a, b) => less(b.since, a.since) || byKey(a, b);
    case 'fewest':
      return (a, b) => less(b.qty, a.qty) || byKey(a, b);
  }
}

const less = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);
const byKey = (a: Line, b: Line): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

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

/** Whether a line has units that no hold is pinned to. */
export const hasFree = (line: Line): boolean => line.qty > line.pinned;

/**
 * Lines in an order that their changes of quantity leave alone; and those of them that have units
 * to which no hold is pinned, so that a pick does not look at thousands of others.
 */
export class LineOrder {
  readonly #all: Sorted;
  readonly #free: Sorted;

  constructor(lines: readonly Line[], compare: Compare) {
    this.#all = new Sorted([...lines], compare);
    this.#free = new Sorted(lines.filter(hasFree), compare);
  }

  matching(want: LotFilter, isFree: boolean): Iterable<Line> {
    const { lines } = isFree ? this.#free : this.#all;
    return isAnyLot(want) ? lines : { [Symbol.iterator]: () => like(lines, want) };
  }

  add(line: Line): void {
    this.#all.add(line);
    if (hasFree(line)) this.#free.add(line);
  }

  remove(line: Line): void {
    this.#all.remove(line);
    if (hasFree(line)) this.#free.remove(line);
  }

  /** It has come to have free units, or has no more. */
  settle(line: Line): void {
    if (hasFree(line)) this.#free.add(line);
    else this.#free.remove(line);
  }
}

export function* like(lines: Iterable<Line>, want: LotFilter): IterableIterator<Line> {
  for (const line of lines) if (matches(line, want)) yield line;
}

class Sorted {
  readonly lines: Line[];
  readonly #compare: Compare;

  constructor(lines: Line[], compare: Compare) {
    this.lines = lines.sort(compare);
    this.#compare = compare;
  }

  add(line: Line): void {
    this.lines.splice(this.#placeOf(line), 0, line);
  }

  remove(line: Line): void {
    this.lines.splice(this.#placeOf(line), 1);
  }

  /** Where it is, or belongs. */
  #placeOf(line: Line): number {
    let low = 0;
    let high = this.lines.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(this.lines[middle] as Line, line) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
