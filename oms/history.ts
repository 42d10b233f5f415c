import type { Logger } from 'pino';
import { type Clock, nextTurn } from '../engine/clock.ts';
import { messageOfError, ShardStopped } from '../engine/errors.ts';
import { Nap } from '../engine/nap.ts';
import type { Actors } from './actors.ts';
import { type Arrived, chunkOf } from './chunk.ts';
import type { Position } from './position.ts';
import type { JournalReader } from './reader.ts';
import type { Chunk, Store } from './store/store.ts';
import type { Tide } from './tide.ts';

export interface HistoryOptions {
  /** The centre's number of the shard. */
  readonly shard: number;
  readonly reader: JournalReader;
  readonly store: Store;
  readonly from: Position;
  readonly clock: Clock;
  readonly log: Logger;
  /** Who is who in every record that was merged. */
  readonly actors: Actors;
  readonly tide: Tide;
  /** True once record `number` was merged into memory, where balances are checked; false if it never will be. */
  merged(number: number): Promise<boolean>;
}

/** Of one transaction at most: an eighth of a megabyte of journal each, or one record. */
const TAKES = 32;
const RECORDS = 16_000;
/** In a flood history that is level with the journal waits for its end, but not longer than this; behind, it does not wait. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 50;
const BACKOFF_MS = [100, 200, 500, 1_000, 2_000] as const;

/**
 * Writes one shard's records into SQL: a chunk at a time, each with its
 * watermark in one transaction, while the next is being received. Never ahead
 * of memory. A store that is away for a while delays it and loses nothing, and
 * a flood of sales goes before it: SQL takes the processor time of a sale again,
 * and more, which is missing where both share a machine.
 */
export class History {
  readonly #options: HistoryOptions;
  readonly #nap: Nap;
  #durable: Position;
  #trouble: string | undefined;
  #closed = false;
  /** Whether there was nothing more to write than what was taken last. */
  #isLevel = true;
  #lines = 0;
  #chunks = 0;
  #seconds = 0;

  constructor(options: HistoryOptions) {
    this.#options = options;
    this.#durable = options.from;
    this.#nap = new Nap(options.clock);
  }

  /** The last record whose rows are on disk. */
  get durable(): Position {
    return this.#durable;
  }

  /** Why nothing can be written just now. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Since the start: lines and chunks written, and the seconds spent writing them. */
  get counts(): { readonly lines: number; readonly chunks: number; readonly seconds: number } {
    return { lines: this.#lines, chunks: this.#chunks, seconds: this.#seconds };
  }

  /** Until it is closed. Throws {@link ShardStopped} where a record does not fit. */
  async run(): Promise<void> {
    const { reader } = this.#options;
    try {
      for (;;) {
        const arrived = await this.#gather();
        if (arrived === undefined) return;
        const sound = await this.#sound(arrived);
        if (sound.length > 0 && !(await this.#write(sound))) return;
        if (sound.length < arrived.length) return;
        reader.acknowledge();
      }
    } finally {
      reader.close();
    }
  }

  reconnected(): void {
    this.#options.reader.reconnected();
  }

  /** Ends when the chunk at hand is written. */
  close(): void {
    this.#closed = true;
    this.#options.reader.close();
    this.#nap.wake();
  }

  /**
   * One transaction's records: what there is, up to a bound. Undefined once closed.
   * An actor's balances are written once a transaction, so large ones cost less a line.
   */
  async #gather(): Promise<readonly Arrived[] | undefined> {
    const { reader, clock } = this.#options;
    const first = await reader.take();
    if (first === undefined) return undefined;
    if (this.#isLevel) await this.#giveWay();
    const all = [...first];
    const hasMore = (): boolean => reader.hasArrived || reader.isBehind;
    for (let takes = 1; hasMore() && takes < TAKES && all.length < RECORDS; takes++) {
      await nextTurn(clock);
      try {
        all.push(...((await reader.take()) ?? []));
      } catch (e) {
        if (!(e instanceof ShardStopped)) throw e;
        break; // what came before it is sound; the next take throws it again
      }
    }
    await nextTurn(clock);
    this.#isLevel = !hasMore();
    return all;
  }

  /** Until the flood is over, or what was taken is too old. */
  async #giveWay(): Promise<void> {
    const { clock, tide } = this.#options;
    const untilMs = clock.monoMs() + PATIENCE_MS;
    const waits = (nowMs: number): boolean =>
      !this.#closed && nowMs < untilMs && tide.isFlood(nowMs);
    while (waits(clock.monoMs())) await this.#nap.for(LOOK_MS);
  }

  /** The records that memory has merged; all of them unless it stopped in between. */
  async #sound(arrived: readonly Arrived[]): Promise<readonly Arrived[]> {
    const { merged } = this.#options;
    if (await merged((arrived.at(-1) as Arrived).record.number)) return arrived;
    const sound: Arrived[] = [];
    for (const one of arrived) {
      if (!(await merged(one.record.number))) break;
      sound.push(one);
    }
    return sound;
  }

  /** False if it had to give up because of the close. */
  async #write(arrived: readonly Arrived[]): Promise<boolean> {
    const { shard, store, clock, log, actors } = this.#options;
    const chunk = chunkOf(shard, this.#durable, arrived, actors);
    const begun = clock.monoMs();
    for (let attempt = 0; ; attempt++) {
      try {
        const { lines } = await store.write(chunk);
        this.#written(chunk, lines, clock.monoMs() - begun);
        return true;
      } catch (e) {
        this.#trouble = messageOfError(e);
        if (attempt === 0) {
          const after = this.#durable.number;
          log.error({ err: e, after }, 'history cannot be written; it is tried again until it can');
        }
        if (this.#closed) return false;
        await this.#nap.for(BACKOFF_MS[Math.min(attempt, BACKOFF_MS.length - 1)] as number);
      }
    }
  }

  #written(chunk: Chunk, lines: number, ms: number): void {
    if (this.#trouble !== undefined) this.#options.log.info('history is written again');
    this.#trouble = undefined;
    this.#durable = chunk.to;
    this.#lines += lines;
    this.#chunks++;
    this.#seconds += ms / 1_000;
  }
}
