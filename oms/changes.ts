import { type JetStreamClient, jetstream, StorageType } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { type StockView, stockView } from '../actors/stock/balances.ts';
import type { Clock } from '../engine/clock.ts';
import { messageOfError } from '../engine/errors.ts';
import { Nap } from '../engine/nap.ts';
import { ALL_STOCK, STOCK_BUCKET, stockKey } from '../engine/subjects.ts';
import type { AsOf } from './as-of.ts';
import type { Availability } from './availability.ts';

export interface ChangesOptions {
  readonly nats: NatsConnection;
  readonly availability: Availability;
  readonly clock: Clock;
  readonly log: Logger;
  /** The last record merged of a shard, by the centre's number of it. */
  asOf(shard: number): AsOf;
}

/** At most this many events every pause: 8,000 a second, so that events never starve sales. */
const BATCH = 200;
const PAUSE_MS = 25;
const RETRY_MS = 1_000;
const VALUES = `$KV.${STOCK_BUCKET}`;

/** One change event, and the last value of its key in the bucket. */
export interface ChangeEvent {
  readonly owner: string;
  readonly sku: string;
  readonly warehouse: string;
  /** Events of this actor so far. */
  readonly seq: number;
  readonly stock: StockView;
  readonly asOf: AsOf;
}

/**
 * Change events. An actor that has changed is marked; a loop of its own
 * publishes the marked ones as they are by then. So a slow server, or a burst,
 * costs the steps in between and never the last value, and what waits is never
 * more than one mark an actor.
 */
export class Changes {
  readonly #options: ChangesOptions;
  readonly #js: JetStreamClient;
  readonly #marked = new Set<number>();
  readonly #nap: Nap;
  #published = 0;
  /** What was said last of why nothing can be published. */
  #trouble: string | undefined;
  #isReady = false;
  #closed = false;
  #wake: () => void = () => {};
  #running: Promise<void> = Promise.resolve();

  constructor(options: ChangesOptions) {
    this.#options = options;
    this.#js = jetstream(options.nats);
    this.#nap = new Nap(options.clock);
  }

  start(): void {
    this.#running = this.#run();
  }

  mark(id: number): void {
    this.#marked.add(id);
    this.#wake();
  }

  /** The server may have lost the bucket, which lives in its memory. */
  reconnected(): void {
    this.#isReady = false;
    this.#wake();
  }

  get counts(): { readonly published: number; readonly waiting: number } {
    return { published: this.#published, waiting: this.#marked.size };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    this.#nap.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      try {
        if (!this.#isReady) await this.#open();
        else if (this.#marked.size === 0) await this.#untilWoken();
        else await this.#publish();
      } catch (e) {
        this.#isReady = false;
        this.#say(messageOfError(e));
        await this.#nap.for(RETRY_MS);
      }
    }
  }

  /** Makes the bucket if it is not there, and fills one that is empty. */
  async #open(): Promise<void> {
    const { nats, availability } = this.#options;
    const bucket = await new Kvm(nats).create(STOCK_BUCKET, {
      history: 1,
      storage: StorageType.Memory,
      republish: { src: `${VALUES}.>`, dest: ALL_STOCK },
    });
    const { values } = await bucket.status();
    this.#isReady = true;
    this.#trouble = undefined;
    if (values > 0) return;
    for (let id = 0; id < availability.actors.size; id++) this.#marked.add(id);
  }

  /** The server takes them in order, so its word for the last one is its word for all. */
  async #publish(): Promise<void> {
    const batch = this.#take();
    try {
      const events = batch.flatMap((id) => this.#event(id));
      const last = events.pop();
      for (const { subject, body } of events) this.#options.nats.publish(subject, body);
      if (last !== undefined) await this.#js.publish(last.subject, last.body);
      this.#published += events.length + (last === undefined ? 0 : 1);
    } catch (e) {
      for (const id of batch) this.#marked.add(id);
      throw e;
    }
    await this.#nap.for(PAUSE_MS);
  }

  /** Marked the longest first. */
  #take(): number[] {
    const batch: number[] = [];
    for (const id of this.#marked) {
      batch.push(id);
      this.#marked.delete(id);
      if (batch.length === BATCH) break;
    }
    return batch;
  }

  #event(id: number): { subject: string; body: string }[] {
    const part = this.#options.availability.part(id);
    if (part === undefined || part.seq === 0) return [];
    const { owner, sku, warehouse, seq, balances, shard } = part;
    const asOf = this.#options.asOf(shard);
    const event: ChangeEvent = {
      owner,
      sku,
      warehouse,
      seq,
      stock: stockView(balances),
      asOf,
    };
    return [
      { subject: `${VALUES}.${stockKey(owner, warehouse, sku)}`, body: JSON.stringify(event) },
    ];
  }

  #say(why: string): void {
    if (why !== this.#trouble) this.#options.log.warn(`change events wait: ${why}`);
    this.#trouble = why;
  }

  #untilWoken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
