import type { ActorKey, WarehouseId } from '../actors/ids.ts';
import { parseActorKey } from '../actors/ids.ts';
import type { Change } from '../actors/stock/stockroom.ts';

export type Watcher = (change: Change) => void;

/** Who wants to hear of which committed changes: one actor, or a whole warehouse. */
export class Watchers {
  readonly #byActor = new Map<ActorKey, Set<Watcher>>();
  readonly #byWarehouse = new Map<WarehouseId, Set<Watcher>>();

  /** Returns what ends it. */
  actor(key: ActorKey, watcher: Watcher): () => void {
    return join(this.#byActor, key, watcher);
  }

  warehouse(id: WarehouseId, watcher: Watcher): () => void {
    return join(this.#byWarehouse, id, watcher);
  }

  /** Of several changes of one actor in one turn, the last is told. */
  tell(changes: readonly Change[]): void {
    if (this.#byActor.size === 0 && this.#byWarehouse.size === 0) return;
    const last = new Map<ActorKey, Change>();
    for (const change of changes) last.set(change.key, change);
    for (const [key, change] of last) {
      for (const watcher of this.#byActor.get(key) ?? []) watcher(change);
      if (this.#byWarehouse.size === 0) continue;
      for (const watcher of this.#byWarehouse.get(parseActorKey(key).warehouse) ?? [])
        watcher(change);
    }
  }
}

function join<K>(map: Map<K, Set<Watcher>>, key: K, watcher: Watcher): () => void {
  const set = map.get(key) ?? new Set();
  map.set(key, set.add(watcher));
  return () => {
    set.delete(watcher);
    if (set.size === 0 && map.get(key) === set) map.delete(key);
  };
}
