/** What happened, as lines and as a hash of all of them: same seed, same hash. */
export class Trace {
  #low = 0xdeadbeef;
  #high = 0x41c6ce57;
  #count = 0;
  readonly #lines: string[] | undefined;

  constructor(keep: boolean) {
    this.#lines = keep ? [] : undefined;
  }

  add(atMs: number, who: string, what: string): void {
    const line = `${atMs.toFixed(3)} ${who} ${what}`;
    this.#count++;
    this.#lines?.push(line);
    let low = this.#low;
    let high = this.#high;
    for (let i = 0; i < line.length; i++) {
      const ch = line.charCodeAt(i);
      low = Math.imul(low ^ ch, 2654435761);
      high = Math.imul(high ^ ch, 1597334677);
    }
    this.#low = low ^ (high >>> 16);
    this.#high = high ^ (low >>> 16);
  }

  get lines(): readonly string[] {
    return this.#lines ?? [];
  }

  /** `<lines>:<16 hex digits>` */
  get hash(): string {
    const hex = (n: number): string => (n >>> 0).toString(16).padStart(8, '0');
    return `${this.#count}:${hex(this.#high)}${hex(this.#low)}`;
  }
}
