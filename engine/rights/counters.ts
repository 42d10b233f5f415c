import type { RightsChange } from '../../actors/rights/acts.ts';
import type { LaneId } from '../../actors/rights/lane.ts';
import { total } from '../../actors/rights/pools.ts';

/** Lines of orders that were sold or set aside for shops of a selling point; plain numbers, never stored. */
export interface SellerCounters {
  lines: number;
  /** Of those: the point had the rights for it when the order came, and asked nobody. */
  localLines: number;
}

export const newSellerCounters = (): SellerCounters => ({ lines: 0, localLines: 0 });

/** Rights that moved between the homes of a node and points, counted as they are committed at home. */
export class Moves {
  /** To points. */
  grants = 0;
  /** From points, asked for or not. */
  returns = 0;
  /** What each lane was known to have given back. */
  readonly #back = new Map<LaneId, number>();

  /** A lane that is seen for the first time gave back what it says before we looked. */
  note(changes: readonly RightsChange[]): void {
    for (const { key, event } of changes) {
      if (key !== 'home') continue;
      if (event.is === 'granted') this.grants += event.grants.length;
      else if (event.is === 'heard' && 'up' in event) {
        for (const { id, back, final } of event.up.lanes) {
          this.#noteBack(id, total(back));
          if (final !== undefined) this.#back.delete(id); // said again, it is new and not counted
        }
      }
    }
  }

  #noteBack(id: LaneId, units: number): void {
    const known = this.#back.get(id);
    if (known !== undefined && units <= known) return;
    this.#back.set(id, units);
    if (known !== undefined) this.returns++;
  }
}
