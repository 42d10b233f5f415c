import type { HoldId } from '../ids.ts';
import { openHold, type StockState } from './state.ts';

/** Goods that come, or that will not. */
export interface Arriving {
  /** Announced units that are for sale now. */
  readonly units: number;
  /** Units in transit afterwards. */
  readonly transit: number;
}

/** What becomes of a hold's units that wait for goods in transit. */
export interface Ahead {
  /** They have come. */
  readonly served: number;
  /** They will not come: from now on these wait for any goods. */
  readonly lapsed: number;
}

/**
 * Who waits for goods in transit, when some come or fail to come: what comes goes to whoever was promised first, what
 * is lacking is taken from whoever was promised last, unsold rights before all others. By hold, those that change.
 */
export function aheadOf(
  state: StockState,
  { units, transit }: Arriving,
): ReadonlyMap<HoldId, Ahead> | undefined {
  if (state.presale === 0) return undefined;
  const presaleOf = (id: HoldId): number => openHold(state, id)?.presale ?? 0;
  const ahead = new Map<HoldId, Ahead>();
  let left = units;
  for (const id of state.queue ?? []) {
    const served = Math.min(left, presaleOf(id));
    left -= served;
    if (served > 0) ahead.set(id, { served, lapsed: 0 });
  }
  let lacking = state.presale - (units - left) - transit;
  for (const id of state.queue?.toReversed() ?? []) {
    if (lacking <= 0) break;
    const served = ahead.get(id)?.served ?? 0;
    const lapsed = Math.min(lacking, presaleOf(id) - served);
    lacking -= lapsed;
    if (lapsed > 0) ahead.set(id, { served, lapsed });
  }
  return ahead;
}
