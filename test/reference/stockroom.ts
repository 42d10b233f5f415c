import type { More, StockCommand } from '../../actors/stock/commands.ts';
import type { LotFilter } from '../../actors/stock/lot.ts';
import {
  type Beyond,
  fits,
  type Heap,
  heapName,
  heapsOf,
  isClaimed,
  isNameless,
  type Piece,
  type Place,
  type RefHold,
  type Refusal,
  refusal,
  takeNamed,
  takeUnnamed,
  unpin,
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
interface At {
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

const HARD = Number.POSITIVE_INFINITY;
/** An ended hold is remembered until so many others have ended. */
const REMEMBERED = 16;
const ANY: LotFilter = {};
const EVERY: Beyond = { may: () => true };

const isRefusal = (v: unknown): v is Refusal => typeof v === 'object' && v !== null && 'code' in v;

/** One SKU in one warehouse, piece by piece. Figures are counted, never kept. */
export class Reference {
  pieces: Piece[] = [];
  /** In order of acceptance. */
  holds: RefHold[] = [];
  endings: string[] = [];
  batches: Record<string, RefBatch> = {};
  transit = [0, 0, 0, 0];
  safety = [0, 0, 0, 0];
  seq = 0;
  isThere = false;
  /** Undefined where nobody has chosen: then any choice will do. */
  #told: readonly Told[] | undefined;

  copy(): Reference {
    return Object.assign(new Reference(), structuredClone({ ...this }));
  }

  /** Carries it out, or says why not; whoever keeps a copy of it from before has nothing half done. */
  do(c: StockCommand, nowMs: number, told: readonly Told[] | undefined): Refusal | undefined {
    if (!this.isThere && c.op !== 'receive' && c.op !== 'announce') return refusal('unknown_sku');
    this.#told = told;
    this.seq++;
    const refused = this.#do(c, nowMs);
    if (isRefusal(refused)) return refused;
    this.isThere = true;
    for (const { pieces, isNameless: isBare } of heapsOf(this.pieces)) {
      const since = Math.min(...pieces.map((p) => p.since));
      for (const piece of pieces) piece.since = isBare ? HARD : since;
    }
    return undefined;
  }

  figures(quality: number): Record<string, number> {
    const here = this.pieces.filter((p) => p.quality === quality);
    const at = (place: Place): number => here.filter((p) => p.place === place).length;
    const holds = this.open().filter((h) => h.quality === quality);
    const kept = here.filter((p) => p.why !== '').length;
    const free = this.free(quality);
    const safetyHeld = Math.min(free, this.safety[quality] as number);
    return {
      onHand: here.length,
      allocated: holds.reduce((sum, h) => sum + this.backed(h), at('picked') + at('packed')),
      available: free - safetyHeld,
      picked: at('picked'),
      packed: at('packed'),
      blocked: at('waits') + kept,
      waiting: holds.reduce((sum, h) => sum + this.waiting(h), 0),
      inTransit: this.transit[quality] as number,
      safetyHeld,
    };
  }

  open(): RefHold[] {
    return this.holds.filter((h) => h.ended === '');
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

  #do(c: StockCommand, nowMs: number): Refusal | undefined {
    const { quality } = c;
    switch (c.op) {
      case 'receive':
        return this.#receive(c, nowMs);
      case 'announce':
        this.transit[quality] = (this.transit[quality] as number) + c.qty;
        return undefined;
      case 'withdraw':
        return this.#arrive(quality, c.qty);
      case 'unreceive':
        return this.#unreceive(c);
      case 'adjust':
        return c.delta > 0 ? this.#gain(c) : this.#lose(c);
      case 'block':
        return this.#block(c);
      case 'outdate':
        return this.#outdate(c, nowMs);
      case 'unblock':
        return this.#unblock(c);
      case 'requality':
        return this.#requality(c);
      case 'safety': {
        const before = this.available(quality);
        this.safety[quality] = c.qty;
        return this.#serve(quality, Math.max(0, this.free(quality) - c.qty) - before, before);
      }
      case 'move':
        return this.#move(c);
      case 'putback':
        return this.#putBack(c);
      case 'reserve':
        return this.#reserve(c, nowMs);
      case 'reassign':
        return this.#reassign(c);
      default:
        return this.#onHold(c, nowMs);
    }
  }

  /* Coming and going. */

  #arrive(quality: number, qty: number): Refusal | undefined {
    const due = this.transit[quality] as number;
    if (qty > due) return refusal('exceeds_transit', qty, due);
    this.transit[quality] = due - qty;
    return undefined;
  }

  #receive(c: StockCommand, nowMs: number): Refusal | undefined {
    const { arrived, untilPutaway, dates, lot } = c.more;
    const before = this.available(c.quality);
    const wrong = this.#arrive(c.quality, arrived) ?? this.#notSo(c, c.qty);
    if (wrong !== undefined) return wrong;
    const name = lot.batch ?? '';
    const known = this.batches[name];
    if (dates !== undefined && name !== '') {
      const isDated = known !== undefined && known.startMs + known.expiresAtMs > 0;
      if (isDated && known.expiresAtMs !== dates.expiresAtMs) return refusal('batch_differs');
      const isOver = dates.sellUntilMs <= nowMs;
      if (!isDated && isOver && c.quality === 0) return refusal('batch_kept');
      const isSold = this.sold(0).some((p) => p.batch === name);
      const kept = known?.kept || (isOver && !isSold ? 'expired' : '');
      if (!isDated) this.batches[name] = { ...dates, kept };
    }
    this.#add(c, c.qty, untilPutaway ? 'waits' : 'shelf');
    return this.#serve(c.quality, untilPutaway ? 0 : c.qty, before);
  }

  /** Why these pieces cannot come. */
  #notSo({ quality, more: { lot, serials } }: StockCommand, qty: number): Refusal | undefined {
    if ((lot.box ?? 0) > 0 && qty % (lot.box as number) > 0) return refusal('box_closed', qty);
    if (serials.some((s) => this.pieces.some((p) => p.serial === s)))
      return refusal('serial_seen', qty);
    return this.#mayBeSold(quality, lot.batch ?? '') ? undefined : refusal('batch_kept');
  }

  #mayBeSold(quality: number, batch: string): boolean {
    return quality !== 0 || (this.batches[batch]?.kept ?? '') === '';
  }

  #add({ quality, more: { lot, serials } }: StockCommand, qty: number, place: Place): void {
    const blank = { location: '', container: '', batch: '', box: 0, fnsku: '', why: '' };
    for (let i = 0; i < qty; i++) {
      const serial = serials[i] ?? '';
      const of = { quality, place, holder: undefined, pin: undefined, since: this.seq };
      this.pieces.push({ ...blank, ...lot, ...of, serial });
    }
  }

  #unreceive(c: StockCommand): Refusal | undefined {
    const { quality } = c;
    const { untilPutaway, arrived } = c.more;
    const place = untilPutaway ? 'waits' : 'shelf';
    const lying = this.pieces.filter((p) => p.quality === quality && p.place === 'waits').length;
    const can = untilPutaway ? lying : this.available(quality);
    if (c.qty > can) return refusal('insufficient', c.qty, can);
    const taken = this.#take({ place, quality }, c.qty, c.more);
    if (isRefusal(taken)) return taken;
    unpin(taken, this.pieces, undefined);
    this.#remove(taken);
    this.transit[quality] = (this.transit[quality] as number) + arrived;
    return undefined;
  }

  #gain(c: StockCommand): Refusal | undefined {
    const before = this.available(c.quality);
    const wrong = this.#notSo(c, c.delta);
    if (wrong !== undefined) return wrong;
    this.#add(c, c.delta, 'shelf');
    return this.#serve(c.quality, c.delta, before);
  }

  #lose(c: StockCommand): Refusal | undefined {
    const { quality, more } = c;
    const qty = -c.delta;
    const here = this.pieces.filter((p) => p.quality === quality && p.why === '');
    if (qty > here.length) return refusal('exceeds_on_hand', qty, here.length);
    const isNamed = Object.keys(more.lot).length + more.serials.length > 0;
    const sold = this.sold(quality).length;
    const shelf = isNamed ? qty : Math.min(qty, sold);
    const handled = here.filter((p) => p.holder !== undefined).length;
    let left = Math.min(qty - shelf, handled);
    const waits = qty - shelf - left;
    const taken = this.#take({ place: 'shelf', quality }, shelf, more, { beyond: EVERY });
    if (isRefusal(taken)) return taken;
    const gone: Piece[] = [];
    const refused: Refusal[] = [];
    const newest = this.open()
      .filter((h) => h.quality === quality)
      .toReversed();
    for (const place of ['picked', 'packed'] as const) {
      for (const hold of newest) {
        const its = Math.min(left, this.of(hold, place).length);
        if (its === 0) continue;
        const lost = this.#take({ place, quality, holder: hold }, its, more);
        left -= its;
        if (isRefusal(lost)) refused.push(lost);
        else gone.push(...lost);
        for (let i = 0; i < its; i++) hold.promises.push(HARD);
      }
    }
    const [first, ...or] = refused;
    if (first !== undefined) return { ...first, or };
    const others = waits === 0 ? [] : this.#take({ place: 'waits', quality }, waits, more);
    if (isRefusal(others)) return others;
    this.#leaveSale(quality, taken, () => this.#remove(taken));
    this.#remove([...gone, ...others]);
    return undefined;
  }

  #remove(gone: readonly Piece[]): void {
    this.pieces = this.pieces.filter((p) => !gone.includes(p));
  }

  /* Choosing. */

  /** By the policy where they are for sale, then by name; at last those of which nothing is known. */
  #heaps({ place, quality, why = '', holder }: At, more: More, only: Options['only']): Heap[] {
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

  #take(at: At, qty: number, more: More, { own, beyond, only }: Options = {}): Piece[] | Refusal {
    const { serials, lot } = more;
    const may = ({ pieces }: Heap): number =>
      pieces.filter((p) => (own === undefined ? p.pin === undefined : p.pin === own)).length;
    if (serials.length === 0) {
      return takeUnnamed(this.#heaps(at, more, only), qty, may, beyond);
    }
    if (serials.length !== qty) return refusal('serial_needed', qty, serials.length);
    const { place, quality, why = '', holder } = at;
    const isAt = (p: Piece): boolean =>
      p.place === place && p.quality === quality && p.why === why && p.holder === holder;
    const looked = (p: Piece): boolean => isAt(p) && fits(p, lot);
    return takeNamed(this.pieces, serials, looked, own, may, beyond);
  }

  /* Keeping from sale. */

  /**
   * `taken` leave sale by `go`. Who was promised just these gets others like them where any are free,
   * the oldest promise first; where too few were free, the newest of the other promises lose theirs.
   */
  #leaveSale(quality: number, taken: readonly Piece[], go: () => void): void {
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
      if (its > 0) left -= this.#promise(hold, Math.min(left, its));
    }
  }

  #block(c: StockCommand): Refusal | undefined {
    const { quality, more } = c;
    const { lot, why, serials } = more;
    const sold = this.sold(quality);
    const isWhole =
      c.qty + serials.length + quality === 0 && Object.keys(lot).join() === 'batch' && !!lot.batch;
    const keeps = isWhole && why !== 'missing' && why !== 'approval';
    const qty = c.qty || sold.filter((p) => fits(p, lot)).length;
    if (qty > sold.length) return refusal('exceeds_on_hand', qty, sold.length);
    if (qty === 0 && !keeps) return refusal('wrong_place', 1, 0);
    const taken = this.#take({ place: 'shelf', quality }, qty, more, { beyond: EVERY });
    if (isRefusal(taken)) return taken;
    this.#leaveSale(quality, taken, () => this.#change(taken, { why }));
    if (keeps) this.#keep(lot.batch as string, why);
    return undefined;
  }

  #keep(batch: string, kept: string): void {
    const blank = { startMs: 0, expiresAtMs: 0, sellUntilMs: 0 };
    this.batches[batch] = { ...blank, ...this.batches[batch], kept };
  }

  #outdate(c: StockCommand, nowMs: number): Refusal | undefined {
    const batch = this.batches[c.more.lot.batch as string];
    if (batch === undefined || batch.kept !== '' || batch.sellUntilMs > nowMs)
      return refusal('not_blocked', 0, 0);
    return this.#block({ ...c, more: { ...c.more, why: 'expired' } });
  }

  #unblock(c: StockCommand): Refusal | undefined {
    const { quality, more } = c;
    const { lot, why } = more;
    const before = this.available(quality);
    const kept = this.pieces.filter((p) => p.quality === quality && p.why === why && fits(p, lot));
    const isWhole =
      c.qty + more.serials.length + quality === 0 && Object.keys(lot).join() === 'batch';
    const lifts = isWhole && this.batches[lot.batch as string]?.kept === why;
    if (kept.length < (c.qty || 1) && !lifts)
      return refusal('not_blocked', c.qty || 1, kept.length);
    const taken = this.#take({ place: 'shelf', quality, why }, c.qty || kept.length, more);
    if (isRefusal(taken)) return taken;
    if (lifts) this.#keep(lot.batch as string, '');
    if (taken.some((p) => !this.#mayBeSold(quality, p.batch))) return refusal('batch_kept');
    this.#change(taken, { why: '' });
    return this.#serve(quality, taken.length, before);
  }

  #requality(c: StockCommand): Refusal | undefined {
    const { quality, more, qty } = c;
    const { toQuality } = more;
    const sold = this.sold(quality).length;
    if (qty > sold) return refusal('exceeds_on_hand', qty, sold);
    const [before, free] = [this.available(toQuality), this.free(quality)];
    const taken = this.#take({ place: 'shelf', quality }, qty, more, { beyond: EVERY });
    if (isRefusal(taken)) return taken;
    const waited = (): number => this.open().reduce((sum, h) => sum + this.waiting(h), 0);
    const was = waited();
    this.#leaveSale(quality, taken, () => this.#change(taken, { quality: toQuality }));
    const lost = waited() - was;
    const wrong = this.#serve(toQuality, qty, before);
    if (lost > 0 && waited() < was + lost) return refusal('insufficient', qty, free);
    if (taken.some((p) => !this.#mayBeSold(toQuality, p.batch))) return refusal('batch_kept');
    return wrong;
  }

  /* Elsewhere, or otherwise. */

  /** They leave their heap, and come to another. */
  #change(pieces: readonly Piece[], to: Partial<Piece>): void {
    for (const piece of pieces) {
      if (isNameless(piece)) piece.since = this.seq;
      Object.assign(piece, to);
    }
  }

  #move(c: StockCommand): Refusal | undefined {
    const { quality, more } = c;
    const { why, to } = more;
    const shelf = this.pieces.filter((p) => p.quality === quality && p.place === 'shelf');
    const here = why === '' ? shelf.filter((p) => p.why === '').length : shelf.length;
    if (c.qty > here) return refusal('exceeds_on_hand', c.qty, here);
    const may: Beyond['may'] = (hold, heap) => isLike({ ...heap.one, ...to }, hold);
    const taken = this.#take({ place: 'shelf', quality, why }, c.qty, more, { beyond: { may } });
    if (isRefusal(taken)) return taken;
    if (!inBoxes(taken, to)) return refusal('box_closed', c.qty);
    const before = this.available(quality);
    const going = taken.filter((p) => heapName({ ...p, ...to }) !== heapName(p));
    const along = unpin(going, this.pieces, undefined, may);
    this.#change(going, to);
    for (const [hold, pieces] of along) for (const piece of pieces) piece.pin = hold;
    return this.#serve(quality, 0, before, along);
  }

  #putBack(c: StockCommand): Refusal | undefined {
    const lying = (q: number): number =>
      this.pieces.filter((p) => p.quality === q && p.place === 'waits').length;
    const quality = lying(c.quality) > 0 ? c.quality : 0;
    if (lying(quality) < (c.qty || 1))
      return refusal('nothing_to_put_back', c.qty || 1, lying(quality));
    const before = this.available(c.quality);
    const qty = c.qty || lying(quality);
    const taken = this.#take({ place: 'waits', quality }, qty, c.more);
    if (isRefusal(taken)) return taken;
    if (taken.some((p) => !this.#mayBeSold(c.quality, p.batch))) return refusal('batch_kept');
    if (!inBoxes(taken, c.more.to)) return refusal('box_closed', qty);
    this.#change(taken, { ...c.more.to, place: 'shelf', quality: c.quality });
    return this.#serve(c.quality, qty, before);
  }

  /* Promises. */

  #reserve(c: StockCommand, nowMs: number): Refusal | undefined {
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
      const taken = this.#take({ place: 'shelf', quality }, backed, more, { only });
      if (isRefusal(taken)) return taken;
      for (const piece of taken) this.#pin(hold, piece);
    }
    this.holds.push(hold);
    return undefined;
  }

  /** It, or where serials do not matter as good a one of its heap, is promised to the hold. */
  #pin(hold: RefHold, piece: Piece): void {
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

  /**
   * S9: freed pieces of that quality, and those that were available before, go to who waits: in the order
   * of acceptance; to who is pinned only such as he wants, as the product chose them.
   */
  #serve(
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
        left -= this.#promise(hold, Math.min(left, waiting), own.get(hold));
      }
    }
    return undefined;
  }

  /** A pinned hold gets pieces like those it wants: as it was told, and as many as there are. */
  #promise(hold: RefHold, most: number, own: readonly Piece[] = []): number {
    const got = this.#got(hold, most, own);
    let left = most;
    for (const [name, qty] of got) {
      for (let i = 0; i < qty; i++) {
        const heap = this.sold(hold.quality).filter((p) => heapName(p) === name);
        const piece = this.#canHave(hold, heap);
        if (piece === undefined || left === 0) throw new Error(`${hold.id} got ${qty} of ${name}`);
        this.#pin(hold, piece);
        left--;
      }
    }
    const [lacks] = this.#more(hold, left);
    if (lacks !== undefined && this.#told !== undefined)
      throw new Error(`${hold.id} did not get ${lacks}`);
    return most - left;
  }

  /** Pieces by heap, but for those that went along with it, or came back. */
  #got(hold: RefHold, most: number, own: readonly Piece[]): Map<string, number> {
    if (this.#told === undefined) return this.#more(hold, most)[1];
    const got = new Map<string, number>();
    const add = (name: string, qty: number): void => {
      got.set(name, (got.get(name) ?? 0) + qty);
    };
    for (const { hold: id, heap, qty } of this.#told) if (id === hold.id && qty > 0) add(heap, qty);
    for (const piece of own) add(heapName(piece), -1);
    return got;
  }

  /** A piece of a heap that the hold may be promised. */
  #canHave(hold: RefHold, heap: readonly Piece[]): Piece | undefined {
    if (heap.every((p) => p.pin !== undefined)) return undefined;
    return heap.find(
      (p) => isLike(p, hold) && !isClaimed(p) && (!hold.isNamed || hold.names.includes(p.serial)),
    );
  }

  /** What more it could be promised, in whole boxes: a heap, and all of them. */
  #more(hold: RefHold, most: number): [string | undefined, Map<string, number>] {
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

  #reassign(c: StockCommand): Refusal | undefined {
    const from = this.find(c.more.fromHold);
    if (isRefusal(from)) return from;
    const into = this.holds.findLast((h) => h.id === c.hold);
    if (into !== undefined && into.ended !== '') return refusal('hold_ended');
    if (into !== undefined && into.quality !== from.quality) return refusal('hold_exists');
    const can = this.#pickable(from);
    if (can < (c.qty || 1) && !(c.partial && can > 0))
      return refusal('insufficient', c.qty || 1, can);
    const qty = c.qty === 0 ? can : Math.min(c.qty, can);
    if (into !== undefined && (into.want === undefined) !== (from.want === undefined))
      return refusal('hold_exists');
    if (from.want !== undefined && (from.isNamed || into?.isNamed)) return refusal('serial_held');
    const given = from.want === undefined ? [] : this.#givenUp(from, qty);
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

  /** Pieces that a pinned hold gives up: as it was told, and no longer promised to it. */
  #givenUp(hold: RefHold, qty: number): Piece[] {
    const its = this.pieces.filter((p) => p.pin === hold);
    if (hold.isNamed) {
      return hold.names.flatMap((s) => its.filter((p) => p.serial === s)).slice(0, qty);
    }
    if (this.#told === undefined) return its.slice(0, qty);
    const given = this.#told.flatMap(({ hold: id, heap, qty: units }) => {
      if (id !== hold.id || units > 0) return [];
      return its.filter((p) => heapName(p) === heap).slice(0, -units);
    });
    if (given.length !== qty) throw new Error(`${hold.id} gave up ${given.length} of ${qty}`);
    return given;
  }

  #pickable(hold: RefHold): number {
    return Math.min(hold.promises.filter((p) => p === HARD).length, this.backed(hold));
  }

  #onHold(c: StockCommand, nowMs: number): Refusal | undefined {
    const hold = this.find(c.hold);
    if (isRefusal(hold)) return hold;
    const refused = this.#stage(c, hold, nowMs);
    const handled = this.pieces.filter((p) => p.holder === hold).length;
    if (refused === undefined && ENDING.includes(c.op) && hold.promises.length + handled === 0)
      this.#end(hold, c.op);
    return refused;
  }

  #stage(c: StockCommand, hold: RefHold, nowMs: number): Refusal | undefined {
    const soft = hold.promises.filter((p) => p !== HARD).length;
    const [picked, packed] = [this.of(hold, 'picked').length, this.of(hold, 'packed').length];
    const all = hold.promises.length + picked + packed;
    switch (c.op) {
      case 'extend':
      case 'harden': {
        if (soft === 0) return refusal('hold_hard');
        if (c.qty > soft) return refusal('exceeds_hold', c.qty, soft);
        const qty = c.qty || soft;
        this.#unpromise(hold, qty);
        for (let i = 0; i < qty; i++)
          hold.promises.push(c.op === 'harden' ? HARD : nowMs + c.ttlMs);
        return undefined;
      }
      case 'expire': {
        const due = hold.promises.filter((p) => p <= nowMs).length;
        return due === 0 ? refusal('hold_hard') : this.#giveBack(hold, due, []);
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
        return this.#giveBack(hold, qty, serials);
      }
      case 'pick':
        return this.#pick(c, hold, soft);
      case 'short':
        return this.#short(c, hold);
      case 'pack':
        if (picked < (c.qty || 1)) return refusal('not_picked', c.qty || all, picked);
        return this.#onward(c, hold, 'picked', c.qty || picked);
      case 'ship':
        if (packed < (c.qty || 1)) return refusal('not_packed', c.qty || all, packed);
        return this.#onward(c, hold, 'packed', c.qty || packed);
      case 'unpack': {
        if (packed < (c.qty || 1)) return refusal('not_packed', c.qty || 1, packed);
        const at = { place: 'packed', quality: hold.quality, holder: hold } as const;
        const taken = this.#take(at, c.qty || packed, c.more);
        if (isRefusal(taken)) return taken;
        this.#change(taken, { place: 'picked' });
        return undefined;
      }
      case 'unpick':
        if (picked < (c.qty || 1)) return refusal('not_picked', c.qty || 1, picked);
        return this.#unpick(c, hold, c.qty || picked);
      case 'cancel':
        if (c.qty > all) return refusal('exceeds_hold', c.qty, all);
        return this.#cancel(c, hold, c.qty || all);
      default:
        throw new Error(c.op);
    }
  }

  /** Soft promises go first, the earliest expiry first. */
  #unpromise(hold: RefHold, qty: number): void {
    hold.promises.sort((a, b) => a - b).splice(0, qty);
  }

  /** Those that wait go first, unless serials are told. */
  #giveBack(hold: RefHold, qty: number, serials: readonly string[]): Refusal | undefined {
    const before = this.available(hold.quality);
    const waiting = serials.length > 0 ? 0 : Math.min(qty, this.waiting(hold));
    this.#free(hold, qty - waiting, serials);
    this.#unpromise(hold, qty);
    return this.#serve(hold.quality, qty - waiting, before, new Map(), hold);
  }

  /** Unpicked pieces that it has no more. */
  #free(hold: RefHold, qty: number, serials: readonly string[]): void {
    if (hold.want === undefined) {
      hold.backed -= qty;
      return;
    }
    const its = this.pieces.filter((p) => p.pin === hold);
    const gone =
      serials.length > 0 ? its.filter((p) => serials.includes(p.serial)) : this.#givenUp(hold, qty);
    for (const piece of gone) piece.pin = undefined;
    this.#forget(hold, gone);
  }

  #forget(hold: RefHold, gone: readonly Piece[]): void {
    hold.names = hold.names.filter((s) => !gone.some((p) => p.serial === s));
  }

  /** What a hold's pick takes: of one that is pinned, its own. */
  #ofHold(c: StockCommand, hold: RefHold, qty: number): Piece[] | Refusal {
    const at = { place: 'shelf', quality: hold.quality } as const;
    if (hold.want === undefined) return this.#take(at, qty, c.more);
    const its = this.pieces.filter((p) => p.pin === hold);
    const only = (heap: Heap): boolean => heap.pieces.some((p) => p.pin === hold);
    if (!hold.isNamed) return this.#take(at, qty, c.more, { own: hold, only });
    const held = its.map((p) => p.serial);
    if (!c.more.serials.every((s) => held.includes(s))) return refusal('serial_unknown', qty);
    const serials = c.more.serials.length > 0 ? c.more.serials : held;
    if (serials.length !== qty) return refusal('serial_needed', qty, 0);
    return this.#take(at, qty, { ...c.more, serials }, { own: hold });
  }

  #pick(c: StockCommand, hold: RefHold, soft: number): Refusal | undefined {
    const hard = hold.promises.length - soft;
    if (hard < (c.qty || 1)) {
      if (soft > 0 && c.qty <= hard + soft) return refusal('hold_soft');
      return refusal('exceeds_hold', c.qty || 1, hard);
    }
    const qty = c.qty || hard;
    const can = this.#pickable(hold);
    if (can < qty) return refusal('awaits_stock', qty, can);
    const taken = this.#ofHold(c, hold, qty);
    if (isRefusal(taken)) return taken;
    this.#takeOwn(hold, taken);
    this.#change(taken, { place: 'picked', holder: hold });
    hold.promises.sort((a, b) => a - b).splice(-qty);
    return undefined;
  }

  #takeOwn(hold: RefHold, taken: readonly Piece[]): void {
    if (hold.want === undefined) hold.backed -= taken.length;
    unpin(taken, this.pieces, hold.want === undefined ? undefined : hold);
  }

  #short(c: StockCommand, hold: RefHold): Refusal | undefined {
    const can = this.#pickable(hold);
    if (c.qty > can) return refusal('exceeds_hold', c.qty, can);
    const taken = this.#ofHold(c, hold, c.qty);
    if (isRefusal(taken)) return taken;
    const most = Math.min(c.qty, this.available(hold.quality));
    this.#takeOwn(hold, taken);
    this.#change(taken, { why: 'missing' });
    if (hold.want === undefined) hold.backed += most;
    else this.#promise(hold, most);
    return undefined;
  }

  #onward(
    c: StockCommand,
    hold: RefHold,
    place: 'picked' | 'packed',
    qty: number,
  ): Refusal | undefined {
    const taken = this.#take({ place, quality: hold.quality, holder: hold }, qty, c.more);
    if (isRefusal(taken)) return taken;
    if (place === 'picked') {
      this.#change(taken, { place: 'packed' });
      return undefined;
    }
    this.#remove(taken);
    this.#forget(hold, taken);
    hold.shipped += qty;
    return undefined;
  }

  #unpick(c: StockCommand, hold: RefHold, qty: number): Refusal | undefined {
    const { quality } = hold;
    const before = this.available(quality);
    const taken = this.#take({ place: 'picked', quality, holder: hold }, qty, c.more);
    if (isRefusal(taken)) return taken;
    if (taken.some((p) => !this.#mayBeSold(quality, p.batch))) return refusal('batch_kept');
    const shelved = { ...c.more.to, place: 'shelf', holder: undefined } as const;
    const isPinned = hold.want !== undefined;
    if (isPinned && taken.some((p) => !isLike({ ...p, ...shelved }, hold)))
      return refusal('line_pinned', qty, 0);
    if (!inBoxes(taken, c.more.to)) return refusal('box_closed', qty);
    this.#change(taken, shelved);
    for (let i = 0; i < qty; i++) hold.promises.push(HARD);
    if (isPinned) for (const piece of taken) piece.pin = hold;
    else hold.backed += qty;
    return this.#serve(quality, 0, before, new Map(isPinned ? [[hold, taken]] : []));
  }

  #cancel(c: StockCommand, hold: RefHold, qty: number): Refusal | undefined {
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
      const taken = this.#take(where, its, { ...c.more, serials: at(place) });
      if (isRefusal(taken)) return taken;
      back.push(...taken);
      left -= its;
    }
    this.#change(back, { place: 'waits', holder: undefined, location: '' });
    this.#forget(hold, back);
    this.#free(hold, unpicked, at('shelf'));
    this.#unpromise(hold, waiting + unpicked);
    return this.#serve(hold.quality, unpicked, before, new Map(), hold);
  }

  #end(hold: RefHold, op: string): void {
    hold.ended = hold.shipped > 0 ? 'shipped' : op;
    this.endings.push(hold.id);
    if (this.endings.length <= REMEMBERED) return;
    const forgotten = this.endings.shift();
    this.holds = this.holds.filter((h) => h.id !== forgotten);
  }
}

/** What may end a hold. */
const ENDING = ['expire', 'release', 'ship', 'cancel'];

/** Whether a hold that is pinned would do with such a piece. */
const isLike = (p: Piece, { want, isNamed }: RefHold): boolean =>
  fits(p, want ?? ANY) && (isNamed || !isNameless(p));

/** Whether whole boxes come of it, heap by heap. */
const inBoxes = (pieces: readonly Piece[], { box = 0 }: LotFilter): boolean =>
  box === 0 || heapsOf(pieces).every((heap) => heap.pieces.length % box === 0);

/** Heaps that rank the same, in the order of their names. */
const inText = ({ location, container, batch, box, fnsku }: Piece): string =>
  [location, container, batch, box === 0 ? '' : box, fnsku].join('\n');
