import {
  createInbox,
  type Msg,
  type NatsConnection,
  type Subscription,
} from '@nats-io/transport-node';
import type { Clock } from '../engine/clock.ts';
import { Nap } from '../engine/nap.ts';
import { delivered } from './delivered.ts';
import { type Delivered, type Inflow, PullLost, takeUpTo } from './source.ts';

export interface PullSource {
  readonly nats: NatsConnection;
  /** Of the JetStream that has the stream: `$JS.API`, or `$JS.<domain>.API`. */
  readonly api: string;
  readonly stream: string;
  readonly consumer: string;
  readonly clock: Clock;
  /** Messages that the consumer had still to deliver when it was made. */
  readonly pending: number;
  /** What comes within this of the last message is asked for at once, not one by one. */
  readonly paceMs: number;
}

/** One request for what is there: so much may be received and not yet taken. */
const BATCH = 2_000;
const BATCH_BYTES = 2 * 1024 * 1024;
const EXPIRES_MS = 30_000;
/** The server says this often that it has nothing: how fresh an idle centre knows itself to be. */
const HEARTBEAT_MS = 250;
/** Heartbeats that may be missing. */
const SILENCE_MS = 8 * HEARTBEAT_MS;

const nanos = (ms: number): number => ms * 1_000_000;

interface PullRequest {
  readonly batch: number;
  readonly max_bytes?: number;
  readonly no_wait?: boolean;
  readonly expires?: number;
  readonly idle_heartbeat?: number;
}

/**
 * Asks one JetStream consumer for messages and keeps what has arrived until it
 * is taken. The client library's own loop may end or fall silent when a server
 * restarts; this one ends with {@link PullLost} and is made anew.
 *
 * A quiet journal is waited on for one message, which comes at once. While more
 * follow, they are fetched together once a pace: a message that wakes the
 * server, this thread and its reader by itself costs ten times as much, and
 * takes that time from the sales of the same machine.
 */
export class Pull implements Inflow {
  readonly #source: PullSource;
  readonly #inbox = createInbox();
  readonly #subscription: Subscription;
  readonly #nap: Nap;
  #arrived: Delivered[] = [];
  /** Messages that the open request may still bring; 0 when none is open. */
  #open = 0;
  /** Whether the last request brought something. */
  #isFlowing = true;
  #pending: number;
  #heardMs: number;
  /** When it was last known that there was nothing more than what had arrived, monotonic. */
  #caughtUpMs: number | undefined;
  /** The same, for what has been taken. */
  #takenMs: number | undefined;
  #lost: string | undefined;

  constructor(source: PullSource) {
    this.#source = source;
    this.#nap = new Nap(source.clock);
    this.#pending = source.pending;
    this.#heardMs = source.clock.monoMs();
    this.#caughtUp();
    this.#subscription = source.nats.subscribe(this.#inbox, {
      callback: (error, message) => {
        if (error !== null) this.lose(error.message);
        else this.#hear(message);
      },
    });
  }

  get caughtUpMs(): number | undefined {
    return this.#arrived.length === 0 ? this.#caughtUpMs : this.#takenMs;
  }

  get hasArrived(): boolean {
    return this.#arrived.length > 0;
  }

  async take(bytes: number): Promise<Delivered[]> {
    while (this.#arrived.length === 0) {
      if (this.#lost !== undefined) throw new PullLost(this.#lost);
      if (this.#open > 0) await this.#heardOrSilent();
      else await this.#ask();
    }
    const taken = takeUpTo(this.#arrived, bytes);
    if (this.#arrived.length === 0) this.#takenMs = this.#caughtUpMs;
    return taken;
  }

  lose(why: string): void {
    this.#lost ??= why;
    this.#nap.wake();
  }

  close(): void {
    this.lose('closed');
    if (!this.#subscription.isClosed()) this.#subscription.unsubscribe();
  }

  async #ask(): Promise<void> {
    if (!this.#isFlowing) {
      this.#request({ batch: 1, expires: nanos(EXPIRES_MS), idle_heartbeat: nanos(HEARTBEAT_MS) });
      return;
    }
    if (this.#pending === 0) await this.#nap.for(this.#source.paceMs);
    if (this.#lost !== undefined) return;
    this.#isFlowing = false;
    this.#request({ batch: BATCH, max_bytes: BATCH_BYTES, no_wait: true });
  }

  #request(request: PullRequest): void {
    const { nats, api, stream, consumer, clock } = this.#source;
    this.#open = request.batch;
    this.#heardMs = clock.monoMs();
    const subject = `${api}.CONSUMER.MSG.NEXT.${stream}.${consumer}`;
    nats.publish(subject, JSON.stringify(request), { reply: this.#inbox });
  }

  #hear(message: Msg): void {
    this.#heardMs = this.#source.clock.monoMs();
    if (message.subject === this.#inbox) this.#status(message);
    else this.#receive(delivered(message, this.#source.nats));
    this.#nap.wake();
  }

  #receive(message: Delivered | undefined): void {
    if (message === undefined) {
      this.lose('a message came that no consumer sends');
      return;
    }
    this.#arrived.push(message);
    this.#isFlowing = true;
    if (this.#open > 0) this.#open--;
    this.#pending = message.pending;
    this.#caughtUp();
  }

  /** A message without content, which says how the request stands. */
  #status({ headers }: Msg): void {
    const code = headers?.code ?? 0;
    if (code === 100) {
      this.#caughtUp();
      return;
    }
    this.#open = 0;
    const isOver =
      code === 404 || code === 408 || /MaxBytes|Batch Completed/i.test(headers?.description ?? '');
    if (!isOver) this.lose(`${code} ${headers?.description ?? ''}`.trim());
  }

  #caughtUp(): void {
    if (this.#pending > 0) return;
    this.#caughtUpMs = this.#source.clock.monoMs();
    if (this.#arrived.length === 0) this.#takenMs = this.#caughtUpMs;
  }

  /** Waits for a message or a status. A server that says nothing at all is lost. */
  async #heardOrSilent(): Promise<void> {
    await this.#nap.for(SILENCE_MS);
    if (this.#source.clock.monoMs() - this.#heardMs >= SILENCE_MS)
      this.lose('the server has fallen silent');
  }
}
