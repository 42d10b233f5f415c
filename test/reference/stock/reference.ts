import type { StockCommand } from '../../../actors/stock/commands.ts';
import {
  type Beyond,
  fits,
  heapName,
  heapsOf,
  type Piece,
  type Place,
  type Refusal,
  refusal,
  unpin,
} from './goods.ts';
import { inBoxes } from './hold-steps.ts';
import { isLike } from './promises.ts';
import { RightsSteps } from './rights-steps.ts';
import { HARD, isRefusal, type Told } from './shelves.ts';

const EVERY: Beyond = { may: () => true };

/** Stock of one SKU in one warehouse, piece by piece: what commands do to it, in the plainest way. */
export class Reference extends RightsSteps {
  copy(): Reference {
    return Object.assign(new Reference(), structuredClone({ ...this }));
  }

  /** Carries it out, or says why not; whoever keeps a copy of it from before has nothing half done. */
  do(c: StockCommand, nowMs: number, told: readonly Told[] | undefined): Refusal | undefined {
    if (!this.isThere && c.op !== 'receive' && c.op !== 'announce') return refusal('unknown_sku');
    this.told = told;
    this.seq++;
    const refused = this.carryOut(c, nowMs);
    if (isRefusal(refused)) return refused;
    this.isThere = true;
    for (const { pieces, isNameless: isBare } of heapsOf(this.pieces)) {
      const since = Math.min(...pieces.map((p) => p.since));
      for (const piece of pieces) piece.since = isBare ? HARD : since;
    }
    return undefined;
  }

  carryOut(c: StockCommand, nowMs: number): Refusal | undefined {
    const { quality } = c;
    switch (c.op) {
      case 'receive':
        return this.receive(c, nowMs);
      case 'announce':
        this.transit[quality] = (this.transit[quality] as number) + c.qty;
        return undefined;
      case 'withdraw':
        return this.arrive(quality, c.qty);
      case 'unreceive':
        return this.unreceive(c);
      case 'adjust':
        return c.delta > 0 ? this.gain(c) : this.lose(c);
      case 'block':
        return this.block(c);
      case 'outdate':
        return this.outdate(c, nowMs);
      case 'unblock':
        return this.unblock(c);
      case 'requality':
        return this.requality(c);
      case 'safety': {
        const before = this.available(quality);
        this.safety[quality] = c.qty;
        return this.serve(quality, Math.max(0, this.free(quality) - c.qty) - before, before);
      }
      case 'move':
        return this.move(c);
      case 'putback':
        return this.putBack(c);
      case 'reserve':
        return this.reserve(c, nowMs);
      case 'reassign':
        return this.reassign(c);
      case 'grant':
        return this.grant(c);
      case 'regain':
        return this.regain(c);
      case 'sell':
        return this.sell(c);
      default:
        return this.onHold(c, nowMs);
    }
  }

  arrive(quality: number, qty: number): Refusal | undefined {
    const due = this.transit[quality] as number;
    if (qty > due) return refusal('exceeds_transit', qty, due);
    this.transit[quality] = due - qty;
    return undefined;
  }

  receive(c: StockCommand, nowMs: number): Refusal | undefined {
    const { arrived, untilPutaway, dates, lot } = c.more;
    const before = this.available(c.quality);
    const wrong = this.arrive(c.quality, arrived) ?? this.notSo(c, c.qty);
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
    this.add(c, c.qty, untilPutaway ? 'waits' : 'shelf');
    return this.serve(c.quality, untilPutaway ? 0 : c.qty, before);
  }

  /** Why these pieces cannot come. */
  notSo({ quality, more: { lot, serials } }: StockCommand, qty: number): Refusal | undefined {
    if ((lot.box ?? 0) > 0 && qty % (lot.box as number) > 0) return refusal('box_closed', qty);
    if (serials.some((s) => this.pieces.some((p) => p.serial === s)))
      return refusal('serial_seen', qty);
    return this.mayBeSold(quality, lot.batch ?? '') ? undefined : refusal('batch_kept');
  }

  add({ quality, more: { lot, serials } }: StockCommand, qty: number, place: Place): void {
    const blank = { location: '', container: '', batch: '', box: 0, fnsku: '', why: '' };
    for (let i = 0; i < qty; i++) {
      const serial = serials[i] ?? '';
      const of = { quality, place, holder: undefined, pin: undefined, since: this.seq };
      this.pieces.push({ ...blank, ...lot, ...of, serial });
    }
  }

  unreceive(c: StockCommand): Refusal | undefined {
    const { quality } = c;
    const { untilPutaway, arrived } = c.more;
    const place = untilPutaway ? 'waits' : 'shelf';
    const lying = this.pieces.filter((p) => p.quality === quality && p.place === 'waits').length;
    const can = untilPutaway ? lying : this.available(quality);
    if (c.qty > can) return refusal('insufficient', c.qty, can);
    const taken = this.take({ place, quality }, c.qty, c.more);
    if (isRefusal(taken)) return taken;
    unpin(taken, this.pieces, undefined);
    this.remove(taken);
    this.transit[quality] = (this.transit[quality] as number) + arrived;
    return undefined;
  }

  gain(c: StockCommand): Refusal | undefined {
    const before = this.available(c.quality);
    const wrong = this.notSo(c, c.delta);
    if (wrong !== undefined) return wrong;
    this.add(c, c.delta, 'shelf');
    return this.serve(c.quality, c.delta, before);
  }

  lose(c: StockCommand): Refusal | undefined {
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
    const taken = this.take({ place: 'shelf', quality }, shelf, more, { beyond: EVERY });
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
        const lost = this.take({ place, quality, holder: hold }, its, more);
        left -= its;
        if (isRefusal(lost)) refused.push(lost);
        else gone.push(...lost);
        for (let i = 0; i < its; i++) hold.promises.push(HARD);
      }
    }
    const [first, ...or] = refused;
    if (first !== undefined) return { ...first, or };
    const others = waits === 0 ? [] : this.take({ place: 'waits', quality }, waits, more);
    if (isRefusal(others)) return others;
    this.leaveSale(quality, taken, () => this.remove(taken));
    this.remove([...gone, ...others]);
    return undefined;
  }

  block(c: StockCommand): Refusal | undefined {
    const { quality, more } = c;
    const { lot, why, serials } = more;
    const sold = this.sold(quality);
    const isWhole =
      c.qty + serials.length + quality === 0 && Object.keys(lot).join() === 'batch' && !!lot.batch;
    const keeps = isWhole && why !== 'missing' && why !== 'approval';
    const qty = c.qty || sold.filter((p) => fits(p, lot)).length;
    if (qty > sold.length) return refusal('exceeds_on_hand', qty, sold.length);
    if (qty === 0 && !keeps) return refusal('wrong_place', 1, 0);
    const taken = this.take({ place: 'shelf', quality }, qty, more, { beyond: EVERY });
    if (isRefusal(taken)) return taken;
    this.leaveSale(quality, taken, () => this.change(taken, { why }));
    if (keeps) this.keep(lot.batch as string, why);
    return undefined;
  }

  keep(batch: string, kept: string): void {
    const blank = { startMs: 0, expiresAtMs: 0, sellUntilMs: 0 };
    this.batches[batch] = { ...blank, ...this.batches[batch], kept };
  }

  outdate(c: StockCommand, nowMs: number): Refusal | undefined {
    const batch = this.batches[c.more.lot.batch as string];
    if (batch === undefined || batch.kept !== '' || batch.sellUntilMs > nowMs)
      return refusal('not_blocked', 0, 0);
    return this.block({ ...c, more: { ...c.more, why: 'expired' } });
  }

  unblock(c: StockCommand): Refusal | undefined {
    const { quality, more } = c;
    const { lot, why } = more;
    const before = this.available(quality);
    const kept = this.pieces.filter((p) => p.quality === quality && p.why === why && fits(p, lot));
    const isWhole =
      c.qty + more.serials.length + quality === 0 && Object.keys(lot).join() === 'batch';
    const lifts = isWhole && this.batches[lot.batch as string]?.kept === why;
    if (kept.length < (c.qty || 1) && !lifts)
      return refusal('not_blocked', c.qty || 1, kept.length);
    const taken = this.take({ place: 'shelf', quality, why }, c.qty || kept.length, more);
    if (isRefusal(taken)) return taken;
    if (lifts) this.keep(lot.batch as string, '');
    if (taken.some((p) => !this.mayBeSold(quality, p.batch))) return refusal('batch_kept');
    this.change(taken, { why: '' });
    return this.serve(quality, taken.length, before);
  }

  requality(c: StockCommand): Refusal | undefined {
    const { quality, more, qty } = c;
    const { toQuality } = more;
    const sold = this.sold(quality).length;
    if (qty > sold) return refusal('exceeds_on_hand', qty, sold);
    const [before, free] = [this.available(toQuality), this.free(quality)];
    const taken = this.take({ place: 'shelf', quality }, qty, more, { beyond: EVERY });
    if (isRefusal(taken)) return taken;
    const waited = (): number => this.open().reduce((sum, h) => sum + this.waiting(h), 0);
    const was = waited();
    this.leaveSale(quality, taken, () => this.change(taken, { quality: toQuality }));
    const lost = waited() - was;
    const wrong = this.serve(toQuality, qty, before);
    if (lost > 0 && waited() < was + lost) return refusal('insufficient', qty, free);
    if (taken.some((p) => !this.mayBeSold(toQuality, p.batch))) return refusal('batch_kept');
    return wrong;
  }

  move(c: StockCommand): Refusal | undefined {
    const { quality, more } = c;
    const { why, to } = more;
    const shelf = this.pieces.filter((p) => p.quality === quality && p.place === 'shelf');
    const here = why === '' ? shelf.filter((p) => p.why === '').length : shelf.length;
    if (c.qty > here) return refusal('exceeds_on_hand', c.qty, here);
    const may: Beyond['may'] = (hold, heap) => isLike({ ...heap.one, ...to }, hold);
    const taken = this.take({ place: 'shelf', quality, why }, c.qty, more, { beyond: { may } });
    if (isRefusal(taken)) return taken;
    if (!inBoxes(taken, to)) return refusal('box_closed', c.qty);
    const before = this.available(quality);
    const going = taken.filter((p) => heapName({ ...p, ...to }) !== heapName(p));
    const along = unpin(going, this.pieces, undefined, may);
    this.change(going, to);
    for (const [hold, pieces] of along) for (const piece of pieces) piece.pin = hold;
    return this.serve(quality, 0, before, along);
  }

  putBack(c: StockCommand): Refusal | undefined {
    const lying = (q: number): number =>
      this.pieces.filter((p) => p.quality === q && p.place === 'waits').length;
    const quality = lying(c.quality) > 0 ? c.quality : 0;
    if (lying(quality) < (c.qty || 1))
      return refusal('nothing_to_put_back', c.qty || 1, lying(quality));
    const before = this.available(c.quality);
    const qty = c.qty || lying(quality);
    const taken = this.take({ place: 'waits', quality }, qty, c.more);
    if (isRefusal(taken)) return taken;
    if (taken.some((p) => !this.mayBeSold(c.quality, p.batch))) return refusal('batch_kept');
    if (!inBoxes(taken, c.more.to)) return refusal('box_closed', qty);
    this.change(taken, { ...c.more.to, place: 'shelf', quality: c.quality });
    return this.serve(c.quality, qty, before);
  }
}
