import type { Command } from '../actors/stock/commands.ts';
import { LIMITS } from './limits.ts';
import type { Caller } from './record.ts';
import type { Answer } from './settled.ts';

/** One command on its way through a shard, and who waits for its answer. */
export interface Ask {
  readonly command: Command;
  readonly caller: Caller;
  /** 0 where the caller has no session. */
  readonly n: number;
  readonly fingerprint: number;
  /** Answers below this number have been read; 0 says nothing. */
  readonly acked: number;
  /** `ack: "decided"`: answer before the commit, tell its fate later. */
  readonly decided: boolean;
  /** Called once. */
  answer(answer: Answer, committed: boolean): void;
  /** Called once, after an answer that was not committed. */
  fate(committed: boolean): void;
}

/** ③ What waits for a shard, first in first out, bounded. */
export class Mailbox {
  #asks: Ask[] = [];
  #head = 0;

  get size(): number {
    return this.#asks.length - this.#head;
  }

  /** False when it is full. */
  put(ask: Ask): boolean {
    if (this.size >= LIMITS.mailbox) return false;
    this.#asks.push(ask);
    return true;
  }

  peek(): Ask | undefined {
    return this.#asks[this.#head];
  }

  take(): Ask | undefined {
    const ask = this.#asks[this.#head];
    if (ask === undefined) return undefined;
    this.#head++;
    // Half of it taken: let go of that half, or a mailbox that is never empty would keep all it ever held.
    if (this.#head * 2 >= this.#asks.length) {
      this.#asks = this.#asks.slice(this.#head);
      this.#head = 0;
    }
    return ask;
  }
}
