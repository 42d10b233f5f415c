import type { ActorKey, HoldId, OwnerId } from '../ids.ts';
import type { HomeName } from './acts.ts';
import { KEPT_MS } from './orders.ts';

/** One line of an order as it was routed. */
export type RoutedLine = readonly [home: HomeName, sku: ActorKey, qty: number];

/** Where an order went whose warehouses were chosen at this point. */
export interface RoutedOrder {
  readonly lines: readonly RoutedLine[];
  /** When it was promised to be there, epoch ms. */
  readonly promiseAtMs: number;
  readonly atMs: number;
  /** `soft`: set aside, and free to go elsewhere once that has ended. */
  readonly state: 'soft' | 'sold' | 'cancelled';
}

export type KnownRouted = readonly [key: string, order: RoutedOrder];

/**
 * Orders that were routed here, for as long as they may be sent again. One that is sent again may be routed to another
 * warehouse, whose home knows nothing of it: so the point has to know. Oldest first, by time of record.
 */
export class RoutedOrders {
  readonly #known = new Map<string, RoutedOrder>();

  of(owner: OwnerId, order: HoldId): RoutedOrder | undefined {
    return this.#known.size === 0 ? undefined : this.#known.get(keyOf(owner, order));
  }

  remember(owner: OwnerId, order: HoldId, routed: RoutedOrder): void {
    const key = keyOf(owner, order);
    this.#known.delete(key);
    this.restore([key, routed]);
    for (const [old, { atMs }] of this.#known) {
      if (atMs + KEPT_MS > routed.atMs) return;
      this.#known.delete(old);
    }
  }

  /** What was set aside is sold, or what was sold is cancelled. */
  become(owner: OwnerId, order: HoldId, state: 'sold' | 'cancelled'): void {
    const known = this.of(owner, order);
    if (known !== undefined) this.restore([keyOf(owner, order), { ...known, state }]);
  }

  all(): Iterable<KnownRouted> {
    return this.#known;
  }

  /** Puts one there as a snapshot had it. Call in the order of {@link all}. */
  restore([key, order]: KnownRouted): void {
    this.#known.set(key, order);
  }
}

const keyOf = (owner: OwnerId, order: HoldId): string => `${owner}/${order}`;
