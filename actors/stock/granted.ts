import { RIGHTS } from '../ids.ts';
import { type Refused, refuse } from '../outcomes.ts';
import { available, free } from './balances.ts';
import { QUALIFIED, type StockCommand } from './commands.ts';
import type { StockEvent } from './events.ts';
import { detailOf, event, overflows } from './made.ts';
import { NO_DOING, serve } from './serve.ts';
import { backed, openHold, promised, type StockState } from './state.ts';

/** ④ What home does with rights of a SKU: units that selling points may sell (docs/RIGHTS.md). */

/**
 * Free units go out as rights. With `backorder` they are out already, as a restored home has just heard: they
 * have what stock there is behind them, even safety stock, and the rest is at risk.
 */
export function grant(state: StockState, c: StockCommand): StockEvent | Refused {
  const can = (c.more.backorder ? free : available)(state.b, QUALIFIED);
  if (c.qty > can && !c.more.backorder) return refuse('insufficient', c.qty, can);
  const waiting = Math.max(0, c.qty - can);
  if (overflows(state, waiting)) return refuse('qty_overflow');
  return event('granted', { ...c, hold: RIGHTS }, QUALIFIED, c.qty, { waiting });
}

/** Rights come back unsold: those with no stock behind them first; the stock of the others goes to those who wait. */
export function regain(state: StockState, c: StockCommand): StockEvent | Refused {
  const out = rightsOut(state);
  if (c.qty > out.units) return refuse('exceeds_hold', c.qty, out.units);
  const waiting = Math.min(c.qty, out.units - out.backed);
  const { shifts, pins } = serve(state, QUALIFIED, c.qty - waiting, NO_DOING, RIGHTS);
  const detail = detailOf({ pins });
  return event('regained', { ...c, hold: RIGHTS }, QUALIFIED, c.qty, { waiting, shifts, detail });
}

/** A sale comes home and is a hold from now on: of rights with stock behind them as far as there are any. */
export function sell(state: StockState, c: StockCommand): StockEvent | Refused {
  if (state.holds?.has(c.hold)) return refuse('hold_exists');
  const out = rightsOut(state);
  if (c.qty > out.units) return refuse('exceeds_hold', c.qty, out.units);
  return event('sold', c, QUALIFIED, c.qty, { waiting: Math.max(0, c.qty - out.backed) });
}

function rightsOut(state: StockState): { readonly units: number; readonly backed: number } {
  const rights = openHold(state, RIGHTS);
  return rights === undefined ? NONE : { units: promised(rights), backed: backed(rights) };
}

const NONE = { units: 0, backed: 0 };
