import { type ActorKey, type HoldId, parseActorKey } from '../ids.ts';
import { ALLOCATED, BLOCKED, get, noBalances, onHand, SAFETY } from '../stock/balances.ts';
import { BLANK, NO_MORE, QUALIFIED, type StockCommand } from '../stock/commands.ts';
import type { Change, Stockroom } from '../stock/stockroom.ts';
import type { Figures } from './backing.ts';
import type { Stock, Stocks } from './home.ts';
import type { Orders } from './orders.ts';
import { orderKey } from './point.ts';
import { type ByKind, none } from './pools.ts';

/**
 * The stock actors of a shard as home works with them: each call is a step on the actor of one
 * SKU, and its event goes into the same record. Rights are of stock alone here: nothing is
 * granted of goods in transit or of a cap.
 */
export function stocksOf(
  stockroom: Stockroom,
  orders: Orders,
  nowMs: number,
  changes: Change[],
): Stocks {
  const step = (key: ActorKey, op: StockCommand['op'], more: Partial<StockCommand>): void => {
    const done = stockroom.run(commandOf(key, op, more), nowMs);
    if (!done.ok) throw new Error(`${op} of ${key} for rights is refused: ${done.code}`);
    changes.push(...done.changes);
  };
  return (key) => ({
    figures: () => homeFigures(stockroom, key),
    sourceOf: (order) => orders.sourceOf(key, order) ?? heldHere(stockroom, key, order),
    hold(order, source, units, out) {
      orders.remember(key, order, source, nowMs);
      const qty = units.stock;
      if (out.stock === qty) return step(key, 'sell', { hold: order, doc: source, qty });
      // Nothing was out for it any more: it gets what there is, even of safety stock, and waits for the rest.
      opening(stockroom, key, step);
      const more = { ...NO_MORE, backorder: true, useSafety: true };
      step(key, 'reserve', { hold: order, doc: source, qty, more });
    },
    cancel(order) {
      if (isOpenHere(stockroom, key, order)) step(key, 'cancel', { hold: order });
    },
    serve() {
      throw new Error('no rights but of stock are given out, so there are none to serve');
    },
    granted({ stock }: Readonly<ByKind>) {
      if (stock < 0) return step(key, 'regain', { qty: -stock });
      opening(stockroom, key, step);
      // A restored home learns what it had granted: where goods for it have gone, that is a debt.
      step(key, 'grant', { qty: stock, more: { ...NO_MORE, backorder: true } });
    },
  });
}

/** What of a SKU can be promised, as its actor has it. */
export function homeFigures(stockroom: Stockroom, key: ActorKey): Figures {
  const b = stockroom.get(key)?.b ?? noBalances();
  return {
    qualified: onHand(b, QUALIFIED) - get(b, QUALIFIED, BLOCKED),
    inTransit: 0,
    oversellCap: 0,
    safety: get(b, QUALIFIED, SAFETY),
    held: { ...none(), stock: get(b, QUALIFIED, ALLOCATED) },
  };
}

/** A home that was restored to before it ever had this SKU opens its actor, with nothing in it. */
function opening(
  stockroom: Stockroom,
  key: ActorKey,
  step: (key: ActorKey, op: StockCommand['op'], more: Partial<StockCommand>) => void,
): void {
  if (stockroom.get(key) === undefined) step(key, 'announce', { qty: 0 });
}

export function commandOf(
  key: ActorKey,
  op: StockCommand['op'],
  more: Partial<StockCommand>,
): StockCommand {
  return { ...BLANK, op, key, ...parseActorKey(key), ...more };
}

/** Also of one that has ended not long ago. */
function heldHere(stockroom: Stockroom, key: ActorKey, order: HoldId): string | undefined {
  const hold = stockroom.get(key)?.holds?.get(order);
  if (hold === undefined) return undefined;
  return 'ended' in hold ? hold.ended : hold.doc || 'home';
}

function isOpenHere(stockroom: Stockroom, key: ActorKey, order: HoldId): boolean {
  const hold = stockroom.get(key)?.holds?.get(order);
  return hold !== undefined && !('ended' in hold);
}

/** Stock for a home that only follows its own events: what they did to stock is told in events of its own. */
export const followed = (doubled: ReadonlySet<string>, orders: Orders, nowMs: number): Stocks => {
  return (key): Stock => ({
    figures: () => NOTHING,
    sourceOf: (order) => (doubled.has(orderKey(order, key)) ? 'held' : undefined),
    hold: (order, source) => orders.remember(key, order, source, nowMs),
    cancel: () => {},
    serve: () => {},
    granted: () => {},
  });
};

const NOTHING = { qualified: 0, inTransit: 0, oversellCap: 0, safety: 0, held: none() };
