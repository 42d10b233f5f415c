import type { CountLine, CountState } from '../documents/count.ts';
import type { InboundLine, InboundState } from '../documents/inbound.ts';
import type { OrderState } from '../documents/order.ts';
import { holdsOf, type OrderLine } from '../documents/order-lines.ts';
import { type Look, sum } from '../documents/plan.ts';
import type { DocumentState } from '../documents/states.ts';
import type { SkuId } from '../ids.ts';
import type { Quality } from '../stock/commands.ts';
import { pickable } from '../stock/holds.ts';
import type { StockState } from '../stock/state.ts';
import type { Task, TaskKind } from './task.ts';

/** What there is to do of a line just now, and where. */
export type Spot = Pick<Task, 'qty' | 'location' | 'batch' | 'to'>;

/** A line that is work. How much, and where, is asked of the stock when somebody is sent. */
export interface Work {
  readonly id: string;
  readonly kind: TaskKind;
  readonly line: string;
  readonly sku: SkuId;
  /** The higher, the sooner. */
  readonly priority: number;
  readonly wave: string;
  /** Undefined where there is nothing to do of it now. */
  spot(look: Look): Spot | undefined;
}

/** The work that a document is. Looks at its lines once. */
export function workOf(state: DocumentState): Work[] {
  if (state.endedAtMs > 0) return [];
  switch (state.kind) {
    case 'order':
      return [...picks(state), ...backs(state)];
    case 'asn':
    case 'return':
      return putaways(state);
    case 'count':
      return counts(state);
    default:
      return [];
  }
}

function workFor(
  state: DocumentState,
  kind: TaskKind,
  { line, sku }: { readonly line: string; readonly sku: SkuId },
  spot: Work['spot'],
  { priority, wave }: Pick<Work, 'priority' | 'wave'> = { priority: 0, wave: '' },
): Work {
  const id = `${kind}/${state.kind}/${state.id}/${line}`;
  return { id, kind, line, sku, priority, wave, spot };
}

/** Lines of a released order with units promised and not picked. */
function picks(order: OrderState): Work[] {
  if (!order.isReleased) return [];
  const left = order.lines.filter((line) => line.promised > 0);
  return left.map((line) =>
    workFor(order, 'pick', line, (look) => pickSpot(order.id, line, look), order),
  );
}

/** The first place that the line's policy would take, or its pins. */
function pickSpot(doc: string, line: OrderLine, look: Look): Spot | undefined {
  const holds = holdsOf(doc, line, look);
  const qty = sum(holds, ({ hold }) => pickable(hold));
  if (qty === 0) return undefined;
  const detail = look(line.key)?.detail;
  for (const { id } of holds) {
    for (const [key, pinned] of detail?.pins.get(id)?.lines ?? []) {
      const at = detail?.lines.get(key);
      if (at !== undefined) return { qty: Math.min(qty, pinned), ...placeOf(at) };
    }
  }
  for (const at of detail?.inOrder(line.quality, line.lot, line.policy) ?? []) {
    const free = at.qty - at.pinned;
    if (free > 0) return { qty: Math.min(qty, free), ...placeOf(at) };
  }
  return { qty, ...NOWHERE };
}

/** Cancelled picks that are to be put back. */
function backs(order: OrderState): Work[] {
  return order.lines
    .filter((line) => line.toPutBack > 0)
    .map((line) =>
      workFor(order, 'putaway', line, (look) =>
        awaiting(look(line.key), line.quality, line.toPutBack),
      ),
    );
}

/** Received goods that may not be sold before they are on a shelf. */
function putaways(inbound: InboundState): Work[] {
  return inbound.lines
    .filter((line) => line.awaiting > 0)
    .map((line) => workFor(inbound, 'putaway', line, (look) => inboundSpot(line, look)));
}

const inboundSpot = (line: InboundLine, look: Look): Spot =>
  awaiting(look(line.key), line.quality, line.awaiting);

/** Where goods await a place, if that is known. */
function awaiting(state: StockState | undefined, quality: Quality, qty: number): Spot {
  for (const at of state?.detail?.find(1, quality, {}) ?? []) {
    return { qty: Math.min(qty, at.qty), ...placeOf(at) };
  }
  return { qty, ...NOWHERE };
}

/** Lines that nobody has counted yet, or that are counted again. */
function counts(count: CountState): Work[] {
  const { isPosted, isCancelled } = count;
  if (isPosted || isCancelled) return [];
  const left = count.lines.filter((line) => !line.isCounted);
  return left.map((line) => workFor(count, 'count', line, () => countSpot(line)));
}

const countSpot = ({ lot }: CountLine): Spot => ({
  ...{ qty: 0, location: lot.location ?? '', batch: lot.batch ?? '', to: '' },
});

const NOWHERE = { location: '', batch: '', to: '' } as const;

const placeOf = ({ location, batch }: { readonly location: string; readonly batch: string }) => ({
  location,
  batch,
  to: '',
});
