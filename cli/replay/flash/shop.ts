import { setTimeout as sleep } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/transport-node';
import { sellSubject } from '../../../engine/subjects.ts';
import type { Order } from './demand.ts';
import type { Told } from './judge.ts';

/** What is sold. */
export interface Goods {
  readonly owner: string;
  readonly sku: string;
  readonly warehouse: string;
}

interface Answer {
  readonly ok: boolean;
  readonly code?: string;
  readonly message?: string;
}

/** Longer than a point takes to answer, also one that asks another. */
const ANSWER_MS = 10_000;
/** Times that an order is asked about; its id makes that safe. */
const ASKS = 3;
/** Refusals that say that there is too little. */
const SOLD_OUT = new Set(['insufficient', 'stranded']);

/** Places orders when they are due, whether or not earlier ones have been answered. */
export class Shop {
  readonly told: Told[] = [];
  readonly #goods: Goods;
  readonly #at: (point: string) => NatsConnection;

  constructor(goods: Goods, at: (point: string) => NatsConnection) {
    this.#goods = goods;
    this.#at = at;
  }

  /** Resolves when the last one is answered. */
  async place(orders: readonly Order[]): Promise<void> {
    const begunMs = performance.now();
    const placed: Promise<void>[] = [];
    for (const order of orders) {
      const early = begunMs + order.atMs - performance.now();
      if (early >= 1) await sleep(early);
      placed.push(this.#place(order));
    }
    await Promise.all(placed);
  }

  async #place({ id, point }: Order): Promise<void> {
    const askedMs = performance.now();
    const { ok, code = '', message: why = '' } = await this.#ask(point, id);
    const came = ok ? 'sold' : SOLD_OUT.has(code) ? 'refused' : 'failed';
    this.told.push({ point, askedMs, toldMs: performance.now(), came, why });
  }

  async #ask(point: string, order: string): Promise<Answer> {
    const { owner, sku, warehouse } = this.#goods;
    const said = JSON.stringify({ op: 'sell', owner, order, lines: [{ warehouse, sku, qty: 1 }] });
    let last: Answer = { ok: false };
    for (let ask = 0; ask < ASKS; ask++) {
      try {
        const asked = this.#at(point).request(sellSubject(point), said, { timeout: ANSWER_MS });
        last = (await asked).json();
        if (last.ok || SOLD_OUT.has(last.code ?? '')) return last;
      } catch {
        last = { ok: false };
      }
    }
    return last;
  }
}
