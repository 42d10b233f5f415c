import type pg from 'pg';

/** The part of a connection of `pg` that COPY FROM STDIN needs. */
interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** `COPY … FROM STDIN` as a query of `pg`, which brings the messages but no such query. */
export class CopyIn implements pg.Submittable {
  readonly #text: string;
  readonly #rows: Uint8Array;
  readonly #done: (error: Error | undefined) => void;
  #error: Error | undefined;

  private constructor(text: string, rows: Uint8Array, done: (error: Error | undefined) => void) {
    this.#text = text;
    this.#rows = rows;
    this.#done = done;
  }

  static run(client: pg.Client, target: string, rows: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (error: Error | undefined): void =>
        error === undefined ? resolve() : reject(error);
      client.query(new CopyIn(`copy ${target} from stdin`, rows, done));
    });
  }

  submit(connection: unknown): void {
    (connection as CopyConnection).query(this.#text);
  }

  handleCopyInResponse(connection: CopyConnection): void {
    const { buffer, byteOffset, byteLength } = this.#rows;
    connection.sendCopyFromChunk(Buffer.from(buffer, byteOffset, byteLength));
    connection.endCopyFrom();
  }

  handleError(error: Error): void {
    this.#error ??= error;
    // The session is then given up, so nobody waits for what it still says.
    this.#done(this.#error);
  }

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    this.#done(this.#error);
  }
}
