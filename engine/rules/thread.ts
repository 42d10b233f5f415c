import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { OwnerId } from '../../actors/ids.ts';
import { compile, type Plan, planOf } from '../../rules/compile.ts';
import { type Clock, systemClock } from '../clock.ts';
import { StartError } from '../errors.ts';
import { Nap } from '../nap.ts';
import type { AskName, Asks, FromWorker, ToWorker, WorkerOptions } from './asks.ts';

export interface RulesThreadOptions extends Omit<WorkerOptions, 'logLevel'> {
  /** Of the caller; the thread logs to stderr by itself, at the same level. */
  readonly log: Logger;
  /** What the thread runs. */
  readonly program?: URL;
  /** Of the waits between two starts. */
  readonly clock?: Clock;
}

interface Waiting {
  readonly resolve: (told: unknown) => void;
  readonly reject: (e: Error) => void;
}

const PROGRAM = new URL('./worker.js', import.meta.url);
/** A thread that has ended is started again after this, and after twice as long each time that it ends soon, ms. */
const FIRST_MS = 1_000;
/** But no later than this; one that has lasted so long did not end soon. */
const MOST_MS = 60_000;

/**
 * The rules of this node, in a thread of its own: merging a document takes milliseconds, and a scan waits for none of them. Here are the plans that come of
 * it, compiled good by good as they are asked for. A thread that ends is started again; until then its last plans hold.
 */
export class RulesThread {
  readonly #options: RulesThreadOptions;
  readonly #clock: Clock;
  readonly #nap: Nap;
  readonly #plans = new Map<OwnerId, Plan>();
  readonly #none = compile({});
  readonly #listeners = new Set<(owner: OwnerId) => void>();
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #ended: Promise<void> = Promise.resolve();
  #keeping: Promise<void> = Promise.resolve();
  #isUp = false;
  #isClosing = false;
  #asked = 0;

  private constructor(options: RulesThreadOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#nap = new Nap(this.#clock);
  }

  /** Resolves when what is on disk is compiled. Throws {@link StartError} if it cannot be read. */
  static async start(options: RulesThreadOptions): Promise<RulesThread> {
    const thread = new RulesThread(options);
    await thread.#begin();
    thread.#keeping = thread.#keep();
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

  /** Rejects where the thread has ended and is not back yet, or failed at it. */
  ask<Name extends AskName>(name: Name, asked: Asks[Name]['asked']): Promise<Asks[Name]['told']> {
    if (!this.#isUp) return Promise.reject(new Error('the thread of rules has ended'));
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#worker?.postMessage({ kind: 'ask', id, name, asked } satisfies ToWorker);
      this.#waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
    });
  }

  /** Writes what is not written yet. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#nap.wake();
    this.#worker?.postMessage({ kind: 'close' } satisfies ToWorker);
    await this.#ended;
    await this.#keeping;
  }

  async #begin(): Promise<void> {
    const { log, program = PROGRAM, servers, dir, node } = this.#options;
    const workerData: WorkerOptions = { servers, dir, node, logLevel: log.level };
    const worker = new Worker(program, { workerData });
    this.#worker = worker;
    worker.on('error', (err) => log.error({ err }, 'the thread of rules failed'));
    this.#ended = new Promise((resolve) => worker.once('exit', () => resolve(this.#end())));
    const ready = new Promise<void>((resolve, reject) => {
      worker.on('message', (message: FromWorker) => {
        if (message.kind === 'ready') {
          this.#isUp = true;
          resolve();
        } else if (message.kind === 'failed') reject(new StartError(`the rules: ${message.why}`));
        else this.#hear(message);
      });
    });
    const over = this.#ended.then(() => Promise.reject(new StartError('the rules cannot start')));
    await Promise.race([ready, over]);
  }

  /** Starts the thread again whenever it ends, until it is closed. */
  async #keep(): Promise<void> {
    const { log } = this.#options;
    let waitMs = FIRST_MS;
    let sinceMs = this.#clock.monoMs();
    for (;;) {
      await this.#ended;
      if (this.#isClosing) return;
      if (this.#clock.monoMs() - sinceMs >= MOST_MS) waitMs = FIRST_MS;
      log.error({ waitMs }, 'the thread of rules has ended; its last plans hold until it is back');
      await this.#nap.for(waitMs);
      if (this.#isClosing) return;
      waitMs = Math.min(2 * waitMs, MOST_MS);
      sinceMs = this.#clock.monoMs();
      await this.#begin().then(
        () => log.warn('the thread of rules is back'),
        (err) => log.error({ err }, 'the thread of rules cannot start'),
      );
    }
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
    this.#isUp = false;
    for (const { reject } of this.#waiting.values()) reject(new Error('the thread of rules ended'));
    this.#waiting.clear();
  }
}
