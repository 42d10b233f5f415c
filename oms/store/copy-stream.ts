import { nextTurn, systemClock } from '../../engine/clock.ts';
import type { Sql } from './database.ts';
import { RowWriter } from './row-writer.ts';

/** Rows copied in one go: an embedded database holds its thread for this long, some 20 ms. */
const SLICE_ROWS = 5_000;

/** The rows of one transaction on their way: a slice is copied while the next one is written. */
export class Copying {
  readonly #sql: Sql;
  #last: Promise<void> = Promise.resolve();

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  into(target: string): CopyStream {
    return new CopyStream((rows) => this.#copy(target, rows));
  }

  /** Resolves when all that was sent is copied. */
  end(): Promise<void> {
    return this.#last;
  }

  async #copy(target: string, rows: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#last;
    const copying = this.#sql.copyIn(target, rows);
    copying.catch(() => {}); // thrown by whoever comes next
    this.#last = copying;
    await nextTurn(systemClock);
  }
}

/** Rows for one table. */
export class CopyStream {
  readonly rows = new RowWriter();
  readonly #copy: (rows: Uint8Array<ArrayBuffer>) => Promise<void>;

  constructor(copy: (rows: Uint8Array<ArrayBuffer>) => Promise<void>) {
    this.#copy = copy;
  }

  /** Whether it is time for {@link flush}. */
  get isFull(): boolean {
    return this.rows.rows >= SLICE_ROWS;
  }

  /** Sends what was written, once what was sent before is copied. */
  async flush(): Promise<void> {
    if (this.rows.rows > 0) await this.#copy(this.rows.take());
  }
}
