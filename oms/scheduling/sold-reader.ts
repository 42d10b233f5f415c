import { type Clock, nextTurn } from '../../engine/clock.ts';
import type { Books } from '../store/store.ts';
import { SCHEDULING } from './policy.ts';
import type { Tallies } from './tallies.ts';

/** Records of one query: the embedded store stands still meanwhile. */
const RECORDS = 1_000;

/** One shard of warehouses at the centre. */
export interface ReadShard {
  /** The centre's number of it. */
  readonly number: number;
  readonly history: { readonly durable: { readonly number: number } };
}

/**
 * Reads from the ledger what was sold in the last weeks: back from where it stands at the first look, then what is new. What it knows
 * is in memory: a centre that starts again reads it again.
 */
export class SoldReader {
  readonly #shard: ReadShard;
  readonly #books: Pick<Books, 'sold'>;
  readonly #tallies: Tallies;
  readonly #sellers: ReadonlySet<string>;
  readonly #clock: Clock;
  /** Records up to here are counted; undefined before the first look. */
  #upTo: number | undefined;
  /** And those after this one; 0 once there are no older ones that count. */
  #after = 0;

  /** `sellers`: home itself is `''`; any other name is an order of home's that is named like a point's. */
  constructor(
    shard: ReadShard,
    books: Pick<Books, 'sold'>,
    tallies: Tallies,
    sellers: ReadonlySet<string>,
    clock: Clock,
  ) {
    this.#shard = shard;
    this.#books = books;
    this.#tallies = tallies;
    this.#sellers = sellers;
    this.#clock = clock;
  }

  /** Rejects where the store cannot be read; nothing is counted twice when it is called again. */
  async read(isOver: () => boolean): Promise<void> {
    const { number } = this.#shard.history.durable;
    if (this.#upTo === undefined) {
      this.#upTo = number;
      this.#after = number;
    }
    while (this.#after > 0 && !isOver()) await this.#readBack(this.#after);
    // A shard whose loss was declared has fewer records than before.
    this.#upTo = Math.min(this.#upTo, number);
    while (this.#upTo < number && !isOver()) {
      const upTo = Math.min(number, this.#upTo + RECORDS);
      await this.#count(this.#upTo, upTo);
      this.#upTo = upTo;
    }
  }

  async #readBack(upTo: number): Promise<void> {
    const after = Math.max(0, upTo - RECORDS);
    const firstMs = await this.#count(after, upTo);
    const isOld = firstMs !== undefined && firstMs < this.#clock.wallMs() - SCHEDULING.windowMs;
    this.#after = isOld ? 0 : after;
  }

  async #count(after: number, upTo: number): Promise<number | undefined> {
    const { rows, firstMs } = await this.#books.sold({ shard: this.#shard.number, after, upTo });
    const nowMs = this.#clock.wallMs();
    for (const { actor, source, units, atMs } of rows) {
      if (atMs < nowMs - SCHEDULING.windowMs) continue;
      const seller = this.#sellers.has(source) ? source : '';
      // A region whose clock is ahead would outweigh all others for as long.
      this.#tallies.add(actor, seller, units, Math.min(atMs, nowMs));
    }
    await nextTurn(this.#clock);
    return firstMs;
  }
}
