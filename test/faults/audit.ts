import type { NatsConnection } from '@nats-io/transport-node';
import { sleep, systemClock } from '../../engine/clock.ts';
import type { DigestAnswer } from '../../oms/services/digest.ts';
import type { LedgerAnswer, LedgerRow } from '../../oms/services/ledger.ts';
import type { StockAnswer } from '../../oms/services/stock.ts';
import { type Account, type Acked, type Books, EFFECT } from './books.ts';

const PAGE = 1_000;
const CATCH_UP_MS = 60_000;
const ASK_MS = 5_000;

/** Holds the stack against the books, while nothing is in flight. */
export class Audit {
  readonly #books: Books;
  /** Where each ledger line stands, by what it says: event and account. */
  #seen = new Map<string, string>();
  /** Up to which event the ledger is known to have each actor. */
  #complete = new Map<string, number>();
  /** Of the page that ended last: the ledger is read on from here. */
  #after: string | undefined;

  constructor(books: Books) {
    this.#books = books;
  }

  /** Centre and region are equal, new ledger lines are as they were told, so is the stock. */
  async round(nats: NatsConnection): Promise<void> {
    this.#books.requireNoGaps();
    await this.#caughtUp(nats);
    await this.#ledger(nats);
    await this.#stock(nats);
  }

  /** The same, with the whole ledger read once more from its beginning. */
  async end(nats: NatsConnection): Promise<void> {
    this.#seen = new Map();
    this.#complete = new Map();
    this.#after = undefined;
    await this.round(nats);
  }

  /** R2, and all of it in SQL. */
  async #caughtUp(nats: NatsConnection): Promise<void> {
    const until = systemClock.monoMs() + CATCH_UP_MS;
    for (;;) {
      const { shards } = await ask<DigestAnswer>(nats, 'inv.oms.digest', {});
      const behind = shards.find(
        (s) => s.equal !== true || s.durable.number !== (s.region?.number ?? -1),
      );
      if (behind === undefined) return;
      const isFinal = behind.state === 'broken' || behind.equal === false;
      if (isFinal || systemClock.monoMs() > until) {
        throw new Error(`the centre differs in shard ${behind.shard}: ${JSON.stringify(behind)}`);
      }
      await sleep(systemClock, 50);
    }
  }

  async #ledger(nats: NatsConnection): Promise<void> {
    for (;;) {
      const asked = { limit: PAGE, ...(this.#after === undefined ? {} : { after: this.#after }) };
      const { lines, after } = await ask<LedgerAnswer>(nats, 'inv.oms.ledger', asked);
      for (const line of lines) this.#line(line);
      if (after === null) break;
      this.#after = after;
    }
    for (const [key, account] of this.#books.accounts) this.#requireAll(key, account);
  }

  #line({ sku, warehouse, seq, account, change, doc, ...at }: LedgerRow): void {
    const key = `${sku}@${warehouse}`;
    const place = `${at.shard}.${at.epoch}.${at.number}.${at.line}`;
    const name = `${key} ${seq} ${account}`;
    const before = this.#seen.get(name);
    if (before === place) return; // read again with the last page
    this.#seen.set(name, place);
    const acked = this.#books.accounts.get(key)?.bySeq[seq];
    const expected = acked === undefined ? 0 : effect(acked, account);
    if (before === undefined && acked?.doc === doc && change === expected) return;
    this.#books.doubled++;
    this.#books.say(
      `the ledger has ${name} at ${place}: ${doc} ${change}; told were ${JSON.stringify(acked)}, ` +
        `there before: ${before ?? 'no'}`,
    );
  }

  #requireAll(key: string, { bySeq }: Account): void {
    for (let seq = (this.#complete.get(key) ?? 0) + 1; seq < bySeq.length; seq++) {
      this.#complete.set(key, seq);
      const acked = bySeq[seq];
      if (acked === undefined) continue;
      for (const account of ['onHand', 'allocated'] as const) {
        if (effect(acked, account) === 0 || this.#seen.has(`${key} ${seq} ${account}`)) continue;
        this.#books.lost++;
        this.#books.say(`the ledger has no ${account} of ${key} ${seq}: ${JSON.stringify(acked)}`);
      }
    }
  }

  async #stock(nats: NatsConnection): Promise<void> {
    const found = new Map<string, StockAnswer['parts'][number]>();
    let after: string | null = null;
    do {
      const asked = { limit: PAGE, ...(after === null ? {} : { after }) };
      const page: StockAnswer = await ask<StockAnswer>(nats, 'inv.oms.stock', asked);
      for (const part of page.parts) found.set(`${part.sku}@${part.warehouse}`, part);
      after = page.after;
    } while (after !== null);
    for (const [key, account] of this.#books.accounts) {
      const { seq = 0, onHand = 0, allocated = 0 } = found.get(key) ?? {};
      const last = account.bySeq.length - 1;
      if (seq < last) this.#books.lost += last - seq;
      if (seq > last) this.#books.doubled += seq - last;
      const isSame = seq === last && onHand === account.onHand && allocated === account.allocated;
      if (isSame) continue;
      const told = { seq: last, onHand: account.onHand, allocated: account.allocated };
      const has = JSON.stringify({ seq, onHand, allocated });
      this.#books.say(`${key}: the centre has ${has}, told were ${JSON.stringify(told)}`);
    }
  }
}

function effect({ op, qty }: Acked, account: string): number {
  const of = EFFECT[op];
  return (account === 'onHand' ? of.onHand : account === 'allocated' ? of.allocated : 0) * qty;
}

/** Asks again for a while: the centre may be on its way back. */
async function ask<T>(nats: NatsConnection, subject: string, body: unknown): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      const answer = await nats.request(subject, JSON.stringify(body), { timeout: ASK_MS });
      const code = answer.headers?.get('Nats-Service-Error-Code');
      if (code) throw new Error(`${subject}: ${answer.headers?.get('Nats-Service-Error')}`);
      return answer.json<T>();
    } catch (e) {
      if (attempt === 40) throw e;
      await sleep(systemClock, 250);
    }
  }
}
