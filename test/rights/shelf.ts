import type { Figures } from '../../actors/rights/backing.ts';
import type { Stock } from '../../actors/rights/home.ts';
import { type ByKind, KINDS, none } from '../../actors/rights/pools.ts';

/** A promise as the simplest stock actor keeps it. Never forgotten. */
export interface ShelfHold {
  readonly source: string;
  /** Units that were ever put into it: more than were sold means that a sale counted twice. */
  orig: number;
  readonly units: ByKind;
  shipped: number;
  gone: number;
}

/** The simplest stock of one SKU that home can work with: counters and a list of holds. */
export interface Shelf {
  qualified: number;
  inTransit: number;
  oversellCap: number;
  safety: number;
  /** Oldest promise first. */
  holds: Map<string, ShelfHold>;
  /** Rights out, as home told it change by change. */
  granted: ByKind;
  came: number;
  shipped: number;
  lost: number;
  movedOut: number;
  released: number;
}

export const emptyShelf = (): Shelf => ({
  ...{ qualified: 0, inTransit: 0, oversellCap: 0, safety: 0, holds: new Map(), granted: none() },
  ...{ came: 0, shipped: 0, lost: 0, movedOut: 0, released: 0 },
});

export function heldIn(shelf: Shelf): ByKind {
  const held = none();
  for (const { units } of shelf.holds.values()) {
    for (const kind of KINDS) held[kind] += units[kind];
  }
  return held;
}

/** Ends up to `most` units of a hold, of these kinds in turn. */
export function release(
  shelf: Shelf,
  order: string,
  most = Number.POSITIVE_INFINITY,
  kinds: readonly (keyof ByKind)[] = ['oversell', 'presale', 'stock'],
): void {
  const hold = shelf.holds.get(order);
  let left = most;
  for (const kind of hold === undefined ? [] : kinds) {
    const qty = Math.min(left, (hold as ShelfHold).units[kind]);
    (hold as ShelfHold).units[kind] -= qty;
    (hold as ShelfHold).gone += qty;
    shelf.released += qty;
    left -= qty;
  }
}

/** Ships what of a hold is on the shelf. Returns the units. */
export function ship(shelf: Shelf, order: string): number {
  const hold = shelf.holds.get(order);
  if (hold === undefined) return 0;
  const qty = Math.min(hold.units.stock, shelf.qualified);
  hold.units.stock -= qty;
  hold.shipped += qty;
  shelf.qualified -= qty;
  shelf.shipped += qty;
  return qty;
}

export function putHold(shelf: Shelf, order: string, source: string, units: ByKind): void {
  const hold = shelf.holds.get(order) ?? { source, orig: 0, units: none(), shipped: 0, gone: 0 };
  for (const kind of KINDS) {
    hold.units[kind] += units[kind];
    hold.orig += units[kind];
  }
  shelf.holds.set(order, hold);
}

export const stockOf = (shelf: Shelf): Stock => ({
  figures(): Figures {
    const { qualified, inTransit, oversellCap, safety } = shelf;
    return { qualified, inTransit, oversellCap, safety, held: heldIn(shelf) };
  },
  sourceOf: (order) => shelf.holds.get(order)?.source,
  hold(order, source, units, out) {
    putHold(shelf, order, source, { ...units });
    for (const kind of KINDS) shelf.granted[kind] -= out[kind];
  },
  cancel: (order) => release(shelf, order),
  serve(kind, qty) {
    let left = qty;
    for (const { units } of shelf.holds.values()) {
      const some = Math.min(left, units[kind]);
      units[kind] -= some;
      units.stock += some;
      left -= some;
    }
    if (left > 0) throw new Error(`${left} of ${qty} ${kind} units to serve are not there`);
  },
  granted(change) {
    for (const kind of KINDS) shelf.granted[kind] += change[kind];
  },
});
