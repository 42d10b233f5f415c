import { refuse } from '../outcomes.ts';
import type { DocumentCommand, DocumentLine } from './commands.ts';
import { receipt } from './inbound.ts';
import {
  asked,
  at,
  doubled,
  headOf,
  plainLot,
  type Step,
  stepOf,
  withoutUnits,
  wrongState,
} from './plan.ts';
import type {
  DestinationLine,
  DestinationState,
  DestinationStatus,
  TransferDraft,
} from './transfer.ts';

export const isAccounted = (t: DestinationState): boolean =>
  t.lines.every((l) => l.received + l.lost === l.expected);

export function destinationStatus(t: DestinationState): DestinationStatus {
  if (t.isClosed) return 'closed';
  if (isAccounted(t)) return 'received';
  return t.lines.some((l) => l.received > 0) ? 'receiving' : 'inTransit';
}

/** The source has dispatched it: a memo here, counted there. */
export function expectTransfer(c: DocumentCommand, nowMs: number): TransferDraft<DestinationState> {
  const wrong = doubled(c) ?? withoutUnits(c);
  if (wrong !== undefined) return wrong;
  const { fromWarehouse, untilPutaway } = c.more;
  const lines = c.lines.map(newLine);
  const next: DestinationState = {
    ...headOf('transfer', 'inTransit', c, nowMs),
    ...{ leg: 'destination', fromWarehouse, untilPutaway, isClosed: false, told: '', lines },
  };
  const steps = lines.map((line, place) =>
    stepOf(c, place, line, 'announce', { qty: line.expected, quality: line.quality }),
  );
  return { steps, next: () => next };
}

const newLine = ({ line, sku, key, quality, qty, ...of }: DocumentLine): DestinationLine => ({
  ...{ line, sku, key, quality, lot: plainLot(of.lot), serials: of.serials },
  ...{ dates: of.dates === undefined ? [] : [of.dates], expected: qty },
  ...{ received: 0, lost: 0, damaged: 0 },
});

export function arrivalLeg(
  t: DestinationState,
  c: DocumentCommand,
): TransferDraft<DestinationState> {
  const status = destinationStatus(t);
  if (c.act !== 'transfer.receive' && c.act !== 'transfer.close') return wrongState(status);
  if (status === 'closed') return wrongState(status, 'what comes now is found goods: adjust');
  return c.act === 'transfer.receive' ? receive(t, c) : close(t, c);
}

const coming = ({ expected, received, lost }: DestinationLine): number =>
  expected - received - lost;

/** A command without lines receives all that is still to come, as it was sent. */
function receive(t: DestinationState, c: DocumentCommand): TransferDraft<DestinationState> {
  const whole = t.lines.filter(coming).map((l) => ({ place: -1, line: l, ask: asSent(l) }));
  const lines = c.lines.length > 0 ? asked(t.lines, c) : whole;
  if ('ok' in lines) return lines;
  if (lines.length === 0) return refuse('over_receipt', 1, 0);
  const next = new Map(t.lines.map((line) => [line.line, line]));
  const steps: Step[] = [];
  for (const { place, ask } of lines) {
    const line = next.get(ask.line) as DestinationLine;
    const can = coming(line);
    const qty = ask.qty || can;
    if (qty > can || qty === 0) return at(place, refuse('over_receipt', qty || 1, can));
    const serials = ask.serials ?? [];
    const quality = ask.quality ?? line.quality;
    const how = { qty, quality, arrived: qty, lot: { ...line.lot, ...ask.lot } };
    const more = {
      serials: qty === line.expected && serials.length === 0 ? line.serials : serials,
    };
    const [dates] = line.dates;
    const { untilPutaway } = t;
    steps.push(...receipt(c, place, line, { ...how, ...more, dates, untilPutaway }));
    const damaged = line.damaged + (quality === line.quality ? 0 : qty);
    next.set(line.line, { ...line, received: line.received + qty, damaged });
  }
  return { steps, next: () => ({ ...t, lines: [...next.values()] }) };
}

type Told = Pick<DocumentLine, 'line' | 'qty'> & Partial<DocumentLine>;

const asSent = (line: DestinationLine): Told => ({ line: line.line, qty: coming(line) });

/** The rest will not come: it is lost, and the source is told. */
function close(t: DestinationState, c: DocumentCommand): TransferDraft<DestinationState> {
  const steps = t.lines
    .filter(coming)
    .map((l) => stepOf(c, -1, l, 'withdraw', { qty: coming(l), quality: l.quality }));
  const lines = t.lines.map((l) => ({ ...l, lost: l.lost + coming(l) }));
  return { steps, next: () => ({ ...t, isClosed: true, lines }) };
}
