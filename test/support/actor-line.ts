import type { ActorKey, HoldId } from '../../actors/ids.ts';
import { type EndedHold, type Hold, isOpen, type StockState } from '../../actors/stock/state.ts';
import { detailLine } from '../../engine/snapshots/detail-line.ts';
import type { ActorLine, HoldLine } from '../../engine/snapshots/slices.ts';

/** An actor as it stands in a snapshot: what its bytes have to say. */
export function actorLine(key: ActorKey, state: StockState): ActorLine {
  const holds: HoldLine[] = [];
  for (const [id, hold] of state.holds ?? []) holds.push(holdLine(id, hold));
  return [key, state.seq, state.b, holds, state.ended ?? [], detailLine(state.detail)];
}

function holdLine(id: HoldId, hold: Hold | EndedHold): HoldLine {
  if (!isOpen(hold)) return [id, hold.ended];
  return [
    id,
    hold.order,
    hold.quality,
    hold.doc,
    hold.hard,
    hold.soft.flatMap((p) => [p.qty, p.expiresAtMs]),
    hold.waiting,
    hold.presale,
    hold.oversell,
    hold.picked,
    hold.packed,
    hold.shipped,
  ];
}
