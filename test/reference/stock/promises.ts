import type { LotFilter } from '../../../actors/stock/lot.ts';
import {
  fits,
  heapName,
  heapsOf,
  isClaimed,
  isNameless,
  type Piece,
  type RefHold,
  unpin,
} from './goods.ts';
import { HARD, Shelves } from './shelves.ts';

/** Who gets pieces, and who loses them. */
export class Promises extends Shelves {
  /**
   * `taken` leave sale by `go`. Who was promised just these gets others like them where any are free,
   * the oldest promise first; where too few were free, the newest of the other promises lose theirs.
   */
  leaveSale(quality: number, taken: readonly Piece[], go: () => void): void {
    const before = this.free(quality);
    const lost = unpin(taken, this.pieces, undefined);
    const pins = [...lost.values()].flat().length;
    go();
    let beyond = Math.max(0, taken.length - pins - before);
    for (const hold of this.open().toReversed()) {
      if (hold.quality !== quality || hold.want !== undefined) continue;
      const its = Math.min(beyond, hold.backed);
      hold.backed -= its;
      beyond -= its;
    }
    let left = Math.max(0, before - (taken.length - pins));
    for (const hold of this.open()) {
      const its = lost.get(hold)?.length ?? 0;
      if (its > 0) left -= this.promise(hold, Math.min(left, its));
    }
  }

  /**
   * S9: freed pieces of that quality, and those that were available before, go to who waits: in the order
   * of acceptance; to who is pinned only such as he wants, as the product chose them.
   */
  serve(
    quality: number,
    freed: number,
    before: number,
    own: ReadonlyMap<RefHold, readonly Piece[]> = new Map(),
    leaving?: RefHold,
  ): undefined {
    let left = freed + before;
    for (const hold of this.open()) {
      const waiting = this.waiting(hold);
      if (hold === leaving || hold.quality !== quality || waiting === 0 || left <= 0) continue;
      if (hold.want === undefined) {
        const qty = Math.min(left, waiting);
        hold.backed += qty;
        left -= qty;
      } else {
        left -= this.promise(hold, Math.min(left, waiting), own.get(hold));
      }
    }
    return undefined;
  }

  /** A pinned hold gets pieces like those it wants: as it was told, and as many as there are. */
  promise(hold: RefHold, most: number, own: readonly Piece[] = []): number {
    const got = this.got(hold, most, own);
    let left = most;
    for (const [name, qty] of got) {
      for (let i = 0; i < qty; i++) {
        const heap = this.sold(hold.quality).filter((p) => heapName(p) === name);
        const piece = this.canHave(hold, heap);
        if (piece === undefined || left === 0) throw new Error(`${hold.id} got ${qty} of ${name}`);
        this.pin(hold, piece);
        left--;
      }
    }
    const [lacks] = this.couldHave(hold, left);
    if (lacks !== undefined && this.told !== undefined)
      throw new Error(`${hold.id} did not get ${lacks}`);
    return most - left;
  }

  /** Pieces by heap, but for those that went along with it, or came back. */
  got(hold: RefHold, most: number, own: readonly Piece[]): Map<string, number> {
    if (this.told === undefined) return this.couldHave(hold, most)[1];
    const got = new Map<string, number>();
    const add = (name: string, qty: number): void => {
      got.set(name, (got.get(name) ?? 0) + qty);
    };
    for (const { hold: id, heap, qty } of this.told) if (id === hold.id && qty > 0) add(heap, qty);
    for (const piece of own) add(heapName(piece), -1);
    return got;
  }

  /** A piece of a heap that the hold may be promised. */
  canHave(hold: RefHold, heap: readonly Piece[]): Piece | undefined {
    if (heap.every((p) => p.pin !== undefined)) return undefined;
    return heap.find(
      (p) => isLike(p, hold) && !isClaimed(p) && (!hold.isNamed || hold.names.includes(p.serial)),
    );
  }

  /** What more it could be promised, in whole boxes: a heap, and all of them. */
  couldHave(hold: RefHold, most: number): [string | undefined, Map<string, number>] {
    const all = new Map<string, number>();
    let left = most;
    for (const { name, pieces, one } of heapsOf(this.sold(hold.quality))) {
      const free = pieces.filter((p) => p.pin === undefined).length;
      if (!isLike(one, hold)) continue;
      const claims = pieces.filter((p) => hold.names.includes(p.serial) && !isClaimed(p)).length;
      const units = Math.min(left, free, hold.isNamed ? claims : free);
      const whole = one.box > 0 ? units - (units % one.box) : units;
      if (whole > 0) all.set(name, whole);
      left -= whole;
    }
    return [[...all.keys()][0], all];
  }

  /** It, or where serials do not matter as good a one of its heap, is promised to the hold. */
  pin(hold: RefHold, piece: Piece): void {
    const other = piece.pin;
    if (other === undefined) {
      piece.pin = hold;
      return;
    }
    const name = heapName(piece);
    const spare = this.pieces.find((p) => p.pin === undefined && heapName(p) === name) as Piece;
    spare.pin = hold.isNamed ? other : hold;
    if (hold.isNamed) piece.pin = hold;
  }

  /** Pieces that a pinned hold gives up: as it was told, and no longer promised to it. */
  givenUp(hold: RefHold, qty: number): Piece[] {
    const its = this.pieces.filter((p) => p.pin === hold);
    if (hold.isNamed) {
      return hold.names.flatMap((s) => its.filter((p) => p.serial === s)).slice(0, qty);
    }
    if (this.told === undefined) return its.slice(0, qty);
    const given = this.told.flatMap(({ hold: id, heap, qty: units }) => {
      if (id !== hold.id || units > 0) return [];
      return its.filter((p) => heapName(p) === heap).slice(0, -units);
    });
    if (given.length !== qty) throw new Error(`${hold.id} gave up ${given.length} of ${qty}`);
    return given;
  }

  /** Unpicked pieces that it has no more. */
  giveUp(hold: RefHold, qty: number, serials: readonly string[]): void {
    if (hold.want === undefined) {
      hold.backed -= qty;
      return;
    }
    const its = this.pieces.filter((p) => p.pin === hold);
    const gone =
      serials.length > 0 ? its.filter((p) => serials.includes(p.serial)) : this.givenUp(hold, qty);
    for (const piece of gone) piece.pin = undefined;
    this.forget(hold, gone);
  }

  forget(hold: RefHold, gone: readonly Piece[]): void {
    hold.names = hold.names.filter((s) => !gone.some((p) => p.serial === s));
  }

  /** Soft promises go first, the earliest expiry first. */
  unpromise(hold: RefHold, qty: number): void {
    hold.promises.sort((a, b) => a - b).splice(0, qty);
  }

  pickable(hold: RefHold): number {
    return Math.min(hold.promises.filter((p) => p === HARD).length, this.backed(hold));
  }
}

const ANY: LotFilter = {};

/** Whether a hold that is pinned would do with such a piece. */
export const isLike = (p: Piece, { want, isNamed }: RefHold): boolean =>
  fits(p, want ?? ANY) && (isNamed || !isNameless(p));
