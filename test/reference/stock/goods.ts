import type { LotFilter } from '../../../actors/stock/lot.ts';

/*
 * The reference's goods: each piece is one object. It knows nothing of how actors/ does it. Pieces
 * that nothing tells apart lie together: a heap. Which pieces of a heap a promise has is all the
 * same, but for those that it was promised by their serial.
 */

export type Place = 'shelf' | 'waits' | 'picked' | 'packed';

export interface Piece {
  quality: number;
  place: Place;
  /** On the shelf, and kept from sale: why. */
  why: string;
  location: string;
  container: string;
  batch: string;
  /** It lies in a closed box of so many; 0 for a loose one. */
  box: number;
  fnsku: string;
  serial: string;
  /** Who has picked it. */
  holder: RefHold | undefined;
  /** Who was promised just this one. */
  pin: RefHold | undefined;
  /** When the first of its heap came. */
  since: number;
}

export interface RefHold {
  readonly id: string;
  readonly order: number;
  readonly quality: number;
  readonly doc: string;
  /** One expiry for each piece that is promised and not picked; Infinity for a hard one. */
  promises: number[];
  /** Pieces behind them; of one that is pinned, those are told one by one. */
  backed: number;
  /** What it was promised, where that is not just any. */
  want: LotFilter | undefined;
  /** Serials that it named and has not given up. */
  names: string[];
  isNamed: boolean;
  shipped: number;
  ended: string;
}

export interface Refusal {
  readonly code: string;
  readonly asked: number;
  readonly available: number;
  /** Refusals that would be told as rightly. */
  readonly or?: readonly Refusal[];
}

export const refusal = (code: string, asked = 0, available = -1): Refusal => ({
  ...{ code, asked, available },
});

const STAGES = ['shelf', 'waits', 'picked', 'packed'];

/** What tells a heap from others, as text. */
export const heapName = (p: Piece): string =>
  [
    ...[STAGES.indexOf(p.place), p.quality, p.why, p.location, p.container, p.batch],
    ...[p.box === 0 ? '' : p.box, p.fnsku, p.holder?.id ?? ''],
  ].join('|');

export interface Heap {
  readonly name: string;
  readonly pieces: readonly Piece[];
  /** One of them. */
  readonly one: Piece;
  readonly isNameless: boolean;
}

/** Nothing is known of it. */
export const isNameless = (p: Piece): boolean =>
  `${p.why}${p.location}${p.container}${p.batch}${p.fnsku}` === '' && p.box === 0;

export function heapsOf(pieces: readonly Piece[]): Heap[] {
  const byName = new Map<string, Piece[]>();
  for (const piece of pieces) {
    const name = heapName(piece);
    const heap = byName.get(name);
    if (heap === undefined) byName.set(name, [piece]);
    else heap.push(piece);
  }
  return [...byName].map(([name, of]) => {
    const one = of[0] as Piece;
    return { name, pieces: of, one, isNameless: isNameless(one) };
  });
}

export const fits = (p: Piece, want: LotFilter): boolean =>
  Object.entries(want).every(([field, value]) => p[field as keyof Piece] === value);

export const pinned = (heap: Heap): number => heap.pieces.filter((p) => p.pin !== undefined).length;

/** Promised by its serial. */
export const isClaimed = (p: Piece): boolean => p.pin?.isNamed === true;

/** What a step may take of pieces that are promised to others. */
export interface Beyond {
  readonly may: (hold: RefHold, heap: Heap) => boolean;
}

/**
 * Takes `qty` pieces from heaps, in that order; of a part of a heap only such that have no
 * serial, and only whole boxes. `may` is how many of a heap's are nobody else's.
 */
export function takeUnnamed(
  heaps: readonly Heap[],
  qty: number,
  may: (heap: Heap) => number,
  beyond: Beyond | undefined,
): Piece[] | Refusal {
  const taken = new Map<Heap, number>();
  const seen = { serial: false, box: false, pin: false };
  let left = qty;
  const pass = (most: (heap: Heap) => number): void => {
    for (const heap of heaps) {
      if (left === 0) return;
      const had = taken.get(heap) ?? 0;
      const rest = heap.pieces.length - had;
      const serials = heap.pieces.filter((p) => p.serial !== '').length;
      let units = Math.min(left, most(heap) - had);
      if (units > rest - serials && units !== rest) {
        seen.serial = true;
        units = Math.max(0, rest - serials);
      }
      const { box } = heap.one;
      if (box > 0 && units % box > 0) {
        seen.box = true;
        units -= units % box;
      }
      if (pinned(heap) > 0) seen.pin = true;
      if (units <= 0) continue;
      left -= units;
      taken.set(heap, had + units);
    }
  };
  pass(may);
  if (beyond !== undefined && left > 0) pass((heap) => may(heap) + movable(heap, beyond));
  if (left === 0) return [...taken].flatMap(([heap, units]) => someOf(heap, units));
  const code = seen.serial ? 'serial_needed' : seen.box ? 'box_closed' : undefined;
  return refusal(code ?? (seen.pin ? 'line_pinned' : 'wrong_place'), qty, qty - left);
}

/** Of the pieces of a heap that are promised, those that may go: all, or such that no serial tells apart. */
function movable(heap: Heap, { may }: Beyond): number {
  const promised = heap.pieces.filter((p) => p.pin !== undefined);
  if (promised.every((p) => may(p.pin as RefHold, heap))) return promised.length;
  return promised.filter((p) => !isClaimed(p) && may(p.pin as RefHold, heap)).length;
}

/** All of them, or so many without serials. */
function someOf({ pieces }: Heap, units: number): Piece[] {
  if (units === pieces.length) return [...pieces];
  return pieces.filter((p) => p.serial === '').slice(0, units);
}

/** Takes the pieces with those serials; each must be one `at` which the step looks. */
export function takeNamed(
  all: readonly Piece[],
  serials: readonly string[],
  at: (p: Piece) => boolean,
  own: RefHold | undefined,
  may: (heap: Heap) => number,
  beyond: Beyond | undefined,
): Piece[] | Refusal {
  const heaps = heapsOf(all);
  const byHeap = new Map<Heap, Piece[]>();
  for (const serial of serials) {
    const piece = all.find((p) => p.serial === serial);
    if (piece === undefined || !at(piece)) return refusal('serial_unknown', serials.length);
    const heap = heaps.find((h) => h.pieces.includes(piece)) as Heap;
    const holder = isClaimed(piece) ? (piece.pin as RefHold) : own;
    if (holder !== own && beyond?.may(holder as RefHold, heap) !== true) {
      return refusal('serial_held', serials.length);
    }
    byHeap.set(heap, [...(byHeap.get(heap) ?? []), piece]);
  }
  for (const [heap, pieces] of byHeap) {
    const claimed = beyond === undefined ? 0 : pieces.filter(isClaimed).length;
    const others = heap.pieces.filter(
      (p) => p.pin !== undefined && !isClaimed(p) && beyond?.may(p.pin, heap) === true,
    ).length;
    const can = claimed + may(heap) + others;
    if (pieces.length > can) return refusal('line_pinned', pieces.length, can);
    const { box } = heap.one;
    if (box > 0 && pieces.length % box > 0) return refusal('box_closed', pieces.length);
  }
  return [...byHeap.values()].flat();
}

/**
 * Whose pieces were taken: those promised by serial; of the others that are promised as many as had
 * to be, the newest promise first. The rest of each heap stays promised to whom it was. `own` takes its own.
 */
export function unpin(
  taken: readonly Piece[],
  all: readonly Piece[],
  own: RefHold | undefined,
  may: Beyond['may'] = () => true,
): Map<RefHold, Piece[]> {
  const losers = new Map<RefHold, Piece[]>();
  const lose = (hold: RefHold, piece: Piece): void => {
    losers.set(hold, [...(losers.get(hold) ?? []), piece]);
    piece.pin = undefined;
  };
  for (const heap of heapsOf(all)) {
    const gone = heap.pieces.filter((p) => taken.includes(p));
    if (gone.length === 0) continue;
    const free = heap.pieces.length - pinned(heap);
    const plain = gone.filter((p) => !isClaimed(p));
    for (const piece of gone) if (isClaimed(piece)) lose(piece.pin as RefHold, piece);
    const promised = heap.pieces.filter((p) => p.pin !== undefined && !isClaimed(p));
    const pins = promised.map((p) => p.pin as RefHold).sort((a, b) => b.order - a.order);
    for (const piece of promised) piece.pin = undefined;
    for (let i = own === undefined ? free : 0; i < plain.length; i++) {
      const at = pins.findIndex((hold) => (own === undefined ? may(hold, heap) : hold === own));
      if (at < 0) throw new Error(`${heap.name}: nobody to lose it`);
      lose(...([pins.splice(at, 1)[0], plain[i]] as [RefHold, Piece]));
    }
    const stay = heap.pieces.filter((p) => !gone.includes(p) && !isClaimed(p));
    for (const [i, hold] of pins.entries()) (stay[i] as Piece).pin = hold;
  }
  return losers;
}
