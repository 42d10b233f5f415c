import {
  type ActorKey,
  actorKey,
  isOwnerId,
  isWarehouseId,
  type OwnerId,
  parseActorKey,
  type WarehouseId,
} from '../actors/ids.ts';
import { type Refused, refuse } from '../actors/outcomes.ts';
import type { Change } from '../actors/stock/stockroom.ts';
import type { Watchers } from '../engine/watch.ts';
import { covers, type Defaults, type Identity, mayDo } from './auth.ts';
import { type Place, placeOf } from './commands.ts';
import { type Fields, field } from './fields.ts';
import { type StockPush, stockPush } from './replies.ts';

export type Target =
  | ({ readonly kind: 'actor'; readonly key: ActorKey } & Place)
  | {
      readonly kind: 'warehouse';
      /** Undefined: every owner that the token covers. */
      readonly owner: OwnerId | undefined;
      readonly warehouse: WarehouseId;
    };

export interface Watched {
  readonly ok: true;
  /** How many names this connection watches now. */
  readonly watching: number;
}

/** What one connection watches: single SKUs, or a warehouse. */
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

  /** Begins or ends one watch; of the same name there is never a second. */
  set(target: Target, isOn: boolean, most: number): Watched | Refused {
    const name =
      target.kind === 'actor' ? target.key : `${target.owner ?? '*'}@${target.warehouse}`;
    this.#ends.get(name)?.();
    this.#ends.delete(name);
    if (isOn) {
      if (this.#ends.size >= most) return refuse('too_large', 0, -1, `${most} watches at most`);
      this.#ends.set(name, this.#begin(target));
    }
    return { ok: true, watching: this.#ends.size };
  }

  end(): void {
    for (const end of this.#ends.values()) end();
    this.#ends.clear();
  }

  #begin(target: Target): () => void {
    const tell = (change: Change): void => this.#push(stockPush(change));
    if (target.kind === 'actor') return this.#watchers.actor(target.key, tell);
    const owners = target.owner === undefined ? this.#who.owners : [target.owner];
    return this.#watchers.warehouse(target.warehouse, (change) => {
      if (covers(owners, parseActorKey(change.key).owner)) tell(change);
    });
  }

  /** What a `watch` or `unwatch` names. */
  target(v: Fields, defaults: Defaults): Target | Refused {
    const target = v.sku === undefined ? warehouseOf(v, defaults) : actorOf(v, defaults);
    if ('ok' in target) return target;
    const { owners, warehouses } = this.#who;
    const { owner, warehouse } = target;
    if (owner !== undefined && !covers(owners, owner)) {
      return refuse('forbidden', 0, -1, `owner ${owner}`);
    }
    if (!covers(warehouses, warehouse)) {
      return refuse('forbidden', 0, -1, `warehouse ${warehouse}`);
    }
    return mayDo(this.#who, 'watch') ? target : refuse('forbidden', 0, -1, 'op watch');
  }
}

function actorOf(v: Fields, defaults: Defaults): Target | Refused {
  const place = placeOf(v, defaults);
  if ('ok' in place) return place;
  return { kind: 'actor', ...place, key: actorKey(place.owner, place.sku, place.warehouse) };
}

function warehouseOf(v: Fields, defaults: Defaults): Target | Refused {
  const { warehouse = defaults.warehouse, owner } = v;
  if (owner !== undefined && !isOwnerId(owner)) return field('owner', 'whose stock to watch');
  if (!isWarehouseId(warehouse)) return field('warehouse', 'which one to watch');
  return { kind: 'warehouse', owner, warehouse };
}
