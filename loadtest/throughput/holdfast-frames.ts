import {
  batchFrame,
  eachFrames,
  isBatchReply,
  isOk,
  linesDone,
  type Reservation,
  reserveFrame,
} from '../scan/frames.ts';
import { skuOf } from '../scan/warehouse.ts';
import type { Load } from './lane.ts';
import { CONNECTIONS, goodsOf } from './shape.ts';

/** Makes the frames of one session, whatever carries them, and knows their replies. */
export class HoldfastFrames {
  readonly #index: number;
  readonly #name: string;
  #n: number;
  #load: Load = { depth: 1, skus: 1 };

  /** `name` begins its holds: no other session may use them. */
  constructor(index: number, name: string, nextN: number) {
    this.#index = index;
    this.#name = name;
    this.#n = nextN;
  }

  make(frames: number, load: Load): Uint8Array[] {
    this.#load = load;
    return Array.from({ length: frames }, () => this.#frame(load));
  }

  isGood(reply: Buffer): boolean {
    const { depth, columns } = this.#load;
    if (columns) return linesDone(reply) === depth;
    return depth === 1 ? isOk(reply) : isBatchReply(reply, depth);
  }

  #frame(load: Load): Uint8Array {
    const all = Array.from({ length: load.depth }, (_, i) => this.#command(load, i));
    if (load.columns) return eachFrames(all);
    const [first] = all;
    return first !== undefined && load.depth === 1 ? reserveFrame(first) : batchFrame(all);
  }

  #command(load: Load, i: number): Reservation {
    const isRelease = load.ends === true && i % 2 === 1;
    const n = this.#n++;
    const about = isRelease ? n - 1 : n;
    const sku = skuOf(goodsOf(about * CONNECTIONS + this.#index, load));
    const hold = `${this.#name}-${about}`;
    return { n, sku, hold, ...(isRelease ? { op: 'release' } : {}) };
  }
}
