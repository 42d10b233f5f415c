import { isRights } from '../actors/command.ts';
import type { WarehouseId } from '../actors/ids.ts';
import type { LeaseValue } from './lease.ts';
import type { Ask } from './mailbox.ts';
import type { Caller } from './record.ts';
import type { Slot } from './slot.ts';
import { slotOf } from './subjects.ts';

/** ② Finds the shard of a warehouse. */
export class Router {
  readonly #slots: readonly Slot[];

  constructor(slots: readonly Slot[]) {
    this.#slots = slots;
  }

  submit(ask: Ask): void {
    const { command } = ask;
    const slot = isRights(command) ? this.#slots[command.shard] : this.#slotFor(command.warehouse);
    slot?.submit(ask);
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
    return this.#slots[slotOf(warehouse, this.#slots.length)] as Slot;
  }
}
