import { type ActorKey, type HoldId, type OwnerId, parseActorKey } from '../actors/ids.ts';
import type { RightsCommand } from '../actors/rights/acts.ts';
import { BLANK, NO_MORE, type StockCommand } from '../actors/stock/commands.ts';
import type { Accepted } from '../actors/stock/stockroom.ts';

/** A soft part, or a batch, whose time may have come. What is stale by then is skipped by the actor. */
export interface Due {
  readonly atMs: number;
  /** {@link NO_ACTOR} where it is an order that a selling point has set rights aside for. */
  readonly key: ActorKey;
  /** '' where it is a batch. */
  readonly hold: HoldId | '';
  /** Of an order, its owner. */
  readonly batch: string;
}

export const NO_ACTOR = '' as ActorKey;

/** Soft holds and batches by expiry: a binary heap, earliest first. Derived from state, never stored. */
export class Expiry {
  readonly #heap: Due[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** Earliest expiry, epoch ms, or undefined when none is set. */
  next(): number | undefined {
    return this.#heap[0]?.atMs;
  }

  add(due: Due): void {
    const heap = this.#heap;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#at(parent) <= due.atMs) break;
      heap[at] = heap[parent] as Due;
      at = parent;
    }
    heap[at] = due;
  }

  /** Takes out what is due by `nowMs`, at most `most`. */
  take(nowMs: number, most: number): Due[] {
    const due: Due[] = [];
    while (due.length < most && this.#heap.length > 0 && this.#at(0) <= nowMs)
      due.push(this.#pop());
    return due;
  }

  #at(i: number): number {
    return (this.#heap[i] as Due).atMs;
  }

  #pop(): Due {
    const heap = this.#heap;
    const top = heap[0] as Due;
    const last = heap.pop() as Due;
    if (heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#at(child + 1) < this.#at(child)) child++;
      if (this.#at(child) >= last.atMs) break;
      heap[at] = heap[child] as Due;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

/** The shard's own command to end what has run out. */
export function expiryOf({ key, hold, batch }: Due, shard: number): StockCommand | RightsCommand {
  if (key === NO_ACTOR) {
    const act = { act: 'expire', owner: batch as OwnerId, order: hold as HoldId } as const;
    return { op: 'rights', shard, at: 'point', point: '', act };
  }
  const { owner, sku, warehouse } = parseActorKey(key);
  const about = { key, owner, sku, warehouse };
  if (hold !== '') return { op: 'expire', ...about, ...BLANK, hold };
  return { op: 'outdate', ...about, ...BLANK, more: { ...NO_MORE, lot: { batch } } };
}

/** Of a batch on very many lines: there is more of it to be taken out of sale. */
export const isPart = ({ key, batch }: Due, { changes }: Pick<Accepted, 'changes'>): boolean =>
  key !== NO_ACTOR &&
  batch !== '' &&
  changes.every(({ event }) => event.detail?.batch === undefined);
