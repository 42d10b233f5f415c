import type { Logger } from 'pino';
import type { Clock } from './clock.ts';

/** An operator hears of what has not passed by then, ms. */
const TELL_AFTER_MS = 2_000;

/** A trouble that usually passes by itself: told once when it lasts, and once when it is over. */
export class Trouble {
  readonly #clock: Clock;
  readonly #log: Pick<Logger, 'warn' | 'info'>;
  readonly #shard: number;
  #sinceMs: number | undefined;
  #isTold = false;

  constructor(clock: Clock, log: Pick<Logger, 'warn' | 'info'>, shard: number) {
    this.#clock = clock;
    this.#log = log;
    this.#shard = shard;
  }

  /** It goes on. */
  goesOn(why: string): void {
    this.#sinceMs ??= this.#clock.monoMs();
    if (this.#isTold || this.#clock.monoMs() - this.#sinceMs < TELL_AFTER_MS) return;
    this.#isTold = true;
    this.#log.warn({ shard: this.#shard, why }, 'the journal takes nothing; commands wait');
  }

  over(): void {
    if (this.#isTold) this.#log.info({ shard: this.#shard }, 'the journal takes records again');
    this.#isTold = false;
    this.#sinceMs = undefined;
  }
}
