import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import type { Logger } from 'pino';
import type { Clock } from '../../engine/clock.ts';
import { messageOfError } from '../../engine/errors.ts';
import { Nap } from '../../engine/nap.ts';
import { journalStream } from '../../engine/subjects.ts';
import type { Bounds } from '../source.ts';

export interface RegionLinkOptions {
  readonly region: string;
  readonly shards: number;
  /** Of the hub, which keeps the copies. */
  readonly hub: JetStreamManager;
  /** Of the region, over the link. */
  readonly origin: JetStreamManager;
  readonly clock: Clock;
  readonly log: Logger;
  /** The stream sequence up to which a shard's history is on disk. */
  durable(shard: number): number;
}

/** What was last seen of one shard on both ends of the link. */
export interface Look {
  /** Monotonic ms: `origin` has all that was committed by then. */
  readonly atMs: number;
  /** Of the region's own stream, 0 where there is none yet. */
  readonly origin: Bounds;
  readonly copy: Bounds;
  /** The copy still lacks what the region had at the look before this one. */
  readonly isBehind: boolean;
}

/** A look takes a few small requests to each side. How old an idle region's figures may seem. */
const LOOK_MS = 500;
const LOOKS_A_TRIM = 120;
/** Hub and region are often started together: before this nobody is told that the other is not there yet, ms. */
const FIRST_MS = 5_000;
const EMPTY: Bounds = { first: 0, last: 0 };

/**
 * The link to one region: makes the hub's copies of its journals, and looks
 * several times a second whether they keep up. A copy is a mirror, so a record
 * has the same sequence in both; one made of `sources` counts by itself, and
 * differs as soon as the region trims during a cut.
 */
export class RegionLink {
  readonly #options: RegionLinkOptions;
  readonly #nap: Nap;
  readonly #looks: (Look | undefined)[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #made = new Set<number>();
  #isUp: boolean | undefined;
  #startedMs = 0;
  #count = 0;
  #closed = false;
  #running: Promise<void> = Promise.resolve();

  constructor(options: RegionLinkOptions) {
    this.#options = options;
    this.#nap = new Nap(options.clock);
  }

  get region(): string {
    return this.#options.region;
  }

  /** Whether the region answered when it was last asked. */
  get isUp(): boolean {
    return this.#isUp === true;
  }

  start(): void {
    this.#startedMs = this.#options.clock.monoMs();
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#nap.wake();
    await this.#running;
  }

  /** Undefined while the region cannot be reached. */
  look(shard: number): Look | undefined {
    return this.#looks[shard];
  }

  /** Calls after every look. Returns what ends it. */
  onLook(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #run(): Promise<void> {
    const shards = Array.from({ length: this.#options.shards }, (_, shard) => shard);
    while (!this.#closed) {
      const all = shards.map((shard) => this.#lookAt(shard));
      const failed = (await Promise.allSettled(all)).find((one) => one.status === 'rejected');
      this.#say(failed && messageOfError(failed.reason));
      if (this.#count++ % LOOKS_A_TRIM === LOOKS_A_TRIM - 1) await this.#trim(shards);
      for (const listener of this.#listeners) listener();
      await this.#nap.for(LOOK_MS);
    }
  }

  /** The region first: what it has by then is what the copy is held against. */
  async #lookAt(shard: number): Promise<void> {
    const { origin: there, hub, clock, region } = this.#options;
    const before = this.#looks[shard];
    const stream = journalStream(region, shard);
    try {
      if (!this.#made.has(shard)) await this.#makeCopy(shard);
      const atMs = clock.monoMs();
      const origin = (await boundsOf(there, stream)) ?? EMPTY;
      const copy = await boundsOf(hub, stream);
      if (copy === undefined) this.#made.delete(shard);
      const isBehind = before !== undefined && (copy ?? EMPTY).last < before.origin.last;
      this.#looks[shard] = { atMs, origin, copy: copy ?? EMPTY, isBehind };
    } catch (e) {
      this.#looks[shard] = undefined;
      throw e;
    }
  }

  async #makeCopy(shard: number): Promise<void> {
    const { hub, region } = this.#options;
    const name = journalStream(region, shard);
    if ((await boundsOf(hub, name)) === undefined) {
      await hub.streams.add({
        name,
        mirror: { name, external: { api: `$JS.${region}.API`, deliver: '' } },
        storage: StorageType.File,
        retention: RetentionPolicy.Limits,
        discard: DiscardPolicy.New,
        allow_direct: false,
      });
    }
    this.#made.add(shard);
  }

  /** A copy keeps what the region keeps, and what is not on disk here. */
  async #trim(shards: readonly number[]): Promise<void> {
    const { hub, region, durable } = this.#options;
    for (const shard of shards) {
      const look = this.#looks[shard];
      if (look === undefined || look.copy.last === 0) continue;
      const below = Math.min(look.origin.first, look.copy.last, durable(shard));
      if (below <= look.copy.first) continue;
      await hub.streams.purge(journalStream(region, shard), { seq: below }).catch(() => {}); // next time
    }
  }

  #say(why: string | undefined): void {
    const { log, region, clock } = this.#options;
    const isUp = why === undefined;
    const isEarly = this.#isUp === undefined && clock.monoMs() - this.#startedMs < FIRST_MS;
    if (isUp === this.#isUp || (!isUp && isEarly)) return;
    if (isUp && this.#isUp !== undefined) log.info({ region }, 'the region can be reached again');
    if (!isUp) log.warn({ region, why }, 'the region cannot be reached; its figures grow older');
    this.#isUp = isUp;
  }
}

/** Undefined where there is no such stream. */
async function boundsOf(jsm: JetStreamManager, stream: string): Promise<Bounds | undefined> {
  try {
    const { state } = await jsm.streams.info(stream);
    return { first: state.first_seq, last: state.last_seq };
  } catch (e) {
    const isAbsent = e instanceof JetStreamApiError && e.code === JetStreamApiCodes.StreamNotFound;
    if (isAbsent) return undefined;
    throw e;
  }
}
