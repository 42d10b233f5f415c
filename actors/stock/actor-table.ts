import type { ActorKey } from '../ids.ts';
import type { StockState } from './state.ts';

const EMPTY = -1;
const FIRST_SLOTS = 1_024;

/**
 * The actors of a shard by key, in the order they came. Open addressing with
 * linear probing: a slot is two numbers side by side, which actor and the hash
 * of its key, so a look among millions of actors waits for memory once or twice
 * where a Map of texts waits eight times.
 *
 * Only the newest actor can be taken out again. So no chain of probes ever
 * leads over a slot that was emptied, and nothing needs to mark one.
 */
export class ActorTable {
  /** Where in `#actors`, and the hash of the key, by slot. A power of two, at most half full. */
  #slots = slots(FIRST_SLOTS);
  /** Key and state by turns: neighbours in memory. */
  readonly #actors: (ActorKey | StockState)[] = [];

  get size(): number {
    return this.#actors.length / 2;
  }

  get(key: ActorKey): StockState | undefined {
    const slot = this.#slotOf(key, hashOf(key));
    const at = this.#slots[slot] as number;
    return at === EMPTY ? undefined : (this.#actors[at + 1] as StockState);
  }

  set(key: ActorKey, state: StockState): void {
    const hash = hashOf(key);
    const at = this.#slots[this.#slotOf(key, hash)] as number;
    if (at !== EMPTY) {
      this.#actors[at + 1] = state;
      return;
    }
    if (this.#actors.length * 2 >= this.#slots.length) this.#grow();
    this.#put(this.#actors.length, hash);
    this.#actors.push(key, state);
  }

  /** Takes out the actor that came last. */
  removeNewest(): void {
    const [key] = this.#actors.splice(-2) as [ActorKey];
    this.#slots[this.#slotAt(this.#actors.length, hashOf(key))] = EMPTY;
  }

  /** Also those that come while it runs. */
  *entries(): IterableIterator<[ActorKey, StockState]> {
    for (let at = 0; at < this.#actors.length; at += 2) {
      yield [this.#actors[at] as ActorKey, this.#actors[at + 1] as StockState];
    }
  }

  /** The slot of that key, or the empty one where it would go. */
  #slotOf(key: ActorKey, hash: number): number {
    const slots = this.#slots;
    for (let slot = first(hash, slots); ; slot = next(slot, slots)) {
      const at = slots[slot] as number;
      if (at === EMPTY || (slots[slot + 1] === hash && this.#actors[at] === key)) return slot;
    }
  }

  /** The slot that holds `at`, or the empty one where it would go. */
  #slotAt(at: number, hash: number): number {
    const slots = this.#slots;
    let slot = first(hash, slots);
    while (slots[slot] !== EMPTY && slots[slot] !== at) slot = next(slot, slots);
    return slot;
  }

  #put(at: number, hash: number): void {
    const slot = this.#slotAt(at, hash);
    this.#slots[slot] = at;
    this.#slots[slot + 1] = hash;
  }

  /** Puts them in again in the order they came, so that the newest is last in every chain. */
  #grow(): void {
    const old = this.#slots;
    const hashes = new Int32Array(this.#actors.length);
    for (let slot = 0; slot < old.length; slot += 2) {
      const at = old[slot] as number;
      if (at !== EMPTY) hashes[at] = old[slot + 1] as number;
    }
    this.#slots = slots(old.length);
    for (let at = 0; at < hashes.length; at += 2) this.#put(at, hashes[at] as number);
  }
}

const slots = (count: number): Int32Array => new Int32Array(count * 2).fill(EMPTY);
const first = (hash: number, { length }: Int32Array): number => (hash * 2) & (length - 1);
const next = (slot: number, { length }: Int32Array): number => (slot + 2) & (length - 1);

/** FNV-1a, then mixed so that its low bits, which choose the slot, depend on all. */
function hashOf(key: ActorKey): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) h = Math.imul(h ^ key.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  return h ^ (h >>> 13);
}
