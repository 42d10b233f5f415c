import { type Refused, refuse } from '../outcomes.ts';
import type { StockEvent } from '../stock/events.ts';
import { type LotFilter, NO_LOT } from '../stock/lot.ts';
import type { Change } from '../stock/stockroom.ts';
import type { DocumentCommand, DocumentLine } from './commands.ts';
import { BLANK_LINE } from './commands.ts';
import { lotsTaken, type MovedLot } from './lots.ts';
import { datesOf } from './ownership.ts';
import {
  asked,
  askedOrAll,
  at,
  doubled,
  headOf,
  holdId,
  type Look,
  moved,
  plainLot,
  type Step,
  stepOf,
  withoutUnits,
  wrongState,
} from './plan.ts';
import type { Parcel, SourceLine, SourceState, SourceStatus, TransferDraft } from './transfer.ts';

const outstanding = ({ qty, received, lost }: Parcel): number => qty - received - lost;

export function sourceStatus(t: SourceState): SourceStatus {
  if (t.isCancelled) return 'cancelled';
  if (t.parcels.length === 0) return 'placed';
  return t.parcels.every((p) => outstanding(p) === 0) ? 'settled' : 'dispatched';
}

/** What is to go is reserved, all of it. */
export function placeTransfer(c: DocumentCommand, nowMs: number): TransferDraft<SourceState> {
  const { toWarehouse, useSafety } = c.more;
  const wrong = doubled(c) ?? withoutUnits(c) ?? notAway(c);
  if (wrong !== undefined) return wrong;
  const lines = c.lines.map(newLine);
  const next: SourceState = {
    ...headOf('transfer', 'placed', c, nowMs),
    ...{ leg: 'source', toWarehouse, isCancelled: false, told: '', lines, parcels: [] },
  };
  const steps = lines.map((line, place) => {
    const { qty, quality, lot, serials } = line;
    const hold = holdId(c.doc, line.line);
    return stepOf(c, place, line, 'reserve', {
      qty,
      hold,
      quality,
      more: { lot, serials, useSafety },
    });
  });
  return { steps, next: () => next };
}

function notAway({ warehouse, more: { toWarehouse } }: DocumentCommand): Refused | undefined {
  if (toWarehouse !== '' && toWarehouse !== warehouse) return undefined;
  return refuse('bad_field', 0, -1, 'toWarehouse: name another warehouse');
}

const newLine = ({
  line,
  sku,
  key,
  quality,
  lot,
  serials,
  policy,
  qty,
}: DocumentLine): SourceLine => ({
  ...{ line, sku, key, quality, lot: plainLot(lot), serials, policy, qty, dispatched: 0 },
});

export function dispatchLeg(
  t: SourceState,
  c: DocumentCommand,
  look: Look,
): TransferDraft<SourceState> {
  const status = sourceStatus(t);
  switch (c.act) {
    case 'transfer.dispatch':
      return status === 'placed' ? dispatch(t, c, look) : wrongState(status);
    case 'transfer.cancel':
      if (status === 'placed') return cancel(t, c);
      return wrongState(status, status === 'dispatched' ? 'receive it there and send it back' : '');
    case 'transfer.settle':
      return status === 'dispatched' || status === 'settled' ? settle(t, c) : wrongState(status);
    default:
      return wrongState(status);
  }
}

/** All of it is picked, packed and shipped at once; lines may say from which places and batches. */
function dispatch(t: SourceState, c: DocumentCommand, look: Look): TransferDraft<SourceState> {
  const told = asked(t.lines, c);
  if ('ok' in told) return told;
  const steps: Step[] = [];
  for (const line of t.lines.filter((l) => l.qty > 0)) {
    const picked = pickSteps(
      t,
      c,
      line,
      told.filter((one) => one.line === line),
    );
    if ('ok' in picked) return picked;
    const hold = holdId(t.id, line.line);
    const rest = (['pack', 'ship'] as const).map((op) => stepOf(c, -1, line, op, { hold }));
    steps.push(...picked, ...rest);
  }
  return { steps, next: (changes) => dispatched(t, look, changes) };
}

function pickSteps(
  t: SourceState,
  c: DocumentCommand,
  line: SourceLine,
  told: readonly { readonly place: number; readonly ask: DocumentLine }[],
): readonly Step[] | Refused {
  const hold = holdId(t.id, line.line);
  const { policy } = line;
  let left = line.qty;
  const steps: Step[] = [];
  for (const { place, ask } of told) {
    const qty = ask.qty || left;
    if (qty > left || qty === 0) return at(place, refuse('exceeds_line', qty || 1, left));
    left -= qty;
    const more = { lot: ask.lot, serials: ask.serials, policy };
    steps.push(stepOf(c, place, line, 'pick', { qty, hold, more }));
  }
  if (left > 0) {
    const serials = left === line.serials.length ? line.serials : [];
    steps.push(stepOf(c, -1, line, 'pick', { qty: left, hold, more: { policy, serials } }));
  }
  return steps;
}

/** Parcels are what stock says has left, lot by lot. */
function dispatched(t: SourceState, look: Look, changes: readonly Change[]): SourceState {
  const parcels = t.lines.flatMap((line) => {
    const hold = holdId(t.id, line.line);
    const shipped = changes.filter(({ event }) => event.kind === 'shipped' && event.hold === hold);
    const lots = shipped.flatMap(({ event }) => lotsOf(event));
    return lots.map(({ lot, qty, serials }, i): Parcel => {
      const dates = datesOf(look(line.key)?.detail, lot.batch ?? '');
      return {
        line: i === 0 ? line.line : `${line.line}.${i + 1}`,
        ...{ sku: line.sku, quality: line.quality, qty, lot, serials },
        ...{ dates: dates === undefined ? [] : [dates], received: 0, lost: 0 },
      };
    });
  });
  return { ...t, parcels, lines: t.lines.map((l) => ({ ...l, dispatched: l.qty })) };
}

/** Units that left by lot. Where they lay and in which container says nothing where they go. */
const lotsOf = (event: StockEvent): MovedLot[] =>
  lotsTaken(event).map(({ lot: { batch, box, fnsku }, ...of }) => ({
    ...of,
    lot: known(plainLot({ batch, box, fnsku } as LotFilter)),
  }));

/** Without what is not known. */
const known = (lot: LotFilter): LotFilter =>
  Object.fromEntries(
    Object.entries(lot).filter(([name, v]) => v !== NO_LOT[name as keyof LotFilter]),
  );

function cancel(t: SourceState, c: DocumentCommand): TransferDraft<SourceState> {
  const lines =
    doubled(c) ??
    askedOrAll(
      t.lines,
      c,
      (l) => l.qty,
      (l) => ({ ...BLANK_LINE, ...l }),
    );
  if ('ok' in lines) return lines;
  const steps: Step[] = [];
  const next = new Map(t.lines.map((line) => [line.line, line]));
  for (const { place, line, ask } of lines) {
    const qty = ask.qty || line.qty;
    if (qty > line.qty) return at(place, refuse('exceeds_line', qty, line.qty));
    next.set(line.line, { ...line, qty: line.qty - qty });
    steps.push(stepOf(c, place, line, 'cancel', { qty, hold: holdId(t.id, line.line) }));
  }
  const left = [...next.values()];
  return {
    steps,
    next: () => ({ ...t, lines: left, isCancelled: left.every((l) => l.qty === 0) }),
  };
}

/** What the destination says came or is lost: totals that only grow, so that order does not matter. */
function settle(t: SourceState, c: DocumentCommand): TransferDraft<SourceState> {
  const told = asked(t.parcels, c);
  if ('ok' in told) return told;
  const byLabel = new Map(told.map((one) => [one.ask.line, one]));
  const parcels: Parcel[] = [];
  for (const parcel of t.parcels) {
    const one = byLabel.get(parcel.line);
    const received = Math.max(parcel.received, one?.ask.qty ?? 0);
    const lost = Math.max(parcel.lost, one?.ask.failed ?? 0);
    if (received + lost > parcel.qty) {
      return at(one?.place ?? -1, refuse('exceeds_line', received + lost, parcel.qty));
    }
    parcels.push({ ...parcel, received, lost });
  }
  return moved({ ...t, parcels });
}
