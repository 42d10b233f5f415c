import type { Stored } from '../../engine/journal/journal.ts';
import type { Random } from './random.ts';

export interface Batch {
  readonly messages: readonly Stored[];
  /** Messages after these. */
  readonly pending: number;
}

/** As much of a server as a consumer of it needs. */
export interface Feed {
  /** Records of the stream from `seq` on, and how many there are in all. */
  from(seq: number, most: number): Batch;
  /** Resolves when the stream has grown, or after a while; never if the server is killed. */
  grown(): Promise<void>;
}

const MOST = 25;

/** One consumer as the server keeps it. Delivers at least once, mostly in order; now and then it passes one over. */
export class Consumer {
  readonly #feed: Feed;
  readonly #random: Random;
  readonly #start: number;
  #next: number;
  #request = 0;

  constructor(feed: Feed, random: Random, start: number) {
    this.#feed = feed;
    this.#random = random;
    this.#start = start;
    this.#next = start;
  }

  /** What is there, or comes within a while. Requests are numbered: of what TCP brings, nothing comes twice. */
  async next(request: number): Promise<Batch> {
    if (request <= this.#request) return new Promise(() => {});
    this.#request = request;
    if (this.#random.chance(0.02)) this.#next = Math.max(this.#start, this.#next - 3);
    if (this.#random.chance(0.003)) this.#passOver();
    let batch = this.#feed.from(this.#next, MOST);
    if (batch.messages.length === 0) {
      await this.#feed.grown();
      batch = this.#feed.from(this.#next, MOST);
    }
    const last = batch.messages.at(-1);
    if (last !== undefined) this.#next = last.seq + 1;
    return batch;
  }

  /** Not at its beginning, and not the end of the stream: that is believed, or waited for. */
  #passOver(): void {
    const isBetween = this.#next > this.#start + 1 && this.#feed.from(this.#next, 2).messages[1];
    if (isBetween) this.#next++;
  }
}
