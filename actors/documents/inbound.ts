import type { ActorKey, SkuId } from '../ids.ts';
import { type Refused, refuse } from '../outcomes.ts';
import type { BatchDates, Quality } from '../stock/commands.ts';
import type { LotFilter } from '../stock/lot.ts';
import { claim } from './claim.ts';
import type { DocumentCommand, DocumentKind, DocumentLine } from './commands.ts';
import {
  type Asked,
  asked,
  at,
  type Draft,
  doubled,
  headOf,
  type Look,
  type Machine,
  moved,
  type Step,
  stepOf,
  sum,
  withoutLines,
  withoutUnits,
  wrongState,
} from './plan.ts';
import type { Head } from './states.ts';

export type InboundStatus =
  | 'announced'
  | 'inTransit'
  | 'arrived'
  | 'receiving'
  | 'received'
  | 'closed'
  | 'cancelled';

/** What a supplier or a customer sends of one SKU; `announced` is 0 for what nobody announced. */
export interface InboundLine {
  readonly line: string;
  readonly sku: SkuId;
  readonly key: ActorKey;
  readonly quality: Quality;
  readonly announced: number;
  /** Announced, neither received nor given up. */
  readonly transit: number;
  /** Units of each quality that came. */
  readonly received: readonly number[];
  /** Received, and kept from sale until they are put away. */
  readonly awaiting: number;
  readonly putAway: number;
  /** As measured: length, width, height in mm, or none; g, or 0. */
  readonly size: readonly number[];
  readonly weight: number;
}

/** Goods on their way in: an advance shipping notice, or a return from a customer. */
export interface InboundState extends Head<'asn' | 'return', InboundStatus> {
  readonly partner: string;
  /** Percent of a line that may come beyond what was announced. */
  readonly tolerance: number;
  readonly untilPutaway: boolean;
  /** Goods that nobody announced are taken in. */
  readonly isBlind: boolean;
  readonly hasDeparted: boolean;
  readonly hasArrived: boolean;
  readonly isClosed: boolean;
  readonly isCancelled: boolean;
  /** Whose the goods turned out to be; '' where that was known. */
  readonly claimedBy: string;
  readonly lines: readonly InboundLine[];
}

export const asn: Machine<InboundState> = machine('asn');
/** Whatever a customer sends back is inspected before it is sold again. */
export const customerReturn: Machine<InboundState> = machine('return');

function machine(kind: 'asn' | 'return'): Machine<InboundState> {
  return {
    opens: [`${kind}.announce`],
    statusOf,
    isEnded: (a) => (a.isClosed || a.isCancelled) && a.lines.every((l) => l.awaiting === 0),
    plan(state, c, look, nowMs) {
      if (state === undefined) return announce(kind, c, nowMs);
      return notNow(state, c) ?? act(state, c, look);
    },
  };
}

function act(a: InboundState, c: DocumentCommand, look: Look): Draft<InboundState> | Refused {
  switch (c.act) {
    case 'asn.depart':
    case 'return.depart':
      return moved({ ...a, hasDeparted: true });
    case 'asn.arrive':
    case 'return.arrive':
      return moved({ ...a, hasArrived: true });
    case 'asn.receive':
    case 'return.receive':
      return receive(a, c);
    case 'asn.putaway':
    case 'return.putaway':
      return putAway(a, c);
    case 'asn.measure':
    case 'return.measure':
      return measure(a, c);
    case 'asn.close':
    case 'return.close':
      return withdrawn({ ...a, isClosed: true }, c);
    case 'asn.cancel':
    case 'return.cancel':
      return withdrawn({ ...a, isCancelled: true }, c);
    case 'return.claim':
      return claim(a, c, look);
    default:
      throw new Error(`${c.act} is not an act of goods on their way in`);
  }
}

const COMING: readonly InboundStatus[] = ['announced', 'inTransit', 'arrived'];
const OPEN: readonly InboundStatus[] = [...COMING, 'receiving', 'received'];
const HERE: readonly InboundStatus[] = ['receiving', 'received', 'closed'];

/** The states in which an act is done, and what to do in others. */
const WHEN: Record<string, readonly [readonly InboundStatus[], string]> = {
  depart: [['announced'], ''],
  arrive: [['announced', 'inTransit'], ''],
  receive: [OPEN, 'receive it as a blind receipt'],
  putaway: [HERE, 'receive it first'],
  measure: [[...OPEN, 'closed'], ''],
  close: [OPEN, ''],
  cancel: [COMING, 'close it, and the rest is given up'],
  claim: [HERE, 'receive it first'],
};

function notNow(a: InboundState, c: DocumentCommand): Refused | undefined {
  const [states, todo] = WHEN[c.act.slice(c.act.indexOf('.') + 1)] ?? [OPEN, ''];
  const status = statusOf(a);
  if (states.includes(status)) return undefined;
  return wrongState(status, OPEN.includes(status) || c.act.endsWith('receive') ? todo : '');
}

const unitsReceived = ({ received }: InboundLine): number => sum(received, (n) => n);

function statusOf(a: InboundState): InboundStatus {
  if (a.isCancelled) return 'cancelled';
  if (a.isClosed) return 'closed';
  if (a.lines.some((l) => unitsReceived(l) > 0)) {
    return a.lines.every((l) => unitsReceived(l) >= l.announced) ? 'received' : 'receiving';
  }
  if (a.hasArrived) return 'arrived';
  return a.hasDeparted ? 'inTransit' : 'announced';
}

function announce(
  kind: 'asn' | 'return',
  c: DocumentCommand,
  nowMs: number,
): Draft<InboundState> | Refused {
  const { partner, tolerance, untilPutaway, blind } = c.more;
  const isBare = blind && c.lines.length === 0;
  const wrong = doubled(c) ?? (isBare ? undefined : withoutUnits(c));
  if (wrong !== undefined) return wrong;
  const lines = c.lines.map((ask) => {
    const line = newLine(ask, qualityOf(kind, ask));
    return { ...line, announced: ask.qty, transit: ask.qty };
  });
  const next: InboundState = {
    ...headOf(kind, 'announced', c, nowMs),
    ...{ partner, tolerance, untilPutaway, isBlind: blind, hasDeparted: false, hasArrived: false },
    ...{ isClosed: false, isCancelled: false, claimedBy: '', lines },
  };
  const steps = lines.map((line, place) =>
    stepOf(c, place, line, 'announce', { qty: line.announced, quality: line.quality }),
  );
  return { steps, next: () => next };
}

const PENDING: Quality = 2;

const qualityOf = (kind: DocumentKind, { quality }: DocumentLine): Quality =>
  kind === 'return' && quality === 0 ? PENDING : quality;

const newLine = ({ line, sku, key }: DocumentLine, quality: Quality): InboundLine => ({
  ...{ line, sku, key, quality, announced: 0, transit: 0, received: [0, 0, 0, 0] },
  ...{ awaiting: 0, putAway: 0, size: [], weight: 0 },
});

function receive(a: InboundState, c: DocumentCommand): Draft<InboundState> | Refused {
  const wrong = withoutLines(c);
  if (wrong !== undefined) return wrong;
  const lines = new Map(a.lines.map((line) => [line.line, line]));
  const steps: Step[] = [];
  for (const [place, ask] of c.lines.entries()) {
    const line = lines.get(ask.line) ?? blindLine(a, c, ask);
    if ('ok' in line) return at(place, line);
    if (ask.sku !== '' && ask.sku !== line.sku) return at(place, otherSku(line, ask));
    const qty = ask.qty || line.transit;
    if (qty === 0) return at(place, refuse('bad_qty'));
    const left = most(a, line) - unitsReceived(line);
    if (line.announced > 0 && qty > left) return at(place, refuse('over_receipt', qty, left));
    const arrived = Math.min(qty, line.transit);
    const quality = qualityOf(a.kind, ask);
    const { lot, serials, dates } = ask;
    const { untilPutaway } = a;
    steps.push(
      ...receipt(c, place, line, { qty, quality, arrived, lot, serials, dates, untilPutaway }),
    );
    lines.set(line.line, {
      ...line,
      transit: line.transit - arrived,
      received: line.received.map((n, q) => (q === quality ? n + qty : n)),
      awaiting: line.awaiting + (untilPutaway ? qty : 0),
    });
  }
  return { steps, next: () => ({ ...a, lines: [...lines.values()] }) };
}

/** Units of a line that may come, those announced and a tolerance beyond. */
const most = (a: InboundState, { announced }: InboundLine): number =>
  announced + Math.floor((announced * a.tolerance) / 100);

/** A line for goods that nobody announced, where such are taken in. */
function blindLine(a: InboundState, c: DocumentCommand, ask: DocumentLine): InboundLine | Refused {
  if (ask.sku !== '' && (a.isBlind || c.more.blind)) return newLine(ask, qualityOf(a.kind, ask));
  const todo = `${ask.sku || `line ${ask.line}`} was not announced; receive it blind`;
  return refuse('unknown_line', 0, -1, todo);
}

const otherSku = (line: InboundLine, ask: DocumentLine): Refused =>
  refuse('unknown_line', 0, -1, `line ${line.line} is of ${line.sku}, receive ${ask.sku} blind`);

interface Receipt {
  readonly qty: number;
  readonly quality: Quality;
  /** Units of it that were announced, as the quality of the line. */
  readonly arrived: number;
  readonly lot: LotFilter;
  readonly serials: readonly string[];
  readonly dates: BatchDates | undefined;
  readonly untilPutaway: boolean;
}

/** Goods come in. What comes as another quality than announced is no more in transit as that. */
export function receipt(
  c: DocumentCommand,
  place: number,
  line: Pick<InboundLine, 'sku' | 'key' | 'quality'>,
  { qty, quality, arrived, ...more }: Receipt,
): Step[] {
  const isAnnounced = quality === line.quality;
  const came = stepOf(c, place, line, 'receive', {
    qty,
    quality,
    more: { ...more, arrived: isAnnounced ? arrived : 0 },
  });
  if (isAnnounced || arrived === 0) return [came];
  return [stepOf(c, place, line, 'withdraw', { qty: arrived, quality: line.quality }), came];
}

/** From the receiving area to a place. */
function putAway(a: InboundState, c: DocumentCommand): Draft<InboundState> | Refused {
  const lines = asked(a.lines, c);
  if ('ok' in lines) return lines;
  const next = new Map(a.lines.map((line) => [line.line, line]));
  const steps: Step[] = [];
  for (const { place, ask } of lines) {
    const line = next.get(ask.line) as InboundLine;
    const can = unitsReceived(line) - line.putAway;
    const qty = ask.qty || can;
    if (qty > can || qty === 0) return at(place, refuse('exceeds_line', qty || 1, can));
    steps.push(putStep(a, c, { place, line, ask }, qty));
    const awaiting = Math.max(0, line.awaiting - qty);
    next.set(line.line, { ...line, awaiting, putAway: line.putAway + qty });
  }
  return { steps, next: () => ({ ...a, lines: [...next.values()] }) };
}

/** Goods that may not be sold before are put on a shelf; others only lie elsewhere afterwards. */
function putStep(
  a: InboundState,
  c: DocumentCommand,
  { place, line, ask }: Asked<InboundLine>,
  qty: number,
): Step {
  const { lot, to, serials } = ask;
  const quality = qualityOf(a.kind, ask);
  const op = a.untilPutaway ? 'putback' : 'move';
  return stepOf(c, place, line, op, { qty, quality, more: { lot, to, serials } });
}

function measure(a: InboundState, c: DocumentCommand): Draft<InboundState> | Refused {
  const lines = asked(a.lines, c);
  if ('ok' in lines) return lines;
  const seen = new Map(lines.map(({ ask }) => [ask.line, ask]));
  const next = a.lines.map((line) => {
    const ask = seen.get(line.line);
    if (ask === undefined) return line;
    const size = ask.size.length > 0 ? ask.size : line.size;
    return { ...line, size, weight: ask.weight || line.weight };
  });
  return moved({ ...a, lines: next });
}

/** What is still in transit will not come. */
function withdrawn(a: InboundState, c: DocumentCommand): Draft<InboundState> {
  const steps = a.lines
    .filter((l) => l.transit > 0)
    .map((l) => stepOf(c, -1, l, 'withdraw', { qty: l.transit, quality: l.quality }));
  return { steps, next: () => ({ ...a, lines: a.lines.map((l) => ({ ...l, transit: 0 })) }) };
}
