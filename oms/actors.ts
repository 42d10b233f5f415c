import {
  type ActorKey,
  type ActorName,
  actorKey,
  type OwnerId,
  type SkuId,
  type WarehouseId,
} from '../actors/ids.ts';
import { KeyTable } from './key-table.ts';

/**
 * Who is who: a small number for every stock actor that the centre has seen,
 * the same in memory and in SQL, and an index owner → SKU → warehouses.
 */
export class Actors {
  readonly #byOwner = new Map<OwnerId, Map<SkuId, number[]>>();
  readonly #owners: (OwnerId | undefined)[] = [];
  readonly #skus: SkuId[] = [];
  readonly #warehouses: WarehouseId[] = [];
  readonly #shards: number[] = [];
  readonly #interned = new Map<string, string>();
  readonly #byKey = new KeyTable();

  /** One more than the highest number given. */
  get size(): number {
    return this.#owners.length;
  }

  /** The actor's number by its key in UTF-8, or undefined if it was never seen. */
  find(bytes: Uint8Array, from: number, to: number): number | undefined {
    return this.#byKey.find(bytes, from, to);
  }

  /** Gives an actor that was never seen the next number. */
  add(name: ActorName, shard: number): number {
    const id = this.size;
    this.put(id, name, shard);
    return id;
  }

  /** Puts an actor there under the number that SQL has for it. */
  put(id: number, name: ActorName, shard: number): void {
    const key = encoder.encode(actorKey(name.owner, name.sku, name.warehouse));
    this.#byKey.add(key, 0, key.length, id);
    const owner = this.#intern(name.owner);
    const skus = this.#byOwner.get(owner) ?? new Map<SkuId, number[]>();
    if (skus.size === 0) this.#byOwner.set(owner, skus);
    const ids = skus.get(name.sku);
    if (ids === undefined) skus.set(name.sku, [id]);
    else ids.push(id);
    while (this.#owners.length < id) this.#owners.push(undefined);
    this.#owners[id] = owner;
    this.#skus[id] = name.sku;
    this.#warehouses[id] = this.#intern(name.warehouse);
    this.#shards[id] = shard;
  }

  /** Undefined for a number that was never used. */
  name(id: number): ActorName | undefined {
    const owner = this.#owners[id];
    if (owner === undefined) return undefined;
    return {
      owner,
      sku: this.#skus[id] as SkuId,
      warehouse: this.#warehouses[id] as WarehouseId,
    };
  }

  shard(id: number): number {
    return this.#shards[id] as number;
  }

  key(id: number): ActorKey | undefined {
    const name = this.name(id);
    return name === undefined ? undefined : actorKey(name.owner, name.sku, name.warehouse);
  }

  /** The actors of one SKU, one a warehouse. */
  parts(owner: OwnerId, sku: SkuId): readonly number[] {
    return this.#byOwner.get(owner)?.get(sku) ?? NONE;
  }

  /** Owners and warehouses are few: one string each. */
  #intern<T extends string>(text: T): T {
    const known = this.#interned.get(text);
    if (known !== undefined) return known as T;
    this.#interned.set(text, text);
    return text;
  }
}

const NONE: readonly number[] = [];
const encoder = new TextEncoder();
