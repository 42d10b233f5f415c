import pg from 'pg';
import { sleep, systemClock } from '../../engine/clock.ts';
import { messageOfError, StartError } from '../../engine/errors.ts';
import { CopyIn } from './copy-in.ts';
import type { Database, Row, Sql } from './database.ts';
import { SqlStore } from './sql-store.ts';
import type { Books } from './store.ts';

const READERS = 4;
/** A server that does not answer is an error, not a wait without end. */
const PATIENCE = {
  connectionTimeoutMillis: 10_000,
  query_timeout: 120_000,
  keepAlive: true,
} as const;

/**
 * PostgreSQL 14 or newer by connection string. One session writes, a few read.
 * What {@link Books.write} has written is as durable as that server's commit.
 */
export async function openPostgres(url: string): Promise<Books> {
  const db = new PostgresDatabase(url);
  try {
    await db.claim();
    return await SqlStore.open(db);
  } catch (e) {
    await db.close();
    if (e instanceof StartError) throw e;
    throw new StartError(`PostgreSQL cannot be used (${messageOfError(e)}); see --postgres`);
  }
}

class PostgresDatabase implements Database {
  readonly #url: string;
  readonly #readers: pg.Pool;
  #writer: pg.Client | undefined;
  /** Ends when the last transaction that was asked for has ended. */
  #writing: Promise<unknown> = Promise.resolve();

  constructor(url: string) {
    this.#url = url;
    this.#readers = new pg.Pool({
      ...PATIENCE,
      connectionString: url,
      max: READERS,
      application_name: 'holdfast centre, reading',
      // Every search here has its index; a plan that reads a whole table is a wrong guess.
      options: '-c enable_seqscan=off',
    });
    // An idle session that breaks is replaced at the next query, which says so if it cannot be.
    this.#readers.on('error', () => {});
  }

  /** Refuses if another centre writes here. */
  async claim(): Promise<void> {
    this.#writer = await this.#connect();
  }

  async query(text: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
    return (await this.#readers.query(text, [...parameters])).rows as Row[];
  }

  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    const mine = this.#writing.then(() => this.#run(work));
    this.#writing = mine.catch(() => {});
    return mine;
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#drop();
    await this.#readers.end();
  }

  async #run<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    try {
      const writer = this.#writer ?? (await this.#connect());
      this.#writer = writer;
      await writer.query('begin');
      const result = await work(sqlOf(writer));
      await writer.query('commit');
      return result;
    } catch (e) {
      void this.#drop(); // ends the transaction too, in whatever state it was
      throw e;
    }
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({
      ...PATIENCE,
      connectionString: this.#url,
      application_name: 'holdfast centre, writing',
      options: '-c synchronous_commit=on -c client_min_messages=warning',
    });
    client.on('error', () => {
      if (this.#writer === client) this.#writer = undefined;
    });
    await client.connect();
    for (let attempt = 0; attempt < LOCK_ATTEMPTS; attempt++) {
      const { rows } = await client.query(`select pg_try_advisory_lock(${LOCK}) as mine`);
      if ((rows[0] as Row).mine === true) return client;
      await sleep(systemClock, LOCK_PAUSE_MS); // a session of ours may just be ending
    }
    await client.end();
    throw new StartError(
      'another centre writes to this database; stop it, or name another database',
    );
  }

  async #drop(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    await writer?.end().catch(() => {});
  }
}

/** Of the session that writes: two centres in one database would number actors differently. */
const LOCK = 0x686f6c64;
const LOCK_ATTEMPTS = 10;
const LOCK_PAUSE_MS = 100;

const sqlOf = (client: pg.Client): Sql => ({
  async query(text, parameters = []) {
    return (await client.query(text, [...parameters])).rows as Row[];
  },
  copyIn(target, rows) {
    return CopyIn.run(client, target, rows);
  },
  async script(text) {
    await client.query(text);
  },
});
