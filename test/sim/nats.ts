import type { Appended, Stored } from '../../engine/journal/journal.ts';
import { LIMITS } from '../../engine/limits.ts';
import type { Bounds } from '../../oms/source.ts';
import { Bucket } from './bucket.ts';
import { type Batch, Consumer } from './consumer.ts';
import type { Proc } from './network.ts';
import type { Random } from './random.ts';
import { Stream } from './stream.ts';
import { Life, type World } from './world.ts';

/** `always`: a record is on disk before it is acknowledged. `interval`: now and then. */
export type Sync = 'always' | 'interval';

const SYNC_EVERY_MS = 2_000;
/** A consumer that has nothing to deliver says so after a while. */
const QUIET_MS = 1_200;

/** Told of every record that a stream takes, at the moment at which it does. */
export type OnStored = (shard: number, stored: Stored, by: string) => void;

/** One nats-server with JetStream: journal streams, the lease bucket, and what a kill or a power cut leaves of them. */
export class Nats implements Proc {
  readonly name: string;
  readonly streams: readonly Stream[];
  readonly bucket = new Bucket(LIMITS.leaseMs);
  /** False: leases are granted to whoever asks. */
  leasesHold = true;
  /** Reads and conflicts are of a while ago: an old leader that wakes. */
  staleUntilMs = 0;
  /** Records are lost on the way to the disk while their ids are remembered. */
  ghostsUntilMs = 0;
  readonly #world: World;
  readonly #random: Random;
  readonly #sync: Sync;
  readonly #onStored: OnStored;
  #life: Life | undefined;
  /** Those of this run. */
  #consumers = new WeakSet<Consumer>();
  /** By shard: who waits for the stream to grow. */
  #waiting: (() => void)[][] = [];

  constructor(
    world: World,
    random: Random,
    shards: number,
    sync: Sync,
    onStored: OnStored,
    name = 'nats',
  ) {
    this.name = name;
    this.#world = world;
    this.#random = random;
    this.#sync = sync;
    this.#onStored = onStored;
    this.streams = Array.from({ length: shards }, () => new Stream());
    this.start(false);
  }

  get life(): Life | undefined {
    return this.#life;
  }

  start(forgetsIds: boolean): void {
    if (this.#life !== undefined) return;
    this.#life = new Life(this.name);
    for (const stream of this.streams) stream.restarted(forgetsIds, this.#world.timeMs);
    if (this.#sync === 'interval') this.#syncLater(this.#life);
  }

  kill(): void {
    this.#life?.end();
    this.#life = undefined;
    this.#consumers = new WeakSet();
    this.#waiting = [];
  }

  /** Kills it and drops what was not synced. Returns records lost by stream. */
  cutPower(): number[] {
    this.kill();
    if (this.#sync === 'always') return this.streams.map(() => 0);
    this.bucket.cutTail();
    return this.streams.map((stream) => stream.cutTail());
  }

  async append(
    shard: number,
    bytes: Uint8Array,
    id: string,
    expected: number | undefined,
    by: string,
  ): Promise<Appended> {
    const stream = this.#stream(shard);
    const now = this.#world.timeMs;
    if (this.#isStale && this.#random.chance(0.5)) {
      return { kind: 'conflict', last: Math.max(0, stream.last - this.#random.whole(1, 3)) };
    }
    const refusal = stream.refusal(id, expected, now);
    if (refusal !== undefined) return refusal;
    if (this.ghostsUntilMs > this.#world.nowMs && this.#random.chance(0.5)) {
      stream.remember(id, now);
      return { kind: 'unknown', why: '503' };
    }
    const stored = stream.store(bytes, id, now);
    if (this.#sync === 'always') stream.synced = stored.seq;
    this.#onStored(shard, stored, by);
    for (const wake of this.#waiting[shard]?.splice(0) ?? []) wake();
    await this.#pause(this.#sync === 'always' ? 0.6 : 0.1);
    return { kind: 'stored', seq: stored.seq };
  }

  lastOf(shard: number): Stored | undefined {
    const { records } = this.#stream(shard);
    return records[Math.max(0, records.length - 1 - this.#behind())];
  }

  firstFrom(shard: number, seq: number): Stored | undefined {
    const stream = this.#stream(shard);
    const found = stream.firstFrom(seq);
    return found !== undefined && found.seq > stream.last - this.#behind() ? undefined : found;
  }

  page(shard: number, from: number, most: number): Stored[] {
    return this.#stream(shard).page(from, most);
  }

  bounds(shard: number): Bounds {
    const { records, last } = this.#stream(shard);
    return { first: records[0]?.seq ?? last + 1, last: Math.max(0, last - this.#behind()) };
  }

  consume(shard: number, seq: number): Consumer {
    const feed = {
      from: (next: number, most: number) => this.#batch(shard, next, most),
      grown: () => this.#grown(shard),
    };
    const consumer = new Consumer(feed, this.#random, seq);
    this.#consumers.add(consumer);
    return consumer;
  }

  deliver(consumer: Consumer, request: number): Promise<Batch> {
    if (this.#consumers.has(consumer)) return consumer.next(request);
    return Promise.reject(new Error('409 consumer deleted'));
  }

  trim(shard: number, seq: number): void {
    this.#stream(shard).trim(seq);
  }

  /** Forgets ids of records that were never stored. */
  exorcise(): void {
    this.ghostsUntilMs = 0;
    for (const stream of this.streams) stream.restarted(false, this.#world.timeMs);
  }

  get #isStale(): boolean {
    return this.staleUntilMs > this.#world.nowMs;
  }

  #behind(): number {
    return this.#isStale ? this.#random.whole(0, 2) : 0;
  }

  #stream(shard: number): Stream {
    return this.streams[shard] as Stream;
  }

  #batch(shard: number, seq: number, most: number): Batch {
    const stream = this.#stream(shard);
    const messages = stream.page(seq, most);
    return { messages, pending: stream.last - (messages.at(-1)?.seq ?? stream.last) };
  }

  #grown(shard: number): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting[shard] ?? [];
      this.#waiting[shard] = waiting;
      waiting.push(resolve);
      this.#world.after(QUIET_MS, this.#life, resolve);
    });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#world.after(ms * this.#random.between(0.5, 2), this.#life, resolve);
    });
  }

  #syncLater(life: Life): void {
    this.#world.after(SYNC_EVERY_MS, life, () => {
      for (const stream of this.streams) stream.synced = stream.last;
      this.bucket.sync();
      this.#syncLater(life);
    });
  }
}
