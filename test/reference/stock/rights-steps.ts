import { type HoldId, RIGHTS } from '../../../actors/ids.ts';
import type { StockCommand } from '../../../actors/stock/commands.ts';
import { type RefHold, type Refusal, refusal } from './goods.ts';
import { HoldSteps } from './hold-steps.ts';
import { HARD } from './shelves.ts';

/** Steps on rights: a promise like others, but that it comes after all of them. */
export class RightsSteps extends HoldSteps {
  grant({ qty, more }: StockCommand): Refusal | undefined {
    const can = more.backorder ? this.free(0) : this.available(0);
    if (qty > can && !more.backorder) return refusal('insufficient', qty, can);
    this.rights ??= promiseOf(RIGHTS, Number.POSITIVE_INFINITY, '');
    for (let i = 0; i < qty; i++) this.rights.promises.push(HARD);
    this.rights.backed += Math.min(qty, can);
    return undefined;
  }

  regain({ qty }: StockCommand): Refusal | undefined {
    const { rights } = this;
    const has = rights?.promises.length ?? 0;
    if (rights === undefined || qty > has) return refusal('exceeds_hold', qty, has);
    const before = this.available(0);
    const freed = qty - this.takeRights(rights, qty, this.waiting(rights));
    return this.serve(0, freed, before, new Map(), rights);
  }

  sell({ qty, hold, doc }: StockCommand): Refusal | undefined {
    if (this.holds.some((h) => h.id === hold)) return refusal('hold_exists');
    const { rights } = this;
    const has = rights?.promises.length ?? 0;
    if (rights === undefined || qty > has) return refusal('exceeds_hold', qty, has);
    const waiting = this.takeRights(rights, qty, Math.max(0, qty - rights.backed));
    const sold = promiseOf(hold, this.seq, doc);
    for (let i = 0; i < qty; i++) sold.promises.push(HARD);
    sold.backed = qty - waiting;
    this.holds.push(sold);
    return undefined;
  }

  /** Of `qty`, at most so many without stock behind them. Returns how many these were. */
  takeRights(rights: RefHold, qty: number, most: number): number {
    const waiting = Math.min(qty, most);
    rights.promises.splice(0, qty);
    rights.backed -= qty - waiting;
    if (rights.promises.length === 0) this.rights = undefined;
    return waiting;
  }
}

const promiseOf = (id: HoldId, order: number, doc: string): RefHold => ({
  ...{ id, order, quality: 0, doc, promises: [], backed: 0, shipped: 0, ended: '' },
  ...{ want: undefined, names: [], isNamed: false },
});
