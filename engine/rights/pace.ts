import type { Clock } from '../clock.ts';

/** Does something at once; and where it is asked for again and again, once for all of them and not too often. */
export class Pace {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #act: () => void;
  #lastMs = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, everyMs: number, act: () => void) {
    this.#clock = clock;
    this.#everyMs = everyMs;
    this.#act = act;
  }

  soon(): void {
    if (this.#cancel !== undefined) return;
    const inMs = this.#lastMs + this.#everyMs - this.#clock.monoMs();
    if (inMs <= 0) this.#go();
    else this.#cancel = this.#clock.after(inMs, () => this.#go());
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #go(): void {
    this.#cancel = undefined;
    this.#lastMs = this.#clock.monoMs();
    this.#act();
  }
}
