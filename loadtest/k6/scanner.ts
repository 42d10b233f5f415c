import { setTimeout } from 'k6/timers';
import { WebSocket } from 'k6/websockets';
import type { AnswerMessage } from '../../client/messages.ts';
import { EFFECT, type Step } from '../scenarios/steps.ts';
import type { Work } from '../scenarios/work.ts';
import * as metrics from './metrics.ts';

const JSON_V1 = 'holdfast.v1.json';
const AGAIN_MS = 50;
const AGAIN_MOST_MS = 1_000;

export interface K6ScannerOptions {
  readonly url: string;
  readonly token: string;
  readonly name: string;
  /** When the run's time is over, epoch ms. */
  readonly endMs: number;
}

interface Sent {
  readonly n: number;
  readonly step: Step;
  readonly dueMs: number;
  /** Refused for the moment, so many times. */
  refusals: number;
}

/** One device in k6: a connection, a session, and steps that are sent until they are answered. */
export class K6Scanner {
  readonly #options: K6ScannerOptions;
  readonly #work: Work;
  readonly #index: number;
  readonly #socket: WebSocket;
  readonly #pending = new Map<number, Sent>();
  #isGreeted = false;
  #isClosed = false;
  #nextN = 1;

  constructor(options: K6ScannerOptions, work: Work, index: number) {
    this.#options = options;
    this.#work = work;
    this.#index = index;
    // k6 knows subprotocols; its types do not say so yet.
    this.#socket = new WebSocket(options.url, [JSON_V1] as unknown as null);
    this.#socket.onopen = () => {
      const { token, name: client } = options;
      this.#socket.send(JSON.stringify({ op: 'hello', token, client }));
    };
    this.#socket.onmessage = (event) => this.#frame(JSON.parse(event?.data as string));
    this.#socket.onclose = () => {
      if (!this.#isClosed) metrics.broke.add(1);
    };
  }

  get waiting(): number {
    return this.#pending.size;
  }

  /** `dueMs`: epoch ms. What is sent before the hello is answered waits for it. */
  send(step: Step, dueMs: number): void {
    const sent = { n: this.#nextN++, step, dueMs, refusals: 0 };
    this.#pending.set(sent.n, sent);
    if (this.#isGreeted) this.#write(sent);
  }

  close(): void {
    this.#isClosed = true;
    metrics.unanswered.add(this.#pending.size);
    this.#socket.close();
  }

  #write(sent: Sent): void {
    this.#post(sent);
    if (Date.now() <= this.#options.endMs) metrics.sentInTime.add(1);
  }

  #post({ n, step }: Sent): void {
    const acked = this.#pending.keys().next().value ?? n;
    this.#socket.send(JSON.stringify({ n, ...step, acked }));
  }

  #frame(message: AnswerMessage | { readonly op: 'hello'; readonly ok: boolean }): void {
    const atMs = Date.now();
    if ('op' in message) {
      this.#isGreeted = message.ok;
      for (const sent of this.#pending.values()) this.#write(sent);
      return;
    }
    const sent = this.#pending.get(message.n);
    if (sent === undefined) return;
    if (!message.ok && message.retry) {
      metrics.sentAgain.add(1);
      const againMs = Math.min(AGAIN_MOST_MS, AGAIN_MS * 2 ** sent.refusals++);
      setTimeout(() => this.#post(sent), againMs);
      return;
    }
    this.#pending.delete(message.n);
    metrics.latency.add(atMs - sent.dueMs);
    if (atMs <= this.#options.endMs) metrics.answeredInTime.add(1);
    this.#count(sent.step, message);
  }

  #count(step: Step, answer: AnswerMessage): void {
    if (!answer.ok) {
      if (answer.code === 'insufficient') metrics.insufficient.add(1);
      else metrics.unexpected.add(1);
      return;
    }
    const { qty = 0 } = answer;
    const [onHand, allocated] = EFFECT[step.op];
    metrics.accepted.add(1);
    metrics.onHand.add(onHand * qty);
    metrics.allocated.add(allocated * qty);
    metrics.lines.add(Math.abs(onHand) + Math.abs(allocated));
    this.#work.done(this.#index, step, qty);
  }
}
