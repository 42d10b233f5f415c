/** First in, first out. */
export class Queue<T> {
  #items: T[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  peek(): T | undefined {
    return this.#items[this.#head];
  }

  take(): T | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#head++;
    // Half of it taken: let go of that half, or a queue that is never empty would keep all it ever held.
    if (this.#head * 2 >= this.#items.length) this.#items = this.#rest();
    return item;
  }

  /** Takes everything. */
  drain(): T[] {
    const all = this.#rest();
    this.#items = [];
    return all;
  }

  #rest(): T[] {
    const rest = this.#items.slice(this.#head);
    this.#head = 0;
    return rest;
  }
}
