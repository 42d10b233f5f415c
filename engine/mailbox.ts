import type { ShardCommand } from '../actors/command.ts';
import { LIMITS } from './limits.ts';
import { Queue } from './queue.ts';
import type { Caller } from './record.ts';
import type { Answer } from './settled.ts';

/** One command on its way through a shard, and who waits for its answer. */
export interface Ask {
  readonly command: ShardCommand;
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
  readonly #asks = new Queue<Ask>();

  get size(): number {
    return this.#asks.size;
  }

  /** False when it is full. */
  put(ask: Ask): boolean {
    if (this.size >= LIMITS.mailbox) return false;
    this.#asks.push(ask);
    return true;
  }

  peek(): Ask | undefined {
    return this.#asks.peek();
  }

  take(): Ask | undefined {
    return this.#asks.take();
  }
}
