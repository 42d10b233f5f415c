import { Slots } from '../actors/slots.ts';

const FIRST_KEYS = 1_024;
const FIRST_BYTES = 32 * 1_024;

/**
 * Numbers by key, where a key is UTF-8 as it lies in a record: a look makes no
 * text. Keys are never taken out.
 */
export class KeyTable {
  readonly #slots = new Slots();
  /** Of each entry: where its key begins; the next one's begin is its end. */
  #begins = new Int32Array(FIRST_KEYS);
  #numbers = new Int32Array(FIRST_KEYS);
  #entries = 0;
  #keys = new Uint8Array(FIRST_BYTES);

  /** The number of the key between two places, or undefined. */
  find(bytes: Uint8Array, from: number, to: number): number | undefined {
    const slots = this.#slots;
    const hash = hashOf(bytes, from, to);
    for (let slot = slots.first(hash); ; slot = slots.next(slot)) {
      const entry = slots.entry(slot);
      if (entry < 0) return undefined;
      if (slots.hash(slot) === hash && this.#is(entry, bytes, from, to))
        return this.#numbers[entry];
    }
  }

  /** Adds a key that is not there. */
  add(bytes: Uint8Array, from: number, to: number, number: number): void {
    this.#makeRoom(to - from);
    this.#slots.push(hashOf(bytes, from, to));
    const entry = this.#entries++;
    const begin = this.#begins[entry] as number;
    for (let i = from; i < to; i++) this.#keys[begin + i - from] = bytes[i] as number;
    this.#begins[entry + 1] = begin + to - from;
    this.#numbers[entry] = number;
  }

  #is(entry: number, bytes: Uint8Array, from: number, to: number): boolean {
    const begin = this.#begins[entry] as number;
    if ((this.#begins[entry + 1] as number) - begin !== to - from) return false;
    for (let i = from; i < to; i++) if (this.#keys[begin + i - from] !== bytes[i]) return false;
    return true;
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
  }
}

function longer(list: Int32Array): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(2 * list.length);
  longer.set(list);
  return longer;
}

/** FNV-1a */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let h = 0x811c9dc5 | 0; // as a slot holds it
  for (let i = from; i < to; i++) h = Math.imul(h ^ (bytes[i] as number), 0x01000193);
  return h;
}
