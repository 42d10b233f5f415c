import type { ItemFacts } from '../catalogue/facts.ts';
import { refuse } from '../outcomes.ts';
import { headOf, type Machine, moved } from './plan.ts';
import type { Head } from './states.ts';

/** What is known of a SKU. Its number is the SKU. */
export interface ItemState extends Head<'item', 'set'>, ItemFacts {
  /** None: what is known of an item is known of all of it. */
  readonly lines: readonly never[];
}

export const item: Machine<ItemState> = {
  opens: ['item.set'],
  isReplaced: true,
  statusOf: () => 'set',
  isEnded: () => false,
  plan(state, c, _look, nowMs) {
    const { item: facts } = c.more;
    if (facts === undefined) return refuse('bad_field', 0, -1, 'item: what is known of it');
    const head = headOf('item', 'set', c, nowMs);
    const openedAtMs = state?.openedAtMs ?? nowMs;
    return moved({ ...head, ...facts, openedAtMs, lines: [] });
  },
};
