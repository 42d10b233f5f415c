import { actorKey, type ActorKey, isWarehouseId, parseActorKey, type WarehouseId } from '../actors/ids.ts';
import { type Refused, refuse } from '../actors/outcomes.ts';
import type { Change } from '../actors/stock/stockroom.ts';
import { LIMITS } from '../engine/limits.ts';
import type { Watchers } from '../engine/watch.ts';
import { covers, type Defaults, type Identity, mayDo } from './auth.ts';
import { field, placeOf } from './commands.ts';
import { refusalOf, type StockPush, stockPush } from './replies.ts';

type Fields = Readonly<Record<string, unknown>>;
type Target =
  | { readonly kind: 'actor'; readonly key: ActorKey }
  | { readonly kind: 'warehouse'; readonly warehouse: WarehouseId };

/** What one connection watches: single SKUs, or a whole warehouse. */
export class Watching {
  readonly #watchers: Watchers;
  readonly #who: Identity;
  readonly #push: (push: StockPush) => void;
  readonly #ends = new Map<string, () => void>();

  constructor(watchers: Watchers, who: Identity, push: (push: StockPush) => void) {
    this.#watchers = watchers;
    this.#who = who;
    this.#push = push;
  }

  /** The reply to `watch` or `unwatch`; undefined for any other op. */
  handle(v: Fields, defaults: Defaults, n: number): unknown {
    if (v.op !== 'watch' && v.op !== 'unwatch') return undefined;
    const target = this.#target(v, defaults);
    if ('ok' in target) return refusalOf(n, target);
    const name = target.kind === 'actor' ? target.key : target.warehouse;
    this.#ends.get(name)?.();
    this.#ends.delete(name);
    if (v.op === 'watch') {
      if (this.#ends.size >= LIMITS.watches) {
        return refusalOf(n, refuse('too_large', 0, -1, `${LIMITS.watches} watches at most`));
      }
      this.#ends.set(name, this.#begin(target));
    }
    return { ...(n > 0 ? { n } : {}), ok: true, op: v.op, watching: this.#ends.size };
  }

  end(): void {
    for (const end of this.#ends.values()) end();
    this.#ends.clear();
  }

  #begin(target: Target): () => void {
    const tell = (change: Change): void => {
      if (covers(this.#who.owners, parseActorKey(change.key).owner)) this.#push(stockPush(change));
    };
    return target.kind === 'actor'
      ? this.#watchers.actor(target.key, tell)
      : this.#watchers.warehouse(target.warehouse, tell);
  }

  #target(v: Fields, defaults: Defaults): Target | Refused {
    if (!mayDo(this.#who, 'watch')) return refuse('forbidden', 0, -1, 'op watch');
    if (v.sku !== undefined) {
      const place = placeOf(v, defaults);
      if ('ok' in place) return place;
      const isMine =
        covers(this.#who.owners, place.owner) && covers(this.#who.warehouses, place.warehouse);
      if (!isMine) return refuse('forbidden');
      return { kind: 'actor', key: actorKey(place.owner, place.sku, place.warehouse) };
    }
    const warehouse = v.warehouse ?? defaults.warehouse;
    if (!isWarehouseId(warehouse)) return field('warehouse', 'which one to watch');
    if (!covers(this.#who.warehouses, warehouse)) return refuse('forbidden');
    return { kind: 'warehouse', warehouse };
  }
}
