import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { OwnerId } from '../../actors/ids.ts';
import { compile, type Plan, planOf } from '../../rules/compile.ts';
import { StartError } from '../errors.ts';
import type { AskName, Asks, FromWorker, ToWorker, WorkerOptions } from './asks.ts';

export interface RulesThreadOptions extends Omit<WorkerOptions, 'logLevel'> {
  /** Of the caller; the thread logs to stderr by itself, at the same level. */
  readonly log: Logger;
}

interface Waiting {
  readonly resolve: (told: unknown) => void;
  readonly reject: (e: Error) => void;
}

/**
 * The rules of this node, in a thread of its own: merging a document takes milliseconds, and a scan waits for none of them. Here are the plans that come of
 * it, compiled good by good as they are asked for.
 */
export class RulesThread {
  readonly #worker: Worker;
  readonly #plans = new Map<OwnerId, Plan>();
  readonly #none = compile({});
  readonly #listeners = new Set<(owner: OwnerId) => void>();
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<void>;
  #isOver = false;
  #asked = 0;

  private constructor(worker: Worker, log: Logger) {
    this.#worker = worker;
    worker.on('error', (err) => {
      log.error(
        { err },
        'the thread of rules has ended; its last plans hold. Restart to edit them',
      );
    });
    this.#ended = new Promise((resolve) => worker.once('exit', () => resolve(this.#end())));
  }

  /** Resolves when what is on disk is compiled. Throws {@link StartError} if it cannot be read. */
  static async start({ log, ...options }: RulesThreadOptions): Promise<RulesThread> {
    const workerData: WorkerOptions = { ...options, logLevel: log.level };
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData });
    const thread = new RulesThread(worker, log);
    const ready = new Promise<void>((resolve, reject) => {
      worker.on('message', (message: FromWorker) => {
        if (message.kind === 'ready') resolve();
        else if (message.kind === 'failed') reject(new StartError(`the rules: ${message.why}`));
        else thread.#hear(message);
      });
    });
    const over = thread.#ended.then(() => Promise.reject(new StartError('the rules cannot start')));
    await Promise.race([ready, over]);
    return thread;
  }

  /** The plan of an owner, as it was last told; of no rules where there are none. Never waits. */
  planOf(owner: OwnerId): Plan {
    return this.#plans.get(owner) ?? this.#none;
  }

  /** Owners that have rules. */
  get owners(): OwnerId[] {
    return [...this.#plans.keys()].sort();
  }

  /** Hears of an owner whose plan is another one. Returns how to stop. */
  onChange(hear: (owner: OwnerId) => void): () => void {
    this.#listeners.add(hear);
    return () => void this.#listeners.delete(hear);
  }

  /** Rejects where the thread has ended, or failed at it. */
  ask<Name extends AskName>(name: Name, asked: Asks[Name]['asked']): Promise<Asks[Name]['told']> {
    if (this.#isOver) return Promise.reject(new Error('the thread of rules has ended'));
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      this.#worker.postMessage({ kind: 'ask', id, name, asked } satisfies ToWorker);
    });
  }

  /** Writes what is not written yet. */
  async close(): Promise<void> {
    this.#worker.postMessage({ kind: 'close' } satisfies ToWorker);
    await this.#ended;
  }

  #hear(message: FromWorker): void {
    if (message.kind === 'standing') {
      this.#plans.set(message.owner, planOf(message.standing));
      for (const hear of this.#listeners) hear(message.owner);
    } else if (message.kind === 'told' || message.kind === 'wrong') {
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.kind === 'told') waiting?.resolve(message.told);
      else waiting?.reject(new Error(message.why));
    }
  }

  #end(): void {
    this.#isOver = true;
    for (const { reject } of this.#waiting.values()) reject(new Error('the rules are closed'));
    this.#waiting.clear();
  }
}
