import type { ActorKey } from '../ids.ts';
import { Slots } from '../slots.ts';
import type { StockState } from './state.ts';

/** The actors of a shard by key, in the order they came. Only the newest can be taken out again. */
export class ActorTable {
  readonly #slots = new Slots();
  /** Key and state by turns: neighbours in memory. */
  readonly #actors: (ActorKey | StockState)[] = [];

  get size(): number {
    return this.#actors.length / 2;
  }

  get(key: ActorKey): StockState | undefined {
    const entry = this.#entryOf(key, hashOf(key));
    return entry < 0 ? undefined : (this.#actors[2 * entry + 1] as StockState);
  }

  set(key: ActorKey, state: StockState): void {
    const hash = hashOf(key);
    const entry = this.#entryOf(key, hash);
    if (entry >= 0) {
      this.#actors[2 * entry + 1] = state;
      return;
    }
    this.#slots.push(hash);
    this.#actors.push(key, state);
  }

  /** Takes out the actor that came last. */
  removeNewest(): void {
    const [key] = this.#actors.splice(-2) as [ActorKey];
    this.#slots.pop(hashOf(key));
  }

  /** Also those that come while it runs. */
  *entries(): IterableIterator<[ActorKey, StockState]> {
    for (let at = 0; at < this.#actors.length; at += 2) {
      yield [this.#actors[at] as ActorKey, this.#actors[at + 1] as StockState];
    }
  }

  /** Below 0 if there is none with that key. */
  #entryOf(key: ActorKey, hash: number): number {
    const slots = this.#slots;
    for (let slot = slots.first(hash); ; slot = slots.next(slot)) {
      const entry = slots.entry(slot);
      if (entry < 0 || (slots.hash(slot) === hash && this.#actors[2 * entry] === key)) return entry;
    }
  }
}

/** FNV-1a */
function hashOf(key: ActorKey): number {
  let h = 0x811c9dc5 | 0; // as a slot holds it
  for (let i = 0; i < key.length; i++) h = Math.imul(h ^ key.charCodeAt(i), 0x01000193);
  return h;
}
