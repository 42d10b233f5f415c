const EMPTY = -1;
const FIRST_SLOTS = 1_024;
const FIRST_BYTES = 32 * 1_024;

/**
 * Numbers by key, where a key is UTF-8 as it lies in a record: a look makes no
 * text. Open addressing with linear probing: a slot is two numbers side by side,
 * which entry and the hash of its key. Keys are never taken out.
 */
export class KeyTable {
  /** A power of two, at most half full. */
  #slots = slots(FIRST_SLOTS);
  /** Of each entry: where its key begins; the next one's begin is its end. */
  #begins = new Int32Array(FIRST_SLOTS);
  #numbers = new Int32Array(FIRST_SLOTS);
  #entries = 0;
  #keys = new Uint8Array(FIRST_BYTES);

  /** The number of the key between two places, or undefined. */
  find(bytes: Uint8Array, from: number, to: number): number | undefined {
    const entry = this.#slots[this.#slotOf(bytes, from, to, hashOf(bytes, from, to))] as number;
    return entry === EMPTY ? undefined : (this.#numbers[entry] as number);
  }

  /** Adds a key that is not there. */
  add(bytes: Uint8Array, from: number, to: number, number: number): void {
    this.#makeRoom(to - from);
    const hash = hashOf(bytes, from, to);
    const entry = this.#entries++;
    const begin = this.#begins[entry] as number;
    this.#put(this.#slotOf(bytes, from, to, hash), entry, hash);
    for (let i = from; i < to; i++) this.#keys[begin + i - from] = bytes[i] as number;
    this.#begins[entry + 1] = begin + to - from;
    this.#numbers[entry] = number;
  }

  /** The slot of that key, or the empty one where it would go. */
  #slotOf(bytes: Uint8Array, from: number, to: number, hash: number): number {
    const slots = this.#slots;
    for (let slot = first(hash, slots); ; slot = next(slot, slots)) {
      const entry = slots[slot] as number;
      if (entry === EMPTY) return slot;
      if (slots[slot + 1] === hash && this.#is(entry, bytes, from, to)) return slot;
    }
  }

  #is(entry: number, bytes: Uint8Array, from: number, to: number): boolean {
    const begin = this.#begins[entry] as number;
    if ((this.#begins[entry + 1] as number) - begin !== to - from) return false;
    for (let i = from; i < to; i++) if (this.#keys[begin + i - from] !== bytes[i]) return false;
    return true;
  }

  #put(slot: number, entry: number, hash: number): void {
    this.#slots[slot] = entry;
    this.#slots[slot + 1] = hash;
  }

  #makeRoom(bytes: number): void {
    const used = this.#begins[this.#entries] as number;
    if (used + bytes > this.#keys.length) {
      const bigger = new Uint8Array(Math.max(2 * this.#keys.length, used + bytes));
      bigger.set(this.#keys.subarray(0, used));
      this.#keys = bigger;
    }
    if (this.#entries + 1 === this.#begins.length) {
      this.#begins = longer(this.#begins);
      this.#numbers = longer(this.#numbers);
    }
    if (this.#entries * 4 >= this.#slots.length) this.#grow();
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = slots(old.length);
    for (let at = 0; at < old.length; at += 2) {
      const entry = old[at] as number;
      if (entry === EMPTY) continue;
      const hash = old[at + 1] as number;
      let slot = first(hash, this.#slots);
      while (this.#slots[slot] !== EMPTY) slot = next(slot, this.#slots);
      this.#put(slot, entry, hash);
    }
  }
}

const slots = (count: number): Int32Array => new Int32Array(count * 2).fill(EMPTY);
const first = (hash: number, { length }: Int32Array): number => (hash * 2) & (length - 1);
const next = (slot: number, { length }: Int32Array): number => (slot + 2) & (length - 1);

function longer(list: Int32Array): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(2 * list.length);
  longer.set(list);
  return longer;
}

/** FNV-1a, then mixed so that its low bits, which choose the slot, depend on all. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let h = 0x811c9dc5;
  for (let i = from; i < to; i++) h = Math.imul(h ^ (bytes[i] as number), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  return h ^ (h >>> 13);
}
