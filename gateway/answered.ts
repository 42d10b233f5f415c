import type { Answer } from '../engine/settled.ts';
import { type Reply, replyOf } from './replies.ts';

/** An answer on its way out. It is made into a reply where it is encoded, or not at all. */
export class Answered {
  /** 0 where the caller gave none. */
  readonly n: number;
  readonly answer: Answer;
  readonly committed: boolean;

  constructor(n: number, answer: Answer, committed: boolean) {
    this.n = n;
    this.answer = answer;
    this.committed = committed;
  }

  toJSON(): Reply {
    return replyOf(this.n, this.answer, this.committed);
  }
}
