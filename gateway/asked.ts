import { isRead, type WarehouseCommand } from '../actors/command.ts';
import type { Ask } from '../engine/mailbox.ts';
import type { Caller } from '../engine/record.ts';
import type { Answer } from '../engine/settled.ts';
import type { Envelope } from './envelope.ts';
import { fingerprint } from './fingerprint.ts';

/** Whoever sent a command on and is told what became of it. */
export interface Asker {
  answered(asked: Asked, answer: Answer, committed: boolean): void;
  fated(asked: Asked, committed: boolean): void;
}

/** Where the reply to one message goes. Called once with each. */
export interface ReplyTo {
  reply(message: unknown, at: number): void;
}

/** One command of a session on its way through the engine: an object, and nothing that has to be made for it. */
export class Asked implements Ask {
  readonly command: WarehouseCommand;
  readonly caller: Caller;
  readonly n: number;
  readonly acked: number;
  readonly decided: boolean;
  readonly fingerprint: number;
  readonly to: ReplyTo;
  /** Its place in the frame that it came in. */
  readonly at: number;
  readonly #asker: Asker;

  constructor(
    asker: Asker,
    command: WarehouseCommand,
    caller: Caller,
    { n, acked, decided }: Envelope,
    to: ReplyTo,
    at: number,
  ) {
    this.command = command;
    this.caller = caller;
    this.n = n;
    this.acked = acked;
    this.decided = decided && !isRead(command);
    this.fingerprint = fingerprint(command);
    this.to = to;
    this.at = at;
    this.#asker = asker;
  }

  answer(answer: Answer, committed: boolean): void {
    this.#asker.answered(this, answer, committed);
  }

  fate(committed: boolean): void {
    this.#asker.fated(this, committed);
  }
}

/** The replies to one frame: they leave together, in its order, when the last is there. */
export class Batch implements ReplyTo {
  readonly #replies: unknown[];
  readonly #send: (replies: readonly unknown[]) => void;
  #left: number;

  constructor(count: number, send: (replies: readonly unknown[]) => void) {
    this.#replies = new Array(count);
    this.#left = count;
    this.#send = send;
  }

  reply(message: unknown, at: number): void {
    this.#replies[at] = message;
    if (--this.#left === 0) this.#send(this.#replies);
  }
}
