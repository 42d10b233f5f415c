import { setTimeout as sleep } from 'node:timers/promises';
import type { AnswerMessage } from '../../client/messages.ts';
import { msgpackCodec, SUBPROTOCOLS } from '../../gateway/codec.ts';
import { encode } from '../scan/frames.ts';
import type { Address } from '../scan/greet.ts';
import { Wire } from '../scan/wire.ts';
import { nowMs } from './metronome.ts';
import type { Step } from './steps.ts';

/** A step under its number, until its final answer. */
export interface Sent {
  readonly n: number;
  readonly step: Step;
  /** When it was due, by the driver's clock. */
  readonly dueMs: number;
}

export interface ScannerEvents {
  /** A final answer, and when it came, by the driver's clock. */
  answered(sent: Sent, answer: AnswerMessage, atMs: number): void;
  /** Sent once more under its number. */
  again(): void;
  /** The connection ended unasked. */
  broke(why: Error): void;
}

interface Pending extends Sent {
  written: boolean;
  /** Refused for the moment, so many times. */
  refusals: number;
}

const AGAIN_MS = 50;
/** Doubled from refusal to refusal, as the protocol says. */
const AGAIN_MOST_MS = 1_000;

/** One device: a connection, a session, and steps that are sent until they are answered. */
export class Scanner {
  readonly name: string;
  readonly #address: Address;
  readonly #events: ScannerEvents;
  /** In order of their numbers. */
  readonly #pending = new Map<number, Pending>();
  #wire: Wire | undefined;
  #incarnation: string | undefined;
  #nextN = 1;

  constructor(name: string, address: Address, events: ScannerEvents) {
    this.name = name;
    this.#address = address;
    this.#events = events;
  }

  /** Connects, says hello in the session it has, and sends again what has no answer. */
  async connect(): Promise<void> {
    const { url, token } = this.#address;
    const wire = await Wire.connect(url, SUBPROTOCOLS[1]);
    const known = this.#incarnation === undefined ? {} : { incarnation: this.#incarnation };
    const hello = { op: 'hello', token, client: this.name, ...known };
    const told = msgpackCodec.decode(await wire.exchange(encode(hello))) as Hello;
    if (!told.ok) throw new Error(`hello of ${this.name} was refused: ${JSON.stringify(told)}`);
    if (this.#incarnation === undefined) this.#nextN = told.nextN;
    this.#incarnation = told.incarnation;
    this.#wire = wire;
    wire.onFrame = (frame) => this.#frame(frame);
    wire.onEnd = (why) => this.#ended(why);
    for (const pending of this.#pending.values()) this.#write(pending);
  }

  /** The same, as often as it takes. */
  async comeBack(): Promise<void> {
    for (;;) {
      try {
        return await this.connect();
      } catch {
        await sleep(AGAIN_MS);
      }
    }
  }

  /** Sends at once, or when the connection is back. */
  send(step: Step, dueMs: number): void {
    const pending = { n: this.#nextN++, step, dueMs, written: false, refusals: 0 };
    this.#pending.set(pending.n, pending);
    this.#write(pending);
  }

  /** Breaks the connection, whatever is under way. */
  cut(): void {
    this.#wire?.cut();
    this.#wire = undefined;
  }

  #write(pending: Pending): void {
    if (this.#wire === undefined) return;
    if (pending.written) this.#events.again();
    pending.written = true;
    const { n, step } = pending;
    this.#wire.send(encode({ n, ...step, acked: this.#oldest() }));
  }

  /** All answers below it have been read. */
  #oldest(): number {
    return this.#pending.keys().next().value ?? this.#nextN;
  }

  #frame(frame: Buffer): void {
    const atMs = nowMs();
    const answer = msgpackCodec.decode(frame) as AnswerMessage;
    const pending = this.#pending.get(answer.n);
    if (pending === undefined) return; // answered before the connection broke
    if (!answer.ok && answer.retry) {
      setTimeout(
        () => {
          if (this.#pending.has(pending.n)) this.#write(pending);
        },
        againMs(pending.refusals++),
      );
      return;
    }
    this.#pending.delete(answer.n);
    this.#events.answered(pending, answer, atMs);
  }

  #ended(why: Error): void {
    this.#wire = undefined;
    this.#events.broke(why);
    void this.comeBack();
  }
}

const againMs = (refusals: number): number => Math.min(AGAIN_MOST_MS, AGAIN_MS * 2 ** refusals);

interface Hello {
  readonly ok: boolean;
  readonly nextN: number;
  readonly incarnation: string;
}
