import type { Logger } from 'pino';
import type { ShardCommand } from '../actors/command.ts';
import type { DocumentCommand, DocumentKey } from '../actors/documents/commands.ts';
import { outgoing, toldCommand } from '../actors/documents/outgoing.ts';
import type { DocumentState } from '../actors/documents/states.ts';
import type { TransferState } from '../actors/documents/transfer.ts';
import { messageOf } from '../actors/outcomes.ts';
import { askOf } from './asking.ts';
import type { Clock } from './clock.ts';
import type { Ask } from './mailbox.ts';
import type { Answer } from './settled.ts';

/** What one end of a transfer has to tell the other, and how it learns that it has. */
export interface Errand {
  readonly key: DocumentKey;
  readonly command: DocumentCommand;
  readonly told: DocumentCommand;
}

/** What a document that has just changed has to tell; undefined where it has told all. */
export function errandOf(key: DocumentKey, state: DocumentState | undefined): Errand | undefined {
  const command = state && outgoing(state);
  if (command === undefined) return undefined;
  return { key, command, told: toldCommand(state as TransferState, command.step) };
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;
/** After a refusal that a person has to put right. */
const REFUSED_RETRY_MS = 60_000;

/**
 * Carries what is committed at one end of a transfer to the other end, until it is accepted
 * there, and tells the first end so. It remembers nothing that is not in the documents: a node
 * that takes their shard over begins with what they have not told. Every errand has a step of
 * its own, so what is told twice counts once.
 */
export class Courier {
  readonly #clock: Clock;
  readonly #submit: (ask: Ask) => void;
  readonly #log: Pick<Logger, 'warn'>;
  /** The latest of each document. */
  readonly #errands = new Map<DocumentKey, Errand>();
  #isClosed = false;

  constructor(clock: Clock, submit: (ask: Ask) => void, log: Pick<Logger, 'warn'>) {
    this.#clock = clock;
    this.#submit = submit;
    this.#log = log;
  }

  send(errand: Errand): void {
    const isUnderWay = this.#errands.get(errand.key)?.command.step === errand.command.step;
    this.#errands.set(errand.key, errand);
    if (!isUnderWay) void this.#carry(errand);
  }

  close(): void {
    this.#isClosed = true;
    this.#errands.clear();
  }

  async #carry(errand: Errand): Promise<void> {
    const { key, command, told } = errand;
    for (let waitMs = FIRST_RETRY_MS; this.#isDue(errand); waitMs = later(waitMs)) {
      const answer = await this.#ask(command);
      if (answer.ok) break;
      if (mayPass(answer.code)) {
        await this.#sleep(waitMs);
        continue;
      }
      const why = messageOf(answer);
      this.#log.warn({ document: key, to: command.warehouse, why }, 'a transfer is not accepted');
      await this.#sleep(REFUSED_RETRY_MS);
    }
    for (let waitMs = FIRST_RETRY_MS; this.#isDue(errand); waitMs = later(waitMs)) {
      const answer = await this.#ask(told);
      if (answer.ok || answer.code === 'unknown_document') break; // it may be forgotten by now
      await this.#sleep(waitMs);
    }
    if (this.#isDue(errand)) this.#errands.delete(key);
  }

  /** False once the document has something newer to tell, which says this too. */
  #isDue({ key, command }: Errand): boolean {
    return !this.#isClosed && this.#errands.get(key)?.command.step === command.step;
  }

  #ask(command: ShardCommand): Promise<Answer> {
    return askOf({ submit: this.#submit }, command);
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#clock.after(ms, resolve));
  }
}

const later = (waitMs: number): number => Math.min(2 * waitMs, LAST_RETRY_MS);

/** Said by a shard that is changing hands, or has too much to do: nobody need hear of it. */
const mayPass = (code: string): boolean =>
  ['moved', 'unknown', 'overloaded', 'not_owned'].includes(code);
