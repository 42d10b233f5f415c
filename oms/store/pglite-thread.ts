import { Worker } from 'node:worker_threads';
import { StartError } from '../../engine/errors.ts';
import type { Row } from './database.ts';
import type { FromSession, Request, ToSession } from './pglite-worker.ts';
import { type LoneSession, SerialDatabase } from './serial-database.ts';
import { SqlStore } from './sql-store.ts';
import type { Books } from './store.ts';

/**
 * As `openPglite`, but in a thread of its own, so that no statement ever holds
 * up the caller. If that thread dies, the next statement starts another one.
 */
export async function openPgliteThread(dir: string): Promise<Books> {
  const session = new RemoteSession(dir);
  try {
    return await SqlStore.open(new SerialDatabase(session));
  } catch (e) {
    await session.close();
    throw e;
  }
}

interface Waiting {
  resolve(rows: readonly Row[]): void;
  reject(error: Error): void;
}

/** A PGlite session in another thread. */
class RemoteSession implements LoneSession {
  readonly #dir: string;
  #worker: Worker | undefined;
  /** The thread in which a transaction is open: another one knows nothing of it. */
  #transaction: Worker | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;

  constructor(dir: string) {
    this.#dir = dir;
  }

  query(text: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
    return this.#ask({ kind: 'query', text, parameters });
  }

  async copyIn(target: string, rows: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#ask({ kind: 'copyIn', target, rows }, [rows.buffer]);
  }

  async script(text: string): Promise<void> {
    if (text === 'begin') this.#transaction = this.#live();
    if (text === 'rollback') this.#transaction = undefined;
    await this.#ask({ kind: 'script', text });
    if (text === 'commit') this.#transaction = undefined;
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    const gone = new Promise((resolve) => worker.once('exit', resolve));
    await this.#ask({ kind: 'close' });
    await gone;
  }

  #ask(request: Request, transfer: ArrayBuffer[] = []): Promise<readonly Row[]> {
    const worker = this.#live();
    if (this.#transaction !== undefined && this.#transaction !== worker) {
      return Promise.reject(new Error('the thread of the embedded store ended in a transaction'));
    }
    const id = ++this.#asked;
    const answer = new Promise<readonly Row[]>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    worker.postMessage({ id, request } satisfies ToSession, transfer);
    return answer;
  }

  #live(): Worker {
    this.#worker ??= this.#start();
    return this.#worker;
  }

  #start(): Worker {
    const url = new URL('./pglite-worker.js', import.meta.url);
    const worker = new Worker(url, { workerData: { dir: this.#dir } });
    let why = 'it was closed';
    worker.on('message', (message: FromSession) => this.#hear(message));
    worker.once('error', (e) => {
      why = String(e);
    });
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
      const error = new Error(`the thread of the embedded store has ended: ${why}`);
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    });
    return worker;
  }

  #hear(message: FromSession): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.kind === 'done') waiting?.resolve(message.rows);
    else if (message.kind === 'unusable') waiting?.reject(new StartError(message.why));
    else waiting?.reject(new Error(message.why));
  }
}
