import type { AnswerMessage, LineAnswer } from '../../client/messages.ts';

export type Op = 'receive' | 'adjust' | 'reserve' | 'pick' | 'pack' | 'ship' | 'release';

/** One acknowledged change of one stock actor. */
export interface Acked {
  readonly op: Op;
  readonly qty: number;
  /** Names the order or the receipt; nothing else has this name. */
  readonly doc: string;
}

/** What the answers say of one stock actor. */
export interface Account {
  /** By the event number that the answer told, from 1. */
  readonly bySeq: (Acked | undefined)[];
  /** Up to here it is known that nothing is missing. */
  whole: number;
  onHand: number;
  allocated: number;
}

/** Ledger accounts that a step changes, units: what the centre must say of it. */
export const EFFECT: Readonly<Record<Op, { readonly onHand: number; readonly allocated: number }>> =
  {
    receive: { onHand: 1, allocated: 0 },
    adjust: { onHand: 1, allocated: 0 },
    reserve: { onHand: 0, allocated: 1 },
    pick: { onHand: 0, allocated: 0 },
    pack: { onHand: 0, allocated: 0 },
    ship: { onHand: -1, allocated: -1 },
    release: { onHand: 0, allocated: -1 },
  };

const TOLD = 20;

/**
 * What the driver was told: the truth that the stack is held against. An
 * answer's `seq` counts its actor's events, so all answers of an actor must be
 * 1, 2, 3, … with nothing twice and nothing missing.
 */
export class Books {
  readonly accounts = new Map<string, Account>();
  acknowledged = 0;
  /** Acknowledged changes that are not where they should be. */
  lost = 0;
  /** Changes that are there more often than they were acknowledged. */
  doubled = 0;
  /** Anything else that must not be: oversold, refused without reason, the centre differing. In words, the first few. */
  readonly wrong: string[] = [];

  say(what: string): void {
    if (this.wrong.length < TOLD) this.wrong.push(what);
  }

  /** An answer that says yes, a line for each SKU. */
  note(
    op: Op,
    doc: string,
    warehouse: string,
    skus: readonly string[],
    answer: AnswerMessage,
  ): void {
    if (!answer.ok) throw new Error('unreachable: only acknowledged changes are booked');
    this.acknowledged++;
    const lines = answer.results ?? [answer as LineAnswer];
    for (const [i, line] of lines.entries()) {
      this.#line(op, doc, `${skus[i]}@${warehouse}`, line);
    }
  }

  #line(op: Op, doc: string, key: string, { seq, qty, stock }: LineAnswer): void {
    const account = this.#account(key);
    const there = account.bySeq[seq];
    if (there !== undefined) {
      this.lost++;
      this.say(`${key}: event ${seq} was told to ${there.doc} (${there.op}) and to ${doc} (${op})`);
    }
    account.bySeq[seq] = { op, qty, doc };
    account.onHand += EFFECT[op].onHand * qty;
    account.allocated += EFFECT[op].allocated * qty;
    if (stock.allocated > stock.onHand || stock.available < 0) {
      this.say(`${key} is oversold at ${seq}: ${JSON.stringify(stock)}`);
    }
  }

  #account(key: string): Account {
    let account = this.accounts.get(key);
    if (account === undefined) {
      account = { bySeq: [undefined], whole: 0, onHand: 0, allocated: 0 };
      this.accounts.set(key, account);
    }
    return account;
  }

  /** While nothing is in flight: an event that no answer told was applied for nobody. */
  requireNoGaps(): void {
    for (const [key, account] of this.accounts) {
      while (account.whole < account.bySeq.length - 1) {
        if (account.bySeq[++account.whole] !== undefined) continue;
        this.doubled++;
        this.say(`${key}: event ${account.whole} was told to nobody`);
      }
    }
  }
}
