import type { WarehouseId } from '../actors/ids.ts';
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
    this.#slotFor(ask.command.warehouse).submit(ask);
  }

  /** The number after the highest one that any shard here has seen of this session. */
  async nextNumber(caller: Caller): Promise<number> {
    let next = 1;
    for (const slot of this.#slots) {
      await slot.settled();
      if (slot.state.kind !== 'serving') continue;
      next = Math.max(next, slot.state.shard.state.sessions.nextNumber(caller));
    }
    return next;
  }

  #slotFor(warehouse: WarehouseId): Slot {
    return this.#slots[slotOf(warehouse, this.#slots.length)] as Slot;
  }
}
