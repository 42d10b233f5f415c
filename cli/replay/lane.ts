import { Client } from '../../client/client.ts';
import type { AnswerMessage, LineAnswer, Message, StockMessage } from '../../client/messages.ts';
import type { Basket, Place } from '../tafeng/basket.ts';
import { boxOf, lotsOf } from '../tafeng/lots.ts';

export interface LaneTotals {
  accepted: number;
  refused: number;
  shippedUnits: number;
}

/** What the gateway last said of one SKU. */
export interface LastSaid {
  readonly seq: number;
  readonly onHand: number;
  readonly available: number;
}

/** A step that can only fail by a bug: the replay knows that the goods are there. */
export class Unexpected extends Error {
  override readonly name = 'Unexpected';
}

/** Baskets under way at a time in one warehouse. */
const WINDOW = 128;
/** Dates on labels are counted from here, so that a run that goes on says the same again. */
const OPENING_MS = Date.UTC(2035, 0, 1);
/** Receipts that travel in one `all`. */
const RECEIPT_LINES = 250;

/**
 * One warehouse's share of the replay: an ordered session of its own. Its name
 * is fixed, so that a second run on the same data is known as such.
 */
export class Lane {
  readonly warehouse: string;
  readonly totals: LaneTotals = { accepted: 0, refused: 0, shippedUnits: 0 };
  readonly last = new Map<string, LastSaid>();
  readonly #client: Client;
  readonly #onLines: (lines: number) => void;
  /** Goods lie in places, batches and boxes. */
  readonly #lots: boolean;

  private constructor(
    warehouse: string,
    client: Client,
    lots: boolean,
    onLines: (lines: number) => void,
  ) {
    this.#lots = lots;
    this.warehouse = warehouse;
    this.#client = client;
    this.#onLines = onLines;
  }

  static async open(
    link: { url: string; token: string; lots: boolean },
    warehouse: string,
    onLines: (lines: number) => void,
    onLink: (up: boolean, why: string) => void,
  ): Promise<Lane> {
    const client = await Client.connect({
      ...link,
      client: 'replay',
      incarnation: `tafeng-${warehouse}`,
      ordered: true,
      inFlight: 2_048,
      onLink,
    });
    return new Lane(warehouse, client, link.lots, onLines);
  }

  /** True when this data folder has seen a replay before. */
  get hasRun(): boolean {
    return this.#client.hello.nextN > 1;
  }

  get nats(): string | undefined {
    return this.#client.hello.nats;
  }

  async run(opening: readonly Place[], baskets: readonly Basket[]): Promise<void> {
    const messages = opening.flatMap((place) => this.#openingOf(place));
    const receipts: Promise<void>[] = [];
    for (let at = 0; at < messages.length; at += RECEIPT_LINES) {
      receipts.push(this.#receive(messages.slice(at, at + RECEIPT_LINES)));
    }
    await Promise.all(receipts);
    const underWay = new Set<Promise<void>>();
    for (const basket of baskets) {
      if (underWay.size >= WINDOW) await Promise.race(underWay);
      const order = this.#order(basket);
      const done = order.finally(() => underWay.delete(done));
      underWay.add(done);
    }
    await Promise.all(underWay);
  }

  close(): void {
    this.#client.close();
  }

  #openingOf(place: Place): StockMessage[] {
    const { sku, qty } = place;
    if (this.#lots) return lotsOf(place, OPENING_MS);
    return [{ op: 'receive', sku, qty, doc: 'tafeng-opening' }];
  }

  async #receive(commands: StockMessage[]): Promise<void> {
    await this.#must({ op: 'all', warehouse: this.warehouse, commands }, commands);
  }

  /** Reserved all or none; what was accepted is picked, packed and shipped. */
  async #order(basket: Basket): Promise<void> {
    const { lines, date, customer } = basket;
    const hold = `${date}/${customer}`;
    const step = (op: StockMessage['op'], qty: boolean): Message => ({
      op: 'all',
      warehouse: this.warehouse,
      commands: lines.map((line) => ({
        op,
        sku: line.sku,
        hold,
        ...(qty ? { qty: line.qty, doc: hold } : {}),
      })),
    });
    const answer = await this.#client.send(step('reserve', true));
    if (answer.ok) {
      this.#note(answer, lines);
      this.totals.accepted++;
      const picked = this.#pick(step('pick', false), lines);
      if (this.#lots) await picked; // a box may have to be opened first
      await Promise.all([
        picked,
        this.#must(step('pack', false), lines),
        this.#must(step('ship', false), lines),
      ]);
      for (const line of lines) this.totals.shippedUnits += line.qty;
    } else if (answer.code === 'insufficient' || answer.code === 'unknown_sku') {
      this.totals.refused++;
    } else {
      throw new Unexpected(`${hold} in ${this.warehouse}: ${answer.code}, ${answer.message}`);
    }
    this.#onLines(lines.length);
  }

  /** By expiry; where only closed boxes are left, one is opened and the pick is tried again. */
  async #pick(message: Message, lines: readonly { readonly sku: string }[]): Promise<void> {
    for (;;) {
      const answer = await this.#client.send(message);
      if (answer.ok) return this.#note(answer, lines);
      const sku = lines[answer.line ?? 0]?.sku ?? '';
      if (answer.code !== 'box_closed' || !this.#lots) {
        throw new Unexpected(`${this.warehouse}: ${answer.code}, ${answer.message}`);
      }
      const box = boxOf(sku);
      const where = { warehouse: this.warehouse, sku, qty: box, box, toBox: 0 };
      const opened = await this.#client.send({ op: 'move', ...where, toLocation: 'PICK-BOX' });
      // Another order may have opened the last one meanwhile: then its loose pieces are there.
      if (!opened.ok && opened.code !== 'wrong_place') {
        throw new Unexpected(`${this.warehouse}: ${opened.code}, ${opened.message}`);
      }
    }
  }

  async #must(message: Message, lines: readonly { sku: string }[]): Promise<void> {
    const answer = await this.#client.send(message);
    if (!answer.ok) throw new Unexpected(`${this.warehouse}: ${answer.code}, ${answer.message}`);
    this.#note(answer, lines);
  }

  #note(answer: AnswerMessage & { ok: true }, lines: readonly { sku: string }[]): void {
    for (const [i, { seq, stock }] of (answer.results as LineAnswer[]).entries()) {
      const { sku } = lines[i] as { sku: string };
      if ((this.last.get(sku)?.seq ?? 0) >= seq) continue;
      this.last.set(sku, { seq, onHand: stock.onHand, available: stock.available });
    }
  }
}
