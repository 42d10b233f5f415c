import { type HoldId, PRESALE, RIGHTS } from '../ids.ts';
import { type Refused, refuse } from '../outcomes.ts';
import { available, free, TRANSIT } from './balances.ts';
import { QUALIFIED, type StockCommand } from './commands.ts';
import type { StockEvent } from './events.ts';
import { detailOf, event, overflows } from './made.ts';
import { NO_DOING, serve } from './serve.ts';
import { backed, openHold, promised, type StockState } from './state.ts';

/** ④ What home does with rights of a SKU: units that selling points may sell (docs/RIGHTS.md). */

/**
 * Free units, or units in transit that nobody was promised, go out as rights. With `backorder` they are out already, as a restored
 * home has just heard: they have what there is behind them, even safety stock, and the rest is at risk.
 */
export function grant(state: StockState, c: StockCommand): StockEvent | Refused {
  const isOut = c.more.backorder;
  const coming = c.hold === PRESALE ? comingOf(state) : 0;
  const ofStock = Math.max(0, c.qty - coming);
  const can = c.hold === PRESALE && !isOut ? 0 : (isOut ? free : available)(state.b, QUALIFIED);
  if (ofStock > can && !isOut) return refuse('insufficient', c.qty, coming + can);
  const waiting = c.qty - Math.min(ofStock, can);
  if (overflows(state, waiting)) return refuse('qty_overflow');
  return event('granted', ofRights(c), QUALIFIED, c.qty, { waiting });
}

/** Units in transit that nobody was promised. */
export const comingOf = ({ b, presale }: StockState): number => (b[TRANSIT] as number) - presale;

/** Rights come back unsold: those with no stock behind them first; the stock of the others goes to those who wait. */
export function regain(state: StockState, c: StockCommand): StockEvent | Refused {
  const command = ofRights(c);
  const out = rightsOut(state, command.hold);
  if (c.qty > out.units) return refuse('exceeds_hold', c.qty, out.units);
  const waiting = Math.min(c.qty, out.units - out.backed);
  const { shifts, pins } = serve(state, QUALIFIED, c.qty - waiting, NO_DOING, {
    leaving: command.hold,
  });
  const detail = detailOf({ pins });
  return event('regained', command, QUALIFIED, c.qty, { waiting, shifts, detail });
}

const ofRights = (c: StockCommand): StockCommand =>
  c.hold === PRESALE ? c : { ...c, hold: RIGHTS };

/**
 * A sale comes home and is a hold from now on: of rights with stock behind them as far as there are any. What was
 * sold with nothing behind it waits for goods that come: what is free is for others.
 */
export function sell(state: StockState, c: StockCommand): StockEvent | Refused {
  if (state.holds?.has(c.hold)) return refuse('hold_exists');
  const { presale: arrived, oversell: blocked } = c.more;
  const ofStock = c.qty - arrived - blocked;
  const stock = rightsOut(state, RIGHTS);
  const ahead = rightsOut(state, PRESALE);
  if (ofStock > stock.units) return refuse('exceeds_hold', ofStock, stock.units);
  if (arrived > ahead.units) return refuse('exceeds_hold', arrived, ahead.units);
  if (overflows(state, blocked)) return refuse('qty_overflow');
  const has = Math.min(ofStock, stock.backed) + Math.min(arrived, ahead.backed);
  return event('sold', c, QUALIFIED, c.qty, { waiting: c.qty - has, arrived, blocked });
}

function rightsOut(
  state: StockState,
  id: HoldId,
): { readonly units: number; readonly backed: number } {
  const rights = openHold(state, id);
  return rights === undefined ? NONE : { units: promised(rights), backed: backed(rights) };
}

const NONE = { units: 0, backed: 0 };
