/** A progress bar on a terminal; nothing where stderr is none. */
export class Bar {
  readonly #total: number;
  readonly #shown = process.stderr.isTTY === true;
  #done = 0;
  #drawnMs = 0;

  constructor(total: number) {
    this.#total = total;
  }

  add(lines: number): void {
    this.#done += lines;
    if (!this.#shown || performance.now() - this.#drawnMs < 100) return;
    this.#drawnMs = performance.now();
    const share = this.#done / this.#total;
    const full = Math.round(share * 30);
    const bar = '█'.repeat(full) + '░'.repeat(30 - full);
    process.stderr.write(
      `\r  ${bar} ${(share * 100).toFixed(1)} %  ${this.#done} of ${this.#total} lines`,
    );
  }

  /** A line above the bar. */
  say(text: string): void {
    process.stderr.write(this.#shown ? `\r\x1b[K${text}\n` : `${text}\n`);
  }

  end(): void {
    if (this.#shown) process.stderr.write('\r\x1b[K');
  }
}
