import type { Actor } from '../actor.ts';
import { apply } from './apply.ts';
import type { StockCommand } from './commands.ts';
import { decide } from './decide.ts';
import type { StockEvent } from './events.ts';
import { emptyStock, type StockState } from './state.ts';

/** The stock actor: one (owner, SKU, warehouse). */
export const stock: Actor<StockState, StockCommand, StockEvent> = {
  empty: emptyStock,
  decide,
  apply,
};
