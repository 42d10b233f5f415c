import type { StockCommand } from '../../../actors/stock/commands.ts';
import type { LotFilter } from '../../../actors/stock/lot.ts';
import {
  fits,
  type Heap,
  heapsOf,
  isNameless,
  type Piece,
  type Place,
  type RefHold,
  type Refusal,
  refusal,
  unpin,
} from './goods.ts';
import { isLike, Promises } from './promises.ts';
import { HARD, isRefusal } from './shelves.ts';

/** An ended hold is remembered until so many others have ended. */
const REMEMBERED = 16;
/** What may end a hold. */
const ENDING = ['expire', 'release', 'ship', 'cancel'];

/** Whether whole boxes come of it, heap by heap. */
export const inBoxes = (pieces: readonly Piece[], { box = 0 }: LotFilter): boolean =>
  box === 0 || heapsOf(pieces).every((heap) => heap.pieces.length % box === 0);

/** Steps on holds. */
export class HoldSteps extends Promises {
  reserve(c: StockCommand, nowMs: number): Refusal | undefined {
    if (this.holds.some((h) => h.id === c.hold)) return refusal('hold_exists');
    const { quality, more } = c;
    const { lot, serials } = more;
    const all = more.useSafety ? this.free(quality) : this.available(quality);
    const isLot = Object.keys(lot).length > 0;
    const like = this.sold(quality).filter(
      (p) => fits(p, lot) && !isNameless(p) && p.pin === undefined,
    );
    const can = isLot ? Math.min(all, like.length) : all;
    const mayLack = serials.length === 0 && ((c.partial && can > 0) || more.backorder);
    if (can < c.qty && !mayLack) return refusal('insufficient', c.qty, can);
    const backed = Math.min(c.qty, can);
    const until = c.ttlMs === 0 ? HARD : nowMs + c.ttlMs;
    const isPinned = isLot || serials.length > 0;
    const hold: RefHold = {
      ...{ id: c.hold, order: this.seq, quality, doc: c.doc, shipped: 0, ended: '' },
      promises: new Array(more.backorder ? c.qty : backed).fill(until),
      backed: isPinned ? 0 : backed,
      ...{ want: isPinned ? lot : undefined, names: [...serials], isNamed: serials.length > 0 },
    };
    if (isPinned) {
      const only = (heap: Heap): boolean => !heap.isNameless;
      const taken = this.take({ place: 'shelf', quality }, backed, more, { only });
      if (isRefusal(taken)) return taken;
      for (const piece of taken) this.pin(hold, piece);
    }
    this.holds.push(hold);
    return undefined;
  }

  reassign(c: StockCommand): Refusal | undefined {
    const from = this.find(c.more.fromHold);
    if (isRefusal(from)) return from;
    const into = this.holds.findLast((h) => h.id === c.hold);
    if (into !== undefined && into.ended !== '') return refusal('hold_ended');
    if (into !== undefined && into.quality !== from.quality) return refusal('hold_exists');
    const can = this.pickable(from);
    if (can < (c.qty || 1) && !(c.partial && can > 0))
      return refusal('insufficient', c.qty || 1, can);
    const qty = c.qty === 0 ? can : Math.min(c.qty, can);
    if (into !== undefined && (into.want === undefined) !== (from.want === undefined))
      return refusal('hold_exists');
    if (from.want !== undefined && (from.isNamed || into?.isNamed)) return refusal('serial_held');
    const given = from.want === undefined ? [] : this.givenUp(from, qty);
    if (into !== undefined && given.some((p) => !isLike(p, into))) return refusal('hold_exists');
    const to = into ?? {
      ...{ ...from, id: c.hold, order: this.seq, doc: c.doc, shipped: 0 },
      ...{ promises: [], backed: 0, names: [] },
    };
    if (into === undefined) this.holds.push(to);
    for (let i = 0; i < qty; i++) {
      from.promises.splice(from.promises.indexOf(HARD), 1);
      to.promises.push(HARD);
    }
    for (const piece of given) piece.pin = to;
    if (from.want === undefined) {
      from.backed -= qty;
      to.backed += qty;
    }
    return undefined;
  }

  onHold(c: StockCommand, nowMs: number): Refusal | undefined {
    const hold = this.find(c.hold);
    if (isRefusal(hold)) return hold;
    const refused = this.stage(c, hold, nowMs);
    const handled = this.pieces.filter((p) => p.holder === hold).length;
    if (refused === undefined && ENDING.includes(c.op) && hold.promises.length + handled === 0)
      this.ended(hold, c.op);
    return refused;
  }

  stage(c: StockCommand, hold: RefHold, nowMs: number): Refusal | undefined {
    const soft = hold.promises.filter((p) => p !== HARD).length;
    const [picked, packed] = [this.of(hold, 'picked').length, this.of(hold, 'packed').length];
    const all = hold.promises.length + picked + packed;
    switch (c.op) {
      case 'extend':
      case 'harden': {
        if (soft === 0) return refusal('hold_hard');
        if (c.qty > soft) return refusal('exceeds_hold', c.qty, soft);
        const qty = c.qty || soft;
        this.unpromise(hold, qty);
        for (let i = 0; i < qty; i++)
          hold.promises.push(c.op === 'harden' ? HARD : nowMs + c.ttlMs);
        return undefined;
      }
      case 'expire': {
        const due = hold.promises.filter((p) => p <= nowMs).length;
        return due === 0 ? refusal('hold_hard') : this.giveBack(hold, due, []);
      }
      case 'release': {
        const can = hold.promises.length;
        if (can < (c.qty || 1))
          return refusal(c.qty > all ? 'exceeds_hold' : 'already_picked', c.qty, can);
        const { serials } = c.more;
        const isIts = (s: string): boolean =>
          hold.isNamed && this.pieces.some((p) => p.pin === hold && p.serial === s);
        const qty = c.qty || can;
        if (!serials.every(isIts)) return refusal('serial_unknown', qty);
        if (serials.length > 0 && serials.length !== qty)
          return refusal('serial_needed', qty, serials.length);
        return this.giveBack(hold, qty, serials);
      }
      case 'pick':
        return this.pick(c, hold, soft);
      case 'short':
        return this.short(c, hold);
      case 'pack':
        if (picked < (c.qty || 1)) return refusal('not_picked', c.qty || all, picked);
        return this.onward(c, hold, 'picked', c.qty || picked);
      case 'ship':
        if (packed < (c.qty || 1)) return refusal('not_packed', c.qty || all, packed);
        return this.onward(c, hold, 'packed', c.qty || packed);
      case 'unpack': {
        if (packed < (c.qty || 1)) return refusal('not_packed', c.qty || 1, packed);
        const at = { place: 'packed', quality: hold.quality, holder: hold } as const;
        const taken = this.take(at, c.qty || packed, c.more);
        if (isRefusal(taken)) return taken;
        this.change(taken, { place: 'picked' });
        return undefined;
      }
      case 'unpick':
        if (picked < (c.qty || 1)) return refusal('not_picked', c.qty || 1, picked);
        return this.unpick(c, hold, c.qty || picked);
      case 'cancel':
        if (c.qty > all) return refusal('exceeds_hold', c.qty, all);
        return this.cancel(c, hold, c.qty || all);
      default:
        throw new Error(c.op);
    }
  }

  /** Those that wait go first, unless serials are told. */
  giveBack(hold: RefHold, qty: number, serials: readonly string[]): Refusal | undefined {
    const before = this.available(hold.quality);
    const waiting = serials.length > 0 ? 0 : Math.min(qty, this.waiting(hold));
    this.giveUp(hold, qty - waiting, serials);
    this.unpromise(hold, qty);
    return this.serve(hold.quality, qty - waiting, before, new Map(), hold);
  }

  /** What a hold's pick takes: of one that is pinned, its own. */
  ofHold(c: StockCommand, hold: RefHold, qty: number): Piece[] | Refusal {
    const at = { place: 'shelf', quality: hold.quality } as const;
    if (hold.want === undefined) return this.take(at, qty, c.more);
    const its = this.pieces.filter((p) => p.pin === hold);
    const only = (heap: Heap): boolean => heap.pieces.some((p) => p.pin === hold);
    if (!hold.isNamed) return this.take(at, qty, c.more, { own: hold, only });
    const held = its.map((p) => p.serial);
    if (!c.more.serials.every((s) => held.includes(s))) return refusal('serial_unknown', qty);
    const serials = c.more.serials.length > 0 ? c.more.serials : held;
    if (serials.length !== qty) return refusal('serial_needed', qty, 0);
    return this.take(at, qty, { ...c.more, serials }, { own: hold });
  }

  pick(c: StockCommand, hold: RefHold, soft: number): Refusal | undefined {
    const hard = hold.promises.length - soft;
    if (hard < (c.qty || 1)) {
      if (soft > 0 && c.qty <= hard + soft) return refusal('hold_soft');
      return refusal('exceeds_hold', c.qty || 1, hard);
    }
    const qty = c.qty || hard;
    const can = this.pickable(hold);
    if (can < qty) return refusal('awaits_stock', qty, can);
    const taken = this.ofHold(c, hold, qty);
    if (isRefusal(taken)) return taken;
    this.takeOwn(hold, taken);
    this.change(taken, { place: 'picked', holder: hold });
    hold.promises.sort((a, b) => a - b).splice(-qty);
    return undefined;
  }

  takeOwn(hold: RefHold, taken: readonly Piece[]): void {
    if (hold.want === undefined) hold.backed -= taken.length;
    unpin(taken, this.pieces, hold.want === undefined ? undefined : hold);
  }

  short(c: StockCommand, hold: RefHold): Refusal | undefined {
    const can = this.pickable(hold);
    if (c.qty > can) return refusal('exceeds_hold', c.qty, can);
    const taken = this.ofHold(c, hold, c.qty);
    if (isRefusal(taken)) return taken;
    const most = Math.min(c.qty, this.available(hold.quality));
    this.takeOwn(hold, taken);
    this.change(taken, { why: 'missing' });
    if (hold.want === undefined) hold.backed += most;
    else this.promise(hold, most);
    return undefined;
  }

  onward(
    c: StockCommand,
    hold: RefHold,
    place: 'picked' | 'packed',
    qty: number,
  ): Refusal | undefined {
    const taken = this.take({ place, quality: hold.quality, holder: hold }, qty, c.more);
    if (isRefusal(taken)) return taken;
    if (place === 'picked') {
      this.change(taken, { place: 'packed' });
      return undefined;
    }
    this.remove(taken);
    this.forget(hold, taken);
    hold.shipped += qty;
    return undefined;
  }

  unpick(c: StockCommand, hold: RefHold, qty: number): Refusal | undefined {
    const { quality } = hold;
    const before = this.available(quality);
    const taken = this.take({ place: 'picked', quality, holder: hold }, qty, c.more);
    if (isRefusal(taken)) return taken;
    if (taken.some((p) => !this.mayBeSold(quality, p.batch))) return refusal('batch_kept');
    const shelved = { ...c.more.to, place: 'shelf', holder: undefined } as const;
    const isPinned = hold.want !== undefined;
    if (isPinned && taken.some((p) => !isLike({ ...p, ...shelved }, hold)))
      return refusal('line_pinned', qty, 0);
    if (!inBoxes(taken, c.more.to)) return refusal('box_closed', qty);
    this.change(taken, shelved);
    for (let i = 0; i < qty; i++) hold.promises.push(HARD);
    if (isPinned) for (const piece of taken) piece.pin = hold;
    else hold.backed += qty;
    return this.serve(quality, 0, before, new Map(isPinned ? [[hold, taken]] : []));
  }

  cancel(c: StockCommand, hold: RefHold, qty: number): Refusal | undefined {
    const before = this.available(hold.quality);
    const { serials } = c.more;
    if (serials.length > 0 && serials.length !== qty)
      return refusal('serial_needed', c.qty, serials.length);
    const named = serials.map((s) => this.pieces.find((p) => p.serial === s));
    const isIts = (p: Piece | undefined): boolean =>
      p?.holder === hold || (hold.isNamed && p !== undefined && p.pin === hold);
    if (!named.every(isIts)) return refusal('serial_unknown', c.qty);
    const at = (place: Place): string[] =>
      named.flatMap((p) => (p?.place === place ? [p.serial] : []));
    const waiting = serials.length > 0 ? 0 : Math.min(qty, this.waiting(hold));
    const unpicked =
      serials.length > 0 ? at('shelf').length : Math.min(qty, hold.promises.length) - waiting;
    let left = qty - waiting - unpicked;
    const back: Piece[] = [];
    for (const place of ['picked', 'packed'] as const) {
      const its =
        serials.length > 0 ? at(place).length : Math.min(left, this.of(hold, place).length);
      if (its === 0) continue;
      const where = { place, quality: hold.quality, holder: hold };
      const taken = this.take(where, its, { ...c.more, serials: at(place) });
      if (isRefusal(taken)) return taken;
      back.push(...taken);
      left -= its;
    }
    this.change(back, { place: 'waits', holder: undefined, location: '' });
    this.forget(hold, back);
    this.giveUp(hold, unpicked, at('shelf'));
    this.unpromise(hold, waiting + unpicked);
    return this.serve(hold.quality, unpicked, before, new Map(), hold);
  }

  ended(hold: RefHold, op: string): void {
    hold.ended = hold.shipped > 0 ? 'shipped' : op;
    this.endings.push(hold.id);
    if (this.endings.length <= REMEMBERED) return;
    const forgotten = this.endings.shift();
    this.holds = this.holds.filter((h) => h.id !== forgotten);
  }
}
