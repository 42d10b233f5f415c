/** Values of one row by column name. Whole numbers may come as number, bigint or text. */
export type Row = Readonly<Record<string, unknown>>;

/** One session: what it is asked happens one after the other. */
export interface Sql {
  query(text: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
  /** `COPY target FROM` rows of tab-separated text, each ended by a line feed. They are the database's from then on. */
  copyIn(target: string, rows: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Several statements without parameters. */
  script(text: string): Promise<void>;
}

/** One SQL database, as far as {@link import('./sql-store.ts').SqlStore} needs it. */
export interface Database {
  /** Reads outside any transaction. */
  query(text: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
  /** One at a time. All or nothing; when it resolves, it is on disk. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
