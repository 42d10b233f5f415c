import type { DocumentKey } from './commands.ts';

/** Documents with nothing left to do that are remembered, so that late callers are told so. */
export const ENDED_KEPT = 10_000;

interface Entry {
  readonly key: DocumentKey;
  readonly endedAtMs: number;
}

/**
 * The newest {@link ENDED_KEPT} ended documents, by when they ended and then by key. Which these
 * are does not depend on the order in which they are added, so that a snapshot and the tail of
 * the journal give the same ones.
 */
export class Ended {
  #entries: Entry[] = [];
  /** Entries before it have gone. */
  #first = 0;

  get isFull(): boolean {
    return this.#entries.length - this.#first >= ENDED_KEPT;
  }

  /** Returns the document that is too old to be remembered from now on. */
  add(key: DocumentKey, endedAtMs: number): DocumentKey | undefined {
    const wasFull = this.isFull;
    this.#entries.splice(this.#placeOf(key, endedAtMs), 0, { key, endedAtMs });
    if (!wasFull) return undefined;
    const oldest = this.#entries[this.#first] as Entry;
    this.#first++;
    if (this.#first === ENDED_KEPT) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
    return oldest.key;
  }

  remove(key: DocumentKey, endedAtMs: number): void {
    this.#entries.splice(this.#placeOf(key, endedAtMs), 1);
  }

  #placeOf(key: DocumentKey, endedAtMs: number): number {
    let low = this.#first;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const e = this.#entries[middle] as Entry;
      const isBefore = e.endedAtMs === endedAtMs ? e.key < key : e.endedAtMs < endedAtMs;
      if (isBefore) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
