import type { NatsConnection } from '@nats-io/transport-node';
import { type Clock, sleep } from '../../../engine/clock.ts';
import { sellSubject } from '../../../engine/subjects.ts';
import type { Order } from './plan.ts';

/** What came of an order. */
export interface Sale {
  readonly order: Order;
  readonly outcome: 'accepted' | 'refused' | 'undecided';
  /** Of a refusal, or what was said last. */
  readonly code: string;
  /** The same in words; empty where it was accepted. */
  readonly why: string;
  /** First asked, and answered for good, by the monotonic clock. */
  readonly sentMs: number;
  readonly answeredMs: number;
  /** Times that it was asked. */
  readonly asked: number;
}

interface Answer {
  readonly ok: boolean;
  readonly code?: string;
  readonly message?: string;
  readonly retry?: boolean;
}

/** A point waits for rights, and then for another point: longer than both together. */
const ANSWER_MS = 8_000;
const AGAIN_MS = 500;
/** Orders under way at a time, at all points. More have to wait, and are late. */
const UNDER_WAY = 1_000;

export interface ShopOptions {
  /** To the server of each point. */
  readonly points: ReadonlyMap<string, Pick<NatsConnection, 'request'>>;
  readonly clock: Clock;
}

/** Places orders at selling points at a steady rate, and asks again until each is decided. */
export class Shop {
  readonly sales: Sale[] = [];
  readonly #options: ShopOptions;
  readonly #underWay = new Set<Promise<void>>();
  /** Nothing is asked again after this. */
  #untilMs = Number.POSITIVE_INFINITY;

  constructor(options: ShopOptions) {
    this.#options = options;
  }

  /** Resolves when the last order has been placed, `ms` later; answers may still come. */
  async open(orders: readonly Order[], ms: number): Promise<void> {
    const { clock } = this.#options;
    const begunMs = clock.monoMs();
    for (const [i, order] of orders.entries()) {
      const dueMs = begunMs + (ms * i) / orders.length;
      const early = dueMs - clock.monoMs();
      if (early > 0) await sleep(clock, early);
      if (this.#underWay.size >= UNDER_WAY) await Promise.race(this.#underWay);
      const done: Promise<void> = this.#sell(order).finally(() => this.#underWay.delete(done));
      this.#underWay.add(done);
    }
  }

  /** Every order is decided, or has been asked about for so long in vain. */
  async close(withinMs: number): Promise<void> {
    this.#untilMs = this.#options.clock.monoMs() + withinMs;
    await Promise.all(this.#underWay);
  }

  async #sell(order: Order): Promise<void> {
    const { clock } = this.#options;
    const sentMs = clock.monoMs();
    for (let asked = 1; ; asked++) {
      const answer = await this.#ask(order);
      const { ok, code = '', message: why = '', retry = false } = answer;
      const isOpen = !ok && code !== 'stranded' && (retry || code === 'unknown');
      const answeredMs = clock.monoMs();
      if (!isOpen || answeredMs > this.#untilMs) {
        const outcome = ok ? 'accepted' : isOpen ? 'undecided' : 'refused';
        this.sales.push({ order, outcome, code, why, sentMs, answeredMs, asked });
        return;
      }
      await sleep(clock, AGAIN_MS);
    }
  }

  /** No answer is not a refusal: its id makes the order safe to ask again. */
  async #ask({ id, point, lines }: Order): Promise<Answer> {
    const nats = this.#options.points.get(point) as Pick<NatsConnection, 'request'>;
    const body = JSON.stringify({ op: 'sell', order: id, lines });
    try {
      return (await nats.request(sellSubject(point), body, { timeout: ANSWER_MS })).json();
    } catch {
      return { ok: false, code: 'unknown' };
    }
  }
}
