import type { AnswerMessage, LineAnswer } from '../../client/messages.ts';
import { EFFECT, type Step } from './steps.ts';

export interface Amounts {
  onHand: number;
  allocated: number;
}

/** What the answers say of one SKU in one warehouse. */
export interface Account extends Amounts {
  /** A bit for each event number that an answer told. */
  told: Uint8Array;
  /** The highest of them. */
  lastSeq: number;
  /** Answers that told a number which another had told. */
  twice: number;
  /** Ledger lines that these events must have left. */
  lines: number;
  /** Answers that showed more promised than there is. */
  oversold: number;
}

export const keyOf = (warehouse: string, sku: string): string => `${warehouse}/${sku}`;

/**
 * What was acknowledged: the truth that the stack is held against. Answers
 * number the events of each SKU in a warehouse from 1, so one that is told
 * twice was lost, and one that is told to nobody was done for nobody.
 */
export class Books {
  readonly accounts = new Map<string, Account>();

  note({ op, warehouse, sku }: Step, answer: LineAnswer): void {
    const account = this.#account(keyOf(warehouse, sku));
    const { seq, qty, stock } = answer;
    if (isTold(account.told, seq)) account.twice++;
    account.told = tell(account.told, seq);
    account.lastSeq = Math.max(account.lastSeq, seq);
    const [onHand, allocated] = EFFECT[op];
    account.onHand += onHand * qty;
    account.allocated += allocated * qty;
    account.lines += Math.abs(onHand) + Math.abs(allocated);
    if (stock.allocated > stock.onHand || stock.available < 0) account.oversold++;
  }

  /** An answer to one step, or to an `all` of several. */
  noteAll(steps: readonly Step[], answer: AnswerMessage & { ok: true }): void {
    const lines = answer.results ?? [answer as LineAnswer];
    for (const [i, step] of steps.entries()) this.note(step, lines[i] as LineAnswer);
  }

  #account(key: string): Account {
    let account = this.accounts.get(key);
    if (account === undefined) {
      account = { told: new Uint8Array(1), lastSeq: 0, twice: 0, lines: 0, ...NOTHING };
      this.accounts.set(key, account);
    }
    return account;
  }
}

const NOTHING = { onHand: 0, allocated: 0, oversold: 0 };

/** Events up to the last one told that no answer told. */
export function untold({ told, lastSeq }: Account): number {
  let count = 0;
  for (let seq = 1; seq <= lastSeq; seq++) if (!isTold(told, seq)) count++;
  return count;
}

const isTold = (told: Uint8Array, seq: number): boolean =>
  ((told[seq >> 3] ?? 0) & (1 << (seq & 7))) !== 0;

function tell(told: Uint8Array, seq: number): Uint8Array {
  let bits = told;
  if (seq >> 3 >= told.length) {
    bits = new Uint8Array(Math.max(2 * told.length, (seq >> 3) + 1));
    bits.set(told);
  }
  bits[seq >> 3] = (bits[seq >> 3] as number) | (1 << (seq & 7));
  return bits;
}
