const FIRST_SLOTS = 1_024;
const EMPTY = -1;

/**
 * Where the entries of a table lie by the hashes of their keys: open addressing
 * with linear probing. A slot is two numbers side by side, which entry and the
 * hash of its key, so a look among millions of entries waits for memory once or
 * twice where a Map of texts waits eight times. Entries are counted from 0 in the
 * order they come; whether one has the key that is looked for is the table's to say.
 *
 * Only the newest entry can be taken out again. So no chain of probes ever leads
 * over a slot that was emptied, and nothing needs to mark one.
 */
export class Slots {
  /** Entry and hash by turns. A power of two of slots, at most half full. */
  #pairs = pairs(FIRST_SLOTS);
  #entries = 0;

  /** Where the probes for a hash begin. */
  first(hash: number): number {
    return (mixed(hash) * 2) & (this.#pairs.length - 1);
  }

  next(slot: number): number {
    return (slot + 2) & (this.#pairs.length - 1);
  }

  /** Below 0 where the slot is empty. */
  entry(slot: number): number {
    return this.#pairs[slot] as number;
  }

  hash(slot: number): number {
    return this.#pairs[slot + 1] as number;
  }

  /** Adds the next entry. */
  push(hash: number): void {
    if (this.#entries * 4 >= this.#pairs.length) this.#grow();
    this.#put(this.#entries++, hash);
  }

  /** Takes out the newest entry, which has this hash. */
  pop(hash: number): void {
    this.#pairs[this.#slotOf(--this.#entries, hash)] = EMPTY;
  }

  /** The slot that holds the entry, or the empty one where it would go. */
  #slotOf(entry: number, hash: number): number {
    const pairs = this.#pairs;
    let slot = this.first(hash);
    while (pairs[slot] !== EMPTY && pairs[slot] !== entry) slot = this.next(slot);
    return slot;
  }

  #put(entry: number, hash: number): void {
    const slot = this.#slotOf(entry, hash);
    this.#pairs[slot] = entry;
    this.#pairs[slot + 1] = hash;
  }

  /** Puts them in again in the order they came, so that the newest is last in every chain. */
  #grow(): void {
    const old = this.#pairs;
    const hashes = new Int32Array(this.#entries);
    for (let slot = 0; slot < old.length; slot += 2) {
      const entry = old[slot] as number;
      if (entry !== EMPTY) hashes[entry] = old[slot + 1] as number;
    }
    this.#pairs = pairs(old.length);
    for (let entry = 0; entry < hashes.length; entry++) this.#put(entry, hashes[entry] as number);
  }
}

const pairs = (count: number): Int32Array => new Int32Array(2 * count).fill(EMPTY);

/** The low bits, which choose the slot, then depend on all. */
function mixed(hash: number): number {
  const h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return h ^ (h >>> 13);
}
