import { Client } from '../../client/client.ts';
import type { Message, StockMessage } from '../../client/messages.ts';
import { sleep, systemClock } from '../../engine/clock.ts';
import { LIMITS } from '../../engine/limits.ts';
import { slotOf } from '../../engine/subjects.ts';
import type { Books, Op } from './books.ts';

/** A warehouse of each shard. */
export const WAREHOUSES: readonly string[] = Array.from({ length: LIMITS.shards }, (_, shard) => {
  for (let i = 1; ; i++) if (slotOf(`W${i}`, LIMITS.shards) === shard) return `W${i}`;
});
const SKUS = ['TEA', 'MUG', 'POT', 'CUP', 'TIN'];
const CLIENTS = 4;
/** Orders under way at a time, of one client in one warehouse. */
const LANES = 2;
/** Between two orders of a lane, at most, ms: about a thousand commands a second in all. */
const THINK_MS = 60;
const DRAIN_MS = 60_000;
/** A node that hangs is left for another. */
const SILENT_MS = 1_500;

export interface Door {
  /** Of several nodes, each one's. */
  readonly ws: string | readonly string[];
  readonly token: string;
}

/** Scanners and shops at work on scarce goods: each command is retried until it has its answer. */
export class Load {
  readonly #clients: readonly Client[];
  readonly #books: Books;
  #lanes: Promise<void>[] = [];
  #working = false;
  #orders = 0;
  /** When each warehouse answered last, monotonic ms. */
  readonly #answeredMs = new Map<string, number>();
  /** And the longest that it did not, since the round began. */
  readonly #longestMs = new Map<string, number>();
  #longestEverMs = 0;

  private constructor(clients: readonly Client[], books: Books) {
    this.#clients = clients;
    this.#books = books;
  }

  static async open(books: Books, { ws: url, token }: Door): Promise<Load> {
    const clients = Array.from({ length: CLIENTS }, (_, i) => {
      const silentMs = SILENT_MS;
      const options = { token, silentMs, client: `shop-${i}`, incarnation: 'faults' };
      return Client.connect({ ...options, url: turned([url].flat(), i) });
    });
    return new Load(await Promise.all(clients), books);
  }

  /** The longest time in which a warehouse that was asked did not answer, ms. */
  get longestOutageMs(): number {
    return Math.round(this.#longestEverMs);
  }

  /** The same of some warehouses, since the load began this time, ms. */
  outageMs(warehouses: readonly string[]): number {
    return Math.round(Math.max(...warehouses.map((w) => this.#longestMs.get(w) ?? 0)));
  }

  begin(): void {
    this.#working = true;
    this.#longestMs.clear();
    for (const warehouse of WAREHOUSES) this.#answeredMs.set(warehouse, systemClock.monoMs());
    for (const [i, client] of this.#clients.entries()) {
      for (const warehouse of WAREHOUSES) {
        for (let lane = 0; lane < LANES; lane++) this.#lanes.push(this.#lane(client, i, warehouse));
      }
    }
  }

  /** Resolves when every warehouse named has answered again. Rejects if that takes too long. */
  async answersAgain(warehouses = WAREHOUSES): Promise<void> {
    const since = systemClock.monoMs();
    const late = (w: string): boolean => (this.#answeredMs.get(w) ?? 0) <= since;
    while (warehouses.some(late)) {
      if (systemClock.monoMs() - since > DRAIN_MS) {
        throw new Error(`${warehouses.filter(late).join(', ')} did not answer for ${DRAIN_MS} ms`);
      }
      await sleep(systemClock, 5);
    }
  }

  /** No new orders; resolves when all that was begun is answered. */
  async drain(): Promise<void> {
    this.#working = false;
    const cancel = new AbortController();
    const lanes = Promise.all(this.#lanes.splice(0)).then(() => true);
    const inTime = await Promise.race([lanes, patience(cancel.signal)]);
    cancel.abort();
    if (!inTime) throw new Error(`commands had no answer for ${DRAIN_MS} ms`);
  }

  async close(): Promise<void> {
    this.#working = false;
    for (const client of this.#clients) client.close();
    await Promise.allSettled(this.#lanes);
  }

  async #lane(client: Client, who: number, warehouse: string): Promise<void> {
    while (this.#working) {
      await this.#order(client, warehouse, `${who}-${++this.#orders}`);
      await sleep(systemClock, Math.random() * THINK_MS);
    }
  }

  /** Reserved, then shipped or given back. Where goods are short, some are received first. */
  async #order(client: Client, warehouse: string, doc: string): Promise<void> {
    const skus = Math.random() < 0.3 ? [pick(SKUS), 'BOX'] : [pick(SKUS)];
    const qty = whole(1, 4);
    const step = (op: Op, fields: Partial<StockMessage>, name = doc): Promise<boolean> =>
      this.#step(client, warehouse, op, name, skus, fields);
    if (!(await step('reserve', { hold: doc, qty }))) {
      await step('receive', { doc, qty: whole(1, 12) });
      if (Math.random() < 0.1) {
        const found = `${doc}+`;
        await step('adjust', { doc: found, delta: whole(1, 3), reason: 'found' }, found);
      }
      return;
    }
    if (Math.random() < 0.25) {
      await step('release', { hold: doc });
      return;
    }
    for (const op of ['pick', 'pack', 'ship'] as const) await step(op, { hold: doc });
  }

  /** False where there was not enough. Any other refusal must not be. */
  async #step(
    client: Client,
    warehouse: string,
    op: Op,
    doc: string,
    skus: readonly string[],
    fields: Partial<StockMessage>,
  ): Promise<boolean> {
    const commands = skus.map((sku): StockMessage => ({ op, sku, ...fields }));
    const [one] = commands as [StockMessage];
    const message: Message =
      commands.length === 1 ? { ...one, warehouse } : { op: 'all', warehouse, commands };
    const answer = await client.send(message);
    this.#answered(warehouse);
    if (answer.ok) this.#books.note(op, doc, warehouse, skus, answer);
    else if (op !== 'reserve' || !isShort(answer.code)) {
      this.#books.say(`${doc} in ${warehouse}: ${op} refused, ${answer.code}: ${answer.message}`);
    }
    return answer.ok;
  }

  #answered(warehouse: string): void {
    const now = systemClock.monoMs();
    if (this.#working) {
      const gapMs = now - (this.#answeredMs.get(warehouse) ?? now);
      this.#longestMs.set(warehouse, Math.max(this.#longestMs.get(warehouse) ?? 0, gapMs));
      this.#longestEverMs = Math.max(this.#longestEverMs, gapMs);
    }
    this.#answeredMs.set(warehouse, now);
  }
}

const isShort = (code: string): boolean => code === 'insufficient' || code === 'unknown_sku';
const whole = (least: number, most: number): number =>
  least + Math.floor(Math.random() * (most - least + 1));
/** Each client begins at another door. */
const turned = <T>(all: readonly T[], by: number): T[] =>
  all.map((_, i) => all[(i + by) % all.length] as T);
const pick = (of: readonly string[]): string => of[whole(0, of.length - 1)] as string;

function patience(signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), DRAIN_MS);
    signal.addEventListener('abort', () => clearTimeout(timer));
  });
}
