import { verifiedHead } from '../engine/chain.ts';
import type { Clock } from '../engine/clock.ts';
import { messageOfError, ShardStopped } from '../engine/errors.ts';
import { LIMITS } from '../engine/limits.ts';
import { Nap } from '../engine/nap.ts';
import { type Arrived, positionOf } from './chunk.ts';
import type { Position } from './position.ts';
import type { Bounds, Delivered, Inflow, Source } from './source.ts';

export interface ReaderOptions {
  readonly source: Source;
  readonly shard: number;
  readonly clock: Clock;
  /** The last record that was read before. */
  readonly from: Position;
  /** Told when it has to wait, with why; with undefined when it goes on. */
  onWait(why: string | undefined): void;
}

/** Checked in one go: at least one record, which is half a megabyte at most. */
const TAKE_BYTES = 128 * 1024;
const BACKOFF_MS = [50, 100, 200, 500, 1_000] as const;

/**
 * Reads one shard's journal from where it was left, record by record, each one
 * checked against the one before. Rides out restarts of the server: it then
 * makes its consumer anew, right after the last record it has handed out, so
 * nothing is lost and nothing comes twice.
 *
 * A record that does not fit is believed to be bad only as the first one of a
 * new consumer, and where the source has no other place to read it; then
 * {@link take} throws {@link ShardStopped}.
 */
export class JournalReader {
  readonly #options: ReaderOptions;
  readonly #nap: Nap;
  #position: Position;
  #inflow: Inflow | undefined;
  /** True until the open consumer has brought a record that fits. */
  #isNew = true;
  /** The last message handed out, if it is of the open consumer. */
  #last: Delivered | undefined;
  #closed = false;
  /** What closed consumers knew. */
  #caughtUpMs: number | undefined;
  #failures = 0;
  /** Since when the journal has ended before what was read of it, monotonic ms. */
  #shortSinceMs: number | undefined;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#position = options.from;
    this.#nap = new Nap(options.clock);
  }

  /** Monotonic ms up to which everything committed has been handed out; undefined if never. */
  get caughtUpMs(): number | undefined {
    return this.#inflow?.caughtUpMs ?? this.#caughtUpMs;
  }

  /** Whether {@link take} has something to give at once. */
  get hasArrived(): boolean {
    return this.#inflow?.hasArrived ?? false;
  }

  /** Whether the journal held more, when the last record was sent, than had been sent. */
  get isBehind(): boolean {
    return (this.#last?.pending ?? 0) > 0;
  }

  /** What has arrived, at least one record. Undefined once closed. Throws {@link ShardStopped}. */
  async take(): Promise<readonly Arrived[] | undefined> {
    while (!this.#closed) {
      try {
        this.#inflow ??= await this.#attach();
        if (this.#closed) break;
        const arrived = this.#check(await this.#inflow.take(TAKE_BYTES));
        if (arrived.length > 0) return arrived;
      } catch (e) {
        this.#detach();
        const { source } = this.#options;
        if (e instanceof ShardStopped && !(source.doubt?.(e.message) ?? false)) throw e;
        if (!this.#closed) await this.#backOff(messageOfError(e));
      }
    }
    this.#detach();
    return undefined;
  }

  /** Tells a durable consumer that all that was handed out is done: for people to see, and to get more. */
  acknowledge(): void {
    this.#last?.acknowledge();
  }

  /** The connection was cut: requests that were open are gone. */
  reconnected(): void {
    this.#inflow?.lose('the connection was cut');
  }

  close(): void {
    this.#closed = true;
    this.#detach();
    this.#nap.wake();
  }

  /** Hands out records as far as they fit. The first one of a new consumer must. */
  #check(messages: readonly Delivered[]): Arrived[] {
    const arrived: Arrived[] = [];
    for (const message of messages) {
      if (message.seq < this.#position.seq) continue;
      try {
        const record = this.#verify(message);
        if (record === undefined) continue;
        arrived.push(record);
        this.#last = message;
        this.#isNew = false;
      } catch (e) {
        if (!(e instanceof ShardStopped) || this.#isNew) throw e;
        this.#detach();
        break;
      }
    }
    return arrived;
  }

  /** Undefined for the record that was read last, if it still is the same. */
  #verify(message: Delivered): Arrived | undefined {
    const { shard } = this.#options;
    const { seq, id } = message;
    if (seq === this.#position.seq) {
      if (id === this.#position.hash) return undefined;
      throw new ShardStopped(
        `the record at ${seq} in the journal of shard ${shard} is not the one that was read there before`,
      );
    }
    const record = verifiedHead(shard, message, this.#position);
    this.#position = positionOf({ seq, record });
    return { seq, record };
  }

  /** Begins with the record that was read last, to see that the journal is still the same one. */
  async #attach(): Promise<Inflow> {
    const { source, onWait } = this.#options;
    this.#requireWhole(await this.#bounds());
    const inflow = await source.open(Math.max(1, this.#position.seq));
    this.#isNew = true;
    this.#failures = 0;
    onWait(undefined);
    return inflow;
  }

  async #bounds(): Promise<Bounds> {
    const { source, clock, shard } = this.#options;
    const bounds = await source.bounds(this.#position.seq);
    if (bounds !== undefined) return bounds;
    if (this.#position.seq === 0) this.#caughtUpMs = clock.monoMs();
    throw new Error(`there is no journal of shard ${shard}`);
  }

  #requireWhole({ first, last }: Bounds): void {
    const { seq } = this.#position;
    const { shard } = this.#options;
    if (first > seq + 1) {
      throw new ShardStopped(
        `the journal of shard ${shard} begins at ${first}, the centre has read up to ${seq}: ` +
          'what lies between was trimmed. Restore the store of the centre',
      );
    }
    if (last >= seq) {
      this.#shortSinceMs = undefined;
      return;
    }
    const nowMs = this.#options.clock.monoMs();
    this.#shortSinceMs ??= nowMs;
    if (nowMs - this.#shortSinceMs > LIMITS.wentBackMs) {
      throw new ShardStopped(
        `the journal of shard ${shard} ends at ${last}, the centre has read up to ${seq}: ` +
          'its tail was lost. Restore its stream',
      );
    }
    // A waking old leader may say so for a moment; a journal that lost its tail goes on saying it.
    throw new Error(`the journal ends at ${last}, before what was read of it`);
  }

  #detach(): void {
    this.#caughtUpMs = this.caughtUpMs;
    this.#inflow?.close();
    this.#inflow = undefined;
    this.#last = undefined;
  }

  async #backOff(why: string): Promise<void> {
    const ms = BACKOFF_MS[Math.min(this.#failures++, BACKOFF_MS.length - 1)] as number;
    if (this.#failures > 1) this.#options.onWait(why);
    await this.#nap.for(ms);
  }
}
