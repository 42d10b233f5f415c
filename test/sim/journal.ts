import { ShardStopped } from '../../engine/errors.ts';
import type { Appended, Journal, Stored } from '../../engine/journal/journal.ts';
import { LIMITS } from '../../engine/limits.ts';
import type { Nats } from './nats.ts';
import type { Network } from './network.ts';
import type { Life, World } from './world.ts';

/** How long nats.js waits for JetStream's answer, ms. */
export const API_MS = 2_000;
const PAGE = 64;

/** One shard's journal as a process sees it: over the network, so anything may be lost or late. */
export class SimJournal implements Journal {
  readonly #world: World;
  readonly #network: Network;
  readonly #nats: Nats;
  readonly #life: Life;
  readonly #shard: number;

  constructor(world: World, network: Network, nats: Nats, life: Life, shard: number) {
    this.#world = world;
    this.#network = network;
    this.#nats = nats;
    this.#life = life;
    this.#shard = shard;
  }

  async append(bytes: Uint8Array, id: string, expected: number): Promise<Appended> {
    const by = this.#life.id;
    try {
      return await this.#network.call(this.#life, this.#nats, LIMITS.publishMs, () =>
        this.#nats.append(this.#shard, bytes, id, expected, by),
      );
    } catch (e) {
      return { kind: 'unknown', why: String(e) };
    }
  }

  last(): Promise<Stored | undefined> {
    return this.#ask(() => this.#nats.lastOf(this.#shard));
  }

  firstFrom(seq: number): Promise<Stored | undefined> {
    return this.#ask(() => this.#nats.firstFrom(this.#shard, Math.max(1, seq)));
  }

  /** What there is from `seq` on, not more than `most`. */
  page(seq: number, most: number): Promise<Stored[]> {
    return this.#ask(() => this.#nats.page(this.#shard, seq, most));
  }

  async *read(from: number, to: number): AsyncIterable<Stored> {
    for (let next = from; next <= to; ) {
      const page = await this.page(next, PAGE);
      if (page.length === 0) await this.#wait(20);
      for (const stored of page) {
        if (next > to) return;
        if (stored.seq !== next) {
          throw new ShardStopped(`journal goes from record ${next - 1} to ${stored.seq}`);
        }
        next++;
        yield stored;
      }
    }
  }

  async trim(seq: number): Promise<void> {
    const last = await this.last();
    if (last === undefined) return;
    await this.#ask(() => this.#nats.trim(this.#shard, Math.min(seq, last.seq)));
  }

  #ask<T>(serve: () => T): Promise<T> {
    return this.#network.call(this.#life, this.#nats, API_MS, serve);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#world.after(ms, this.#life, resolve);
    });
  }
}
