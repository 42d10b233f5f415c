import { type ActorKey, type HoldId, PRESALE, parseActorKey } from '../ids.ts';
import { ALLOCATED, BLOCKED, get, noBalances, onHand, SAFETY, TRANSIT } from '../stock/balances.ts';
import { BLANK, NO_MORE, QUALIFIED, type StockCommand } from '../stock/commands.ts';
import { backed, openHold } from '../stock/state.ts';
import type { Change, Stockroom } from '../stock/stockroom.ts';
import type { Figures } from './backing.ts';
import type { Stock, Stocks } from './home.ts';
import { planAt } from './home-pools.ts';
import type { Orders } from './orders.ts';
import type { SkuPlan } from './plan.ts';
import { orderKey } from './point.ts';
import { type ByKind, none, sumOf } from './pools.ts';
import type { Rights } from './rights.ts';

/**
 * The stock actors of a shard as home works with them: each call is a step on the actor of one
 * SKU, and its event goes into the same record. Actors serve by themselves who waits, and what was promised with
 * nothing behind it is only counted.
 */
export function stocksOf(
  stockroom: Stockroom,
  { home, orders }: Pick<Rights, 'home' | 'orders'>,
  nowMs: number,
  changes: Change[],
): Stocks {
  const step = (key: ActorKey, op: StockCommand['op'], more: Partial<StockCommand>): void => {
    const done = stockroom.run(commandOf(key, op, more), nowMs);
    if (!done.ok) throw new Error(`${op} of ${key} for rights is refused: ${done.code}`);
    changes.push(...done.changes);
  };
  return (key) => ({
    figures: () => homeFigures(stockroom, key, planAt(home, key)),
    sourceOf: (order) => orders.sourceOf(key, order) ?? heldHere(stockroom, key, order),
    hold(order, source, units, out) {
      orders.remember(key, order, source, nowMs);
      const qty = sumOf(units);
      const { presale, oversell } = units;
      opening(stockroom, key, step);
      if (sumOf(out) === qty) {
        const more = presale + oversell === 0 ? NO_MORE : { ...NO_MORE, presale, oversell };
        return step(key, 'sell', { hold: order, doc: source, qty, more });
      }
      // Nothing was out for it any more: it gets what there is, even of safety stock, and waits for the rest.
      const more = { ...NO_MORE, backorder: true, useSafety: true };
      step(key, 'reserve', { hold: order, doc: source, qty, more });
    },
    cancel(order) {
      if (isOpenHere(stockroom, key, order)) step(key, 'cancel', { hold: order });
    },
    serve: () => {},
    granted({ stock, presale }: Readonly<ByKind>) {
      if (stock + presale > 0) opening(stockroom, key, step);
      // A restored home learns what it had granted: where goods for it have gone, that is a debt.
      const more = { ...NO_MORE, backorder: true };
      for (const [hold, units] of [
        [BLANK.hold, stock],
        [PRESALE, presale],
      ] as const) {
        if (units < 0) step(key, 'regain', { hold, qty: -units });
        else if (units > 0) step(key, 'grant', { hold, qty: units, more });
      }
    },
  });
}

/**
 * What of a SKU can be promised, as its actor has it. Stock that has come for pre-sale rights which are out is theirs: it
 * counts neither as there nor as promised.
 */
export function homeFigures(stockroom: Stockroom, key: ActorKey, plan: SkuPlan): Figures {
  const state = stockroom.get(key);
  const b = state?.b ?? noBalances();
  const ahead = state && openHold(state, PRESALE);
  const theirs = ahead === undefined ? 0 : backed(ahead);
  const presale = (state?.presale ?? 0) - (ahead?.presale ?? 0) - theirs;
  return {
    qualified: onHand(b, QUALIFIED) - get(b, QUALIFIED, BLOCKED) - theirs,
    inTransit: get(b, QUALIFIED, TRANSIT),
    oversellCap: plan.oversell,
    safety: get(b, QUALIFIED, SAFETY),
    held: {
      stock: get(b, QUALIFIED, ALLOCATED),
      presale,
      oversell: state?.oversell ?? 0,
    },
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
