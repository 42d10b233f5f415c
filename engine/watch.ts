import type { ActorKey, WarehouseId } from '../actors/ids.ts';
import { parseActorKey } from '../actors/ids.ts';
import type { Change } from '../actors/stock/stockroom.ts';

export type Watcher = (change: Change) => void;

/** Who wants to hear of which committed changes: one actor, or a whole warehouse. */
export class Watchers {
  readonly #byActor = new Map<ActorKey, Set<Watcher>>();
  readonly #byWarehouse = new Map<WarehouseId, Set<Watcher>>();
  /** Told of each name in a warehouse that is watched from now on, or no more. */
  onInterest: (warehouse: WarehouseId, isOn: boolean) => void = () => {};

  get any(): boolean {
    return this.#byActor.size > 0 || this.#byWarehouse.size > 0;
  }

  /** Returns what ends it. */
  actor(key: ActorKey, watcher: Watcher): () => void {
    return this.#join(this.#byActor, key, watcher, parseActorKey(key).warehouse);
  }

  warehouse(id: WarehouseId, watcher: Watcher): () => void {
    return this.#join(this.#byWarehouse, id, watcher, id);
  }

  /** Of several changes of one actor in one turn, the last is told. */
  tell(changes: readonly Change[]): void {
    if (!this.any) return;
    const last = new Map<ActorKey, Change>();
    for (const change of changes) last.set(change.key, change);
    for (const [key, change] of last) {
      for (const watcher of this.#byActor.get(key) ?? []) watcher(change);
      if (this.#byWarehouse.size === 0) continue;
      for (const watcher of this.#byWarehouse.get(parseActorKey(key).warehouse) ?? [])
        watcher(change);
    }
  }

  #join<K>(
    map: Map<K, Set<Watcher>>,
    key: K,
    watcher: Watcher,
    warehouse: WarehouseId,
  ): () => void {
    const set = map.get(key) ?? new Set();
    map.set(key, set.add(watcher));
    if (set.size === 1) this.onInterest(warehouse, true);
    return () => {
      if (!set.delete(watcher) || set.size > 0 || map.get(key) !== set) return;
      map.delete(key);
      this.onInterest(warehouse, false);
    };
  }
}
