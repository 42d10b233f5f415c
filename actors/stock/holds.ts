import type { HoldId } from '../ids.ts';
import { type Refused, refuse } from '../outcomes.ts';
import type { Quality } from './commands.ts';
import type { Shift } from './events.ts';
import { backed, type Hold, isOpen, NO_SOFT, type StockState, softUnits } from './state.ts';

/** The open hold, or the refusal that says why there is none. */
export function find(state: StockState, id: HoldId): Hold | Refused {
  const hold = state.holds?.get(id);
  if (hold === undefined) return refuse('unknown_hold');
  if (isOpen(hold)) return hold;
  return hold.ended === 'shipped' ? refuse('already_shipped') : refuse('hold_ended');
}

/**
 * Whose backing a loss takes (S7): that of those who are pinned to lost units and get no others; then, newest
 * promise first, `unpicked` units of holds that are not pinned, and `handled` ones of all
 * holds, picked before packed. For these it looks at every hold: such a loss is rare.
 */
export function takeBacking(
  state: StockState,
  quality: Quality,
  unpicked: number,
  handled: number,
  pinned: ReadonlyMap<HoldId, number>,
): readonly Shift[] {
  const newestFirst = unpicked + handled > 0 ? newest(state, quality) : [];
  const taken = new Map<HoldId, { unpicked: number; picked: number; packed: number }>();
  for (const [id, qty] of pinned) taken.set(id, { unpicked: qty, picked: 0, packed: 0 });
  const take = (
    stage: 'unpicked' | 'picked' | 'packed',
    most: number,
    has: (hold: Hold, id: HoldId) => number,
  ): number => {
    let left = most;
    for (const [id, hold] of newestFirst) {
      if (left === 0) break;
      const qty = Math.min(left, has(hold, id));
      if (qty === 0) continue;
      const t = taken.get(id) ?? { unpicked: 0, picked: 0, packed: 0 };
      t[stage] += qty;
      taken.set(id, t);
      left -= qty;
    }
    return left;
  };
  take('unpicked', unpicked, (hold, id) =>
    state.detail?.pins.has(id) === true ? 0 : backed(hold),
  );
  const left = take('picked', handled, (hold) => hold.picked);
  take('packed', left, (hold) => hold.packed);
  return [...taken].map(([hold, t]) => ({
    hold,
    qty: -(t.unpicked + t.picked + t.packed),
    picked: t.picked,
    packed: t.packed,
  }));
}

/** Open holds of a quality, the newest promise first. */
function newest({ holds }: StockState, quality: Quality): [HoldId, Hold][] {
  const found: [HoldId, Hold][] = [];
  for (const [id, hold] of holds ?? []) {
    if (isOpen(hold) && hold.quality === quality) found.push([id, hold]);
  }
  return found.sort((a, b) => b[1].order - a[1].order);
}

/** Adds `qty` soft units, keeping the earliest expiry first. */
export function addSoft(hold: Hold, qty: number, expiresAtMs: number): void {
  const earlier = hold.soft.filter((part) => part.expiresAtMs < expiresAtMs);
  const later = hold.soft.slice(earlier.length);
  const same = later[0]?.expiresAtMs === expiresAtMs ? later.shift() : undefined;
  hold.soft = [...earlier, { qty: qty + (same?.qty ?? 0), expiresAtMs }, ...later];
}

/** Takes up to `qty` soft units, earliest expiry first. Returns how many it took. */
export function takeSoft(hold: Hold, qty: number): number {
  if (hold.soft.length === 0) return 0; // most are hard
  let left = qty;
  let gone = 0;
  for (const part of hold.soft) {
    if (part.qty > left) break;
    left -= part.qty;
    gone++;
  }
  const [first, ...rest] = hold.soft.slice(gone);
  if (first === undefined) {
    const took = qty - left;
    hold.soft = NO_SOFT;
    return took;
  }
  hold.soft = left === 0 ? [first, ...rest] : [{ ...first, qty: first.qty - left }, ...rest];
  return qty;
}

/** Takes `qty` promised units: soft ones first, since they are the weaker promise. */
export function takePromised(hold: Hold, qty: number): void {
  hold.hard -= qty - takeSoft(hold, qty);
}

/** Soft units whose time has come by `nowMs`. */
export function dueUnits(hold: Hold, nowMs: number): number {
  let due = 0;
  for (const part of hold.soft) {
    if (part.expiresAtMs > nowMs) break;
    due += part.qty;
  }
  return due;
}

/** Units that can be picked now: hard and with stock behind them. */
export const pickable = (hold: Hold): number =>
  Math.min(hold.hard, hold.hard + softUnits(hold) - hold.waiting);
