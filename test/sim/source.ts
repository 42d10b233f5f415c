import type { Clock } from '../../engine/clock.ts';
import { Nap } from '../../engine/nap.ts';
import {
  type Bounds,
  type Delivered,
  type Inflow,
  PullLost,
  type Source,
  takeUpTo,
} from '../../oms/source.ts';
import type { Batch, Consumer } from './consumer.ts';
import { API_MS } from './journal.ts';
import type { Nats } from './nats.ts';
import type { Network } from './network.ts';
import type { Life } from './world.ts';

export interface SimSourceOptions {
  readonly network: Network;
  readonly nats: Nats;
  readonly life: Life;
  readonly clock: Clock;
  readonly shard: number;
  readonly paceMs: number;
}

/** A server that says nothing for so long is lost, ms. */
const SILENCE_MS = 2_000;

/** One shard's journal as one reader at the centre gets it: over the network, from the simulated server. */
export class SimSource implements Source {
  readonly #options: SimSourceOptions;

  constructor(options: SimSourceOptions) {
    this.#options = options;
  }

  bounds(): Promise<Bounds> {
    const { network, nats, life, shard } = this.#options;
    return network.call(life, nats, API_MS, () => nats.bounds(shard));
  }

  async open(seq: number): Promise<Inflow> {
    const { network, nats, life, shard } = this.#options;
    const consumer = await network.call(life, nats, API_MS, () => nats.consume(shard, seq));
    return new SimInflow(this.#options, consumer);
  }
}

/** Asks one consumer for messages, one request after the other, and keeps them until they are taken. */
class SimInflow implements Inflow {
  readonly #options: SimSourceOptions;
  readonly #consumer: Consumer;
  readonly #nap: Nap;
  #arrived: Delivered[] = [];
  #requests = 0;
  #isOpen = false;
  #isFlowing = false;
  #lost: string | undefined;
  #caughtUpMs: number | undefined;
  /** The same, for what has been taken. */
  #takenMs: number | undefined;
  #wake: () => void = () => {};

  constructor(options: SimSourceOptions, consumer: Consumer) {
    this.#options = options;
    this.#consumer = consumer;
    this.#nap = new Nap(options.clock);
  }

  get caughtUpMs(): number | undefined {
    return this.#takenMs;
  }

  get hasArrived(): boolean {
    return this.#arrived.length > 0;
  }

  async take(bytes: number): Promise<Delivered[]> {
    while (this.#arrived.length === 0) {
      if (this.#lost !== undefined) throw new PullLost(this.#lost);
      if (!this.#isOpen) await this.#ask();
      else await this.#heard();
    }
    const taken = takeUpTo(this.#arrived, bytes);
    if (this.#arrived.length === 0) this.#takenMs = this.#caughtUpMs;
    return taken;
  }

  lose(why: string): void {
    this.#lost ??= why;
    this.#nap.wake();
    this.#wake();
  }

  close(): void {
    this.lose('closed');
  }

  async #ask(): Promise<void> {
    const { network, nats, life, clock, paceMs } = this.#options;
    if (this.#isFlowing) await this.#nap.for(paceMs);
    if (this.#lost !== undefined) return;
    this.#isOpen = true;
    const askedMs = clock.monoMs();
    const request = ++this.#requests;
    network
      .call(life, nats, SILENCE_MS, () => nats.deliver(this.#consumer, request))
      .then(
        (batch) => this.#receive(batch, askedMs),
        (e: unknown) => this.lose(String(e)),
      );
  }

  #receive({ messages, pending }: Batch, askedMs: number): void {
    this.#isOpen = false;
    this.#isFlowing = messages.length > 0 && pending === 0;
    for (const { seq, bytes, id } of messages) {
      // Nothing is sent again within the hour, so nothing hangs on what is acknowledged.
      this.#arrived.push({ seq, bytes, id, pending, acknowledge: () => {} });
    }
    if (pending === 0) this.#caughtUpMs = askedMs;
    if (this.#arrived.length === 0) this.#takenMs = this.#caughtUpMs;
    this.#wake();
  }

  #heard(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
