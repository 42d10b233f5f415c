import type { HoldId } from '../ids.ts';
import type { Refused } from '../outcomes.ts';
import { type Balances, BLOCKED, free, get, RECEIVING, SHELF } from './balances.ts';
import { choose, movesOf, type Portion, type Where } from './choose.ts';
import type { Quality, StockCommand } from './commands.ts';
import { NO_SHIFTS, type Shift } from './events.ts';
import { takeBacking } from './holds.ts';
import type { LineName } from './lot.ts';
import { losePins, takesPinned } from './pins.ts';
import { type Doing, Unpinned } from './serve.ts';
import { isDetailed, orderOf, type StockState } from './state.ts';

/** Units on the shelf that are not kept from sale, promised ones included. */
export const onSale = (b: Balances, quality: Quality): number =>
  get(b, quality, SHELF) - get(b, quality, BLOCKED) + get(b, quality, RECEIVING);

/** Units that leave sale, and what their holds lose. */
export interface Taken extends Doing {
  readonly portions: readonly Portion[];
  readonly waiting: number;
  readonly shifts: readonly Shift[];
}

/** Units leave sale, for where `to` says: free ones first, then those of promises. */
export function takeFromSale(
  state: StockState,
  c: StockCommand,
  qty: number,
  where: Where,
  to: (name: LineName) => LineName | undefined,
  handled = 0,
): Taken | Refused {
  const isDetail = isDetailed(state, c) || c.op === 'block' || c.op === 'outdate';
  const portions = isDetail ? choose(state, where, qty, c.more, undefined, takesPinned(state)) : [];
  if ('ok' in portions) return portions;
  const doing = { moves: movesOf(portions, to), pins: losePins(state, portions) };
  return { portions, ...doing, ...takeBeyondFree(state, c.quality, qty, doing, handled) };
}

/**
 * Which promises lose their stock when units go, beyond those that are free: `qty` unpicked ones, and
 * handled ones. Those that are pinned to them get others like them, if any are free.
 */
function takeBeyondFree(
  state: StockState,
  quality: Quality,
  qty: number,
  doing: Doing,
  handled: number,
): Pick<Taken, 'pins' | 'waiting' | 'shifts'> {
  const pinned = new Map<HoldId, number>();
  for (const { hold, qty } of doing.pins) pinned.set(hold, (pinned.get(hold) ?? 0) - qty);
  const unpinned = qty - sumOf(pinned.values());
  const beyond = Math.max(0, unpinned - free(state.b, quality));
  const pins = [...doing.pins];
  const others = new Unpinned(state.detail, quality, doing);
  let left = Math.max(0, free(state.b, quality) - unpinned);
  const oldest = [...pinned].sort(([a], [b]) => orderOf(state, a) - orderOf(state, b));
  for (const [hold, lost] of oldest) {
    const its = others.take(hold, Math.min(left, lost));
    const again = sumOf(its.map((pin) => pin.qty));
    pins.push(...its);
    pinned.set(hold, lost - again);
    left -= again;
  }
  const waits = new Map([...pinned].filter(([, lost]) => lost > 0));
  if (beyond + handled + waits.size === 0) return { pins, waiting: 0, shifts: NO_SHIFTS };
  const shifts = takeBacking(state, quality, beyond, handled, waits);
  return { pins, waiting: -sumOf(shifts.map((s) => s.qty)), shifts };
}

export const sumOf = (units: Iterable<number>): number => {
  let all = 0;
  for (const qty of units) all += qty;
  return all;
};
