import type { ActorKey, HoldId } from '../ids.ts';
import { orderKey } from './point.ts';

/** An order may be sent again so long after its sale came home, ms. */
export const KEPT_MS = 3 * 24 * 3_600_000;

/** One order of one SKU: where its hold came from, and when. */
export type KnownOrder = readonly [key: string, source: string, atMs: number];

/**
 * Orders that came home from selling points, for as long as they may be sent again: longer than
 * a stock actor knows of holds that have ended. Oldest first, by time of record.
 */
export class Orders {
  readonly #known = new Map<string, { readonly source: string; readonly atMs: number }>();

  get size(): number {
    return this.#known.size;
  }

  sourceOf(sku: ActorKey, order: HoldId): string | undefined {
    return this.#known.get(orderKey(order, sku))?.source;
  }

  remember(sku: ActorKey, order: HoldId, source: string, atMs: number): void {
    this.restore([orderKey(order, sku), source, atMs]);
    for (const [key, known] of this.#known) {
      if (known.atMs + KEPT_MS > atMs) return;
      this.#known.delete(key);
    }
  }

  *all(): Iterable<KnownOrder> {
    for (const [key, { source, atMs }] of this.#known) yield [key, source, atMs];
  }

  /** Puts one there as a snapshot had it. Call in the order of {@link all}. */
  restore([key, source, atMs]: KnownOrder): void {
    this.#known.set(key, { source, atMs });
  }
}
