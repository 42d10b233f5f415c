import type { Database, Row, Sql } from './database.ts';

/** A session that is a whole database: it has no other. */
export interface LoneSession extends Sql {
  close(): Promise<void>;
}

/** A database of one session: while a transaction is open, everybody else waits. */
export class SerialDatabase implements Database {
  readonly #session: LoneSession;
  /** Ends when all that was asked for has ended. */
  #tail: Promise<unknown> = Promise.resolve();

  constructor(session: LoneSession) {
    this.#session = session;
  }

  query(text: string, parameters?: readonly unknown[]): Promise<readonly Row[]> {
    return this.#alone(() => this.#session.query(text, parameters));
  }

  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#alone(async () => {
      await this.#session.script('begin');
      try {
        const result = await work(this.#session);
        await this.#session.script('commit');
        return result;
      } catch (e) {
        await this.#session.script('rollback').catch(() => {}); // the first error says more
        throw e;
      }
    });
  }

  close(): Promise<void> {
    return this.#alone(() => this.#session.close());
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#tail.then(work);
    this.#tail = mine.catch(() => {});
    return mine;
  }
}
