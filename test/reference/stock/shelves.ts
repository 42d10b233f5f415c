import type { More } from '../../../actors/stock/commands.ts';
import {
  type Beyond,
  fits,
  type Heap,
  heapsOf,
  isNameless,
  type Piece,
  type Place,
  type RefHold,
  type Refusal,
  refusal,
  takeNamed,
  takeUnnamed,
} from './goods.ts';

/** Where the rules leave a choice: a hold got promised so many pieces of a heap (> 0), or gave them up. */
export interface Told {
  readonly hold: string;
  readonly heap: string;
  readonly qty: number;
}

export interface RefBatch {
  readonly startMs: number;
  readonly expiresAtMs: number;
  readonly sellUntilMs: number;
  readonly kept: string;
}

/** Which pieces a step looks at. */
export interface At {
  readonly place: Place;
  readonly quality: number;
  readonly why?: string;
  readonly holder?: RefHold;
}

interface Options {
  readonly own?: RefHold | undefined;
  readonly beyond?: Beyond;
  readonly only?: (heap: Heap) => boolean;
}

export const HARD = Number.POSITIVE_INFINITY;

export const isRefusal = (v: unknown): v is Refusal =>
  typeof v === 'object' && v !== null && 'code' in v;

/** Pieces and promises of one SKU in one warehouse. Figures are counted, never kept. */
export class Shelves {
  pieces: Piece[] = [];
  /** In order of acceptance. */
  holds: RefHold[] = [];
  /** What is out as rights, while any are. */
  rights: RefHold | undefined;
  endings: string[] = [];
  batches: Record<string, RefBatch> = {};
  transit = [0, 0, 0, 0];
  safety = [0, 0, 0, 0];
  seq = 0;
  isThere = false;
  /** Undefined where nobody has chosen: then any choice will do. */
  told: readonly Told[] | undefined;

  figures(quality: number): Record<string, number> {
    const here = this.pieces.filter((p) => p.quality === quality);
    const at = (place: Place): number => here.filter((p) => p.place === place).length;
    const promises = this.open().filter((h) => h.quality === quality);
    const holds = promises.filter((h) => h !== this.rights);
    const kept = here.filter((p) => p.why !== '').length;
    const free = this.free(quality);
    const safetyHeld = Math.min(free, this.safety[quality] as number);
    return {
      onHand: here.length,
      allocated: holds.reduce((sum, h) => sum + this.backed(h), at('picked') + at('packed')),
      granted: quality === 0 ? (this.rights?.backed ?? 0) : 0,
      available: free - safetyHeld,
      picked: at('picked'),
      packed: at('packed'),
      blocked: at('waits') + kept,
      waiting: promises.reduce((sum, h) => sum + this.waiting(h), 0),
      inTransit: this.transit[quality] as number,
      safetyHeld,
    };
  }

  /** In order of acceptance; rights come last. */
  open(): RefHold[] {
    const open = this.holds.filter((h) => h.ended === '');
    return this.rights === undefined ? open : [...open, this.rights];
  }

  backed(h: RefHold): number {
    return h.want === undefined ? h.backed : this.pieces.filter((p) => p.pin === h).length;
  }

  waiting(h: RefHold): number {
    return h.promises.length - this.backed(h);
  }

  of(h: RefHold, place: Place): Piece[] {
    return this.pieces.filter((p) => p.holder === h && p.place === place);
  }

  /** On the shelf and not kept from sale, promised or not. */
  sold(quality: number): Piece[] {
    return this.pieces.filter((p) => p.quality === quality && p.place === 'shelf' && p.why === '');
  }

  free(quality: number): number {
    const holds = this.open().filter((h) => h.quality === quality);
    return holds.reduce((sum, h) => sum - this.backed(h), this.sold(quality).length);
  }

  available(quality: number): number {
    return Math.max(0, this.free(quality) - (this.safety[quality] as number));
  }

  find(id: string): RefHold | Refusal {
    const hold = this.holds.findLast((h) => h.id === id);
    if (hold === undefined) return refusal('unknown_hold');
    if (hold.ended === '') return hold;
    return refusal(hold.ended === 'shipped' ? 'already_shipped' : 'hold_ended');
  }

  /** By the policy where they are for sale, then by name; at last those of which nothing is known. */
  heaps({ place, quality, why = '', holder }: At, more: More, only: Options['only']): Heap[] {
    const pieces = this.pieces.filter(
      (p) => p.place === place && p.quality === quality && p.why === why && p.holder === holder,
    );
    const heaps = heapsOf(pieces).filter((h) => fits(h.one, more.lot) && (only?.(h) ?? true));
    const isChosen = place === 'shelf' && why === '';
    const rank = ({ one, pieces: of }: Heap): number[] => {
      if (!isChosen) return [];
      const expiry = this.batches[one.batch]?.expiresAtMs || HARD;
      if (more.policy === 'fefo') return [expiry, one.since];
      if (more.policy === 'fewest') return [-of.length];
      return [more.policy === 'fifo' ? one.since : -one.since];
    };
    const before = (a: Heap, b: Heap): number => {
      const [x, y] = [a, b].map((h) => [Number(h.isNameless), ...rank(h)]) as number[][];
      const at = (x as number[]).findIndex((v, i) => v !== y?.[i]);
      if (at < 0) return inText(a.one) < inText(b.one) ? -1 : 1;
      return (x?.[at] as number) < (y?.[at] as number) ? -1 : 1;
    };
    return heaps.sort(before);
  }

  take(at: At, qty: number, more: More, { own, beyond, only }: Options = {}): Piece[] | Refusal {
    const { serials, lot } = more;
    const may = ({ pieces }: Heap): number =>
      pieces.filter((p) => (own === undefined ? p.pin === undefined : p.pin === own)).length;
    if (serials.length === 0) {
      return takeUnnamed(this.heaps(at, more, only), qty, may, beyond);
    }
    if (serials.length !== qty) return refusal('serial_needed', qty, serials.length);
    const { place, quality, why = '', holder } = at;
    const isAt = (p: Piece): boolean =>
      p.place === place && p.quality === quality && p.why === why && p.holder === holder;
    const looked = (p: Piece): boolean => isAt(p) && fits(p, lot);
    return takeNamed(this.pieces, serials, looked, own, may, beyond);
  }

  /** They leave their heap, and come to another. */
  change(pieces: readonly Piece[], to: Partial<Piece>): void {
    for (const piece of pieces) {
      if (isNameless(piece)) piece.since = this.seq;
      Object.assign(piece, to);
    }
  }

  remove(gone: readonly Piece[]): void {
    this.pieces = this.pieces.filter((p) => !gone.includes(p));
  }

  mayBeSold(quality: number, batch: string): boolean {
    return quality !== 0 || (this.batches[batch]?.kept ?? '') === '';
  }
}

/** Heaps that rank the same, in the order of their names. */
const inText = ({ location, container, batch, box, fnsku }: Piece): string =>
  [location, container, batch, box === 0 ? '' : box, fnsku].join('\n');
