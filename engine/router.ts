import { isRights } from '../actors/command.ts';
import type { WarehouseId } from '../actors/ids.ts';
import { type Refused, refuse } from '../actors/outcomes.ts';
import type { LeaseValue } from './lease.ts';
import type { Ask } from './mailbox.ts';
import type { Caller } from './record.ts';
import type { Regions } from './regions.ts';
import type { Slot } from './slot.ts';
import { slotOf } from './subjects.ts';

/** A region among several, and which warehouse belongs to which. */
export interface Home {
  readonly region: string;
  readonly regions: Regions;
}

/** ② Finds the shard of a warehouse. */
export class Router {
  readonly #slots: readonly Slot[];
  readonly #warehouses: number;
  /** Undefined where there is one region, which has every warehouse. */
  readonly #home: Home | undefined;

  /** The first `warehouses` of the slots are of warehouses; one more may be the selling point's. */
  constructor(slots: readonly Slot[], warehouses: number, home?: Home) {
    this.#slots = slots;
    this.#warehouses = warehouses;
    this.#home = home;
  }

  submit(ask: Ask): void {
    const { command } = ask;
    if (isRights(command)) return this.#ofNumber(command.shard).submit(ask);
    const elsewhere = this.elsewhere(command.warehouse);
    if (elsewhere === undefined) this.#slotFor(command.warehouse).submit(ask);
    else ask.answer(elsewhere, true);
  }

  /** The region of a warehouse, if that is another one. */
  otherRegionOf(warehouse: string): string | undefined {
    const region = this.#home?.regions.regionOf(warehouse);
    return region === this.#home?.region ? undefined : region;
  }

  /** Why a command for the warehouse cannot be taken in this region; undefined where it can. */
  elsewhere(warehouse: string): Refused | undefined {
    if (this.#home === undefined) return undefined;
    const region = this.#home.regions.regionOf(warehouse);
    if (region === this.#home.region) return undefined;
    const why =
      region === undefined
        ? `no region has ${warehouse}; name it in the places`
        : `region ${region} has ${warehouse}`;
    return refuse('other_region', 0, -1, why);
  }

  /** The number after the highest one that any shard has seen of this session. */
  async nextNumber(caller: Caller): Promise<number> {
    return Math.max(...(await Promise.all(this.#slots.map((slot) => slot.nextNumber(caller)))));
  }

  /** The node that serves a warehouse, if it is another one and that is known. */
  ownerOf(warehouse: WarehouseId): LeaseValue | undefined {
    const { state } = this.#slotFor(warehouse);
    return state.kind === 'waiting' ? state.owner : undefined;
  }

  #slotFor(warehouse: WarehouseId): Slot {
    return this.#slots[slotOf(warehouse, this.#warehouses)] as Slot;
  }

  #ofNumber(shard: number): Slot {
    const slot = this.#slots[shard];
    if (slot === undefined) throw new Error(`there is no shard ${shard} here`);
    return slot;
  }
}
