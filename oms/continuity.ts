import {
  ALLOCATED,
  type Balances,
  BLOCKED,
  base,
  GRANTED,
  noBalances,
  PACKED,
  PICKED,
  RECEIVING,
  SAFETY,
  SHELF,
  TRANSIT,
  WAITING,
} from '../actors/stock/balances.ts';
import type { StockEvent } from '../actors/stock/events.ts';
import {
  type CommitmentAccount,
  type PhysicalAccount,
  type Posting,
  postings,
} from '../actors/stock/postings.ts';
import { plainEvents } from './plain.ts';

/** Where an account is counted; −1 where it is what the others leave, or not ours. */
const COUNTER: Readonly<Record<PhysicalAccount | CommitmentAccount, number>> = {
  shelf: SHELF,
  receiving: RECEIVING,
  picked: PICKED,
  packed: PACKED,
  allocated: ALLOCATED,
  granted: GRANTED,
  blocked: BLOCKED,
  inTransit: TRANSIT,
  available: -1,
  outside: -1,
};

/**
 * S4 at the centre: the balances before, with the event's postings, are the
 * balances after. The shard worked them out by another way, so a balance that
 * was damaged, or a step that is missing, does not pass.
 */
export function continues(before: Balances, event: StockEvent, after: Balances): boolean {
  return isSame(posted(before, event), after);
}

/** By kind: what one unit of a plain event adds to each counter of qualified units. */
export const UNIT_EFFECTS: readonly Balances[] = plainEvents(1).map((event) =>
  posted(noBalances(), event),
);

function posted(before: Balances, event: StockEvent): Balances {
  const sums = before.slice();
  const { physical, commitment, waiting, waitingOf } = postings(event);
  for (const p of physical) post(sums, p);
  for (const p of commitment) post(sums, p);
  add(sums, base(waitingOf) + WAITING, waiting);
  if (event.kind === 'safetySet') sums[base(event.quality) + SAFETY] = event.qty;
  return sums;
}

function post(sums: Balances, p: Posting<PhysicalAccount | CommitmentAccount>): void {
  const from = COUNTER[p.from];
  const to = COUNTER[p.to];
  if (from >= 0) add(sums, base(p.quality) + from, -p.qty);
  if (to >= 0) add(sums, base(p.toQuality) + to, p.qty);
}

function add(sums: Balances, at: number, qty: number): void {
  if (qty === 0) return;
  while (sums.length <= at) sums.push(0);
  sums[at] = (sums[at] as number) + qty;
}

/** Qualities that are not there yet count as zeros. */
function isSame(a: Balances, b: Balances): boolean {
  const width = Math.max(a.length, b.length);
  for (let i = 0; i < width; i++) if ((a[i] ?? 0) !== (b[i] ?? 0)) return false;
  return true;
}
