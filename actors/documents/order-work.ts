import type { HoldId } from '../ids.ts';
import { type Refused, refuse } from '../outcomes.ts';
import type { StockOp } from '../stock/commands.ts';
import { promised } from '../stock/state.ts';
import type { Change } from '../stock/stockroom.ts';
import { BLANK_LINE, type DocumentCommand, type DocumentLine } from './commands.ts';
import type { CartonLine, OrderState } from './order.ts';
import {
  canPick,
  divide,
  holdIdsOf,
  holdsOf,
  lacking,
  live,
  type OrderLine,
  openUnits,
  Parts,
  type Tote,
} from './order-lines.ts';
import {
  type Asked,
  asked,
  askedOrAll,
  at,
  type Draft,
  doubled,
  type Look,
  type NamedHold,
  type Step,
  stepOf,
  sum,
  wrongState,
} from './plan.ts';

/** What is done with one line: so many units, on its holds. */
interface Job extends Asked<OrderLine> {
  readonly qty: number;
}

/** A line of a command that names the line and nothing else. */
const only = ({ line, sku, key }: OrderLine): DocumentLine => ({ ...BLANK_LINE, line, sku, key });

/**
 * Quantities of the lines asked for, where 0 means `all`. Refused where a line has fewer, and
 * where there is nothing to do.
 */
function jobs(
  lines: readonly Asked<OrderLine>[],
  has: (line: OrderLine) => number,
  all: (line: OrderLine) => number = has,
): readonly Job[] | Refused {
  if (lines.length === 0) return refuse('exceeds_line', 1, 0);
  const done = new Map<string, number>();
  const found: Job[] = [];
  for (const one of lines) {
    const before = done.get(one.line.line) ?? 0;
    const can = has(one.line) - before;
    const qty = one.ask.qty || all(one.line) - before;
    if (qty > can || qty <= 0) return at(one.place, refuse('exceeds_line', qty || 1, can));
    done.set(one.line.line, before + qty);
    found.push({ ...one, qty });
  }
  return found;
}

/** One step a hold for each job. */
function stepsOn(
  c: DocumentCommand,
  op: StockOp,
  work: readonly Job[],
  parts: Parts,
  more: (job: Job) => object = () => ({}),
): Step[] {
  return work.flatMap((job) => {
    let used = 0;
    return divide(parts.of(job.line), job.qty).map(({ id, qty }) => {
      const serials = job.ask.serials.slice(used, used + qty);
      used += qty;
      return stepOf(c, job.place, job.line, op, { qty, hold: id, more: { ...more(job), serials } });
    });
  });
}

/** The order with the figures that its holds have now, and what `change` says of each line. */
const after = (
  o: OrderState,
  look: Look,
  change: (line: OrderLine) => OrderLine = (line) => line,
): OrderState => ({ ...o, lines: o.lines.map((line) => change(live(o.id, line, look))) });

const unitsFor = (work: readonly Job[], { line }: OrderLine): number =>
  sum(work, (job) => (job.line.line === line ? job.qty : 0));

export function pick(o: OrderState, c: DocumentCommand, look: Look): Draft<OrderState> | Refused {
  const lines = askedOrAll(o.lines, c, (l) => l.promised, only);
  if ('ok' in lines) return lines;
  const work = jobs(lines, (l) => l.promised);
  if ('ok' in work) return work;
  const steps = stepsOn(c, 'pick', work, new Parts(o.id, look, canPick), ({ ask, line }) => ({
    lot: ask.lot,
    policy: line.policy,
  }));
  const tote = c.more.container;
  return {
    steps,
    next: () =>
      after(o, look, (line) => {
        const qty = unitsFor(work, line);
        return qty === 0 || tote === '' ? line : { ...line, totes: into(line.totes, tote, qty) };
      }),
  };
}

function into(totes: readonly Tote[], tote: string, qty: number): readonly Tote[] {
  const had = totes.find((t) => t.tote === tote)?.qty ?? 0;
  return [...totes.filter((t) => t.tote !== tote), { tote, qty: had + qty }];
}

/** These units are not where they should be: they are missing, and the line gets others or waits. */
export function short(o: OrderState, c: DocumentCommand, look: Look): Draft<OrderState> | Refused {
  const lines = asked(o.lines, c);
  if ('ok' in lines) return lines;
  const work = jobs(lines, (l) => l.promised);
  if ('ok' in work) return work;
  const steps = stepsOn(c, 'short', work, new Parts(o.id, look, canPick), ({ ask }) => ({
    lot: ask.lot,
  }));
  return {
    steps,
    next: () => after(o, look, (line) => ({ ...line, short: line.short + unitsFor(work, line) })),
  };
}

export function pack(o: OrderState, c: DocumentCommand, look: Look): Draft<OrderState> | Refused {
  const { carton } = c.more;
  if (o.cartons.some((l) => l.carton === carton && carton !== '' && l.isShipped)) {
    return wrongState('under way', `carton ${carton} has left, take another`);
  }
  const lines = askedOrAll(o.lines, c, (l) => l.picked, only);
  if ('ok' in lines) return lines;
  if (lines.length === 0) return refuse('not_picked', sum(o.lines, openUnits), 0);
  const work = jobs(lines, openUnits, (l) => l.picked || openUnits(l));
  if ('ok' in work) return work;
  const steps = stepsOn(c, 'pack', work, new Parts(o.id, look, ({ hold }) => hold.picked));
  const cartons = work.reduce((all, job) => packedInto(all, carton, job), o.cartons);
  return { steps, next: () => ({ ...after(o, look), cartons }) };
}

function packedInto(
  cartons: readonly CartonLine[],
  carton: string,
  { line: { line }, qty, ask }: Job,
): readonly CartonLine[] {
  const isIt = (l: CartonLine): boolean => l.carton === carton && l.line === line && !l.isShipped;
  const had = cartons.find(isIt);
  const serials = [...(had?.serials ?? []), ...ask.serials];
  const one = {
    ...{ carton, line, qty: qty + (had?.qty ?? 0), serials },
    ...{ isShipped: false, carrier: '', tracking: '' },
  };
  return [...cartons.filter((l) => !isIt(l)), one];
}

/** All of the order, or what is in some cartons; `partial` leaves what is not packed for later. */
export function ship(o: OrderState, c: DocumentCommand, look: Look): Draft<OrderState> | Refused {
  const { cartons, carrier, tracking, partial } = c.more;
  const leaving = o.cartons.filter(
    (l) => !l.isShipped && (cartons.length === 0 || cartons.includes(l.carton)),
  );
  const wrong = cartons
    .map((carton) => cartonFault(o, carton))
    .find((fault) => fault !== undefined);
  if (wrong !== undefined) return wrong;
  const [open, packed] = [sum(o.lines, openUnits), sum(o.lines, (l) => l.packed)];
  if (packed === 0 || (cartons.length === 0 && open > packed && !partial)) {
    return refuse('not_packed', open, packed);
  }
  const work = o.lines.flatMap((line) => {
    const its = leaving.filter((l) => l.line === line.line);
    const qty = cartons.length === 0 ? line.packed : sum(its, (l) => l.qty);
    const all = its.flatMap((l) => l.serials);
    const serials = all.length === qty ? all : [];
    return qty === 0 ? [] : [{ place: -1, line, ask: { ...only(line), serials }, qty }];
  });
  const gone = new Set(leaving);
  return {
    steps: stepsOn(c, 'ship', work, new Parts(o.id, look, ({ hold }) => hold.packed)),
    next: () => ({
      ...after(o, look, (line) => ({ ...line, shipped: line.shipped + unitsFor(work, line) })),
      cartons: o.cartons.map((l) =>
        gone.has(l) ? { ...l, isShipped: true, carrier, tracking } : l,
      ),
    }),
  };
}

function cartonFault(o: OrderState, carton: string): Refused | undefined {
  const lines = o.cartons.filter((l) => l.carton === carton);
  if (lines.length === 0) return refuse('unknown_line', 0, -1, `no carton ${carton}`);
  if (lines.some((l) => !l.isShipped)) return undefined;
  return wrongState(o.status, `carton ${carton} has left`);
}

/** Of the whole order or of some lines; units that nobody has touched go first. */
export function cancel(o: OrderState, c: DocumentCommand, look: Look): Draft<OrderState> | Refused {
  const lines = askedOrAll(o.lines, c, notShipped, only);
  if ('ok' in lines) return lines;
  const work = doubled(c) ?? jobs(lines, notShipped);
  if ('ok' in work) return work;
  const steps = work.flatMap((job) => cancelSteps(o, c, look, job));
  return { steps, next: (changes) => afterCancel(o, look, work, changes) };
}

const notShipped = (line: OrderLine): number => line.ordered - line.shipped;

/** First what was never promised, then what is not picked yet, on whichever hold it is. */
function cancelSteps(
  o: OrderState,
  c: DocumentCommand,
  look: Look,
  { line, place, qty }: Job,
): Step[] {
  let left = Math.max(0, qty - lacking(line));
  const shares = new Map<HoldId, number>();
  const take = ({ id }: NamedHold, units: number): void => {
    const took = Math.min(left, units);
    left -= took;
    if (took > 0) shares.set(id, (shares.get(id) ?? 0) + took);
  };
  const holds = holdsOf(o.id, line, look);
  for (const named of holds) take(named, promised(named.hold));
  for (const named of holds) take(named, named.hold.picked + named.hold.packed);
  return [...shares].map(([hold, units]) => stepOf(c, place, line, 'cancel', { qty: units, hold }));
}

function afterCancel(
  o: OrderState,
  look: Look,
  work: readonly Job[],
  changes: readonly Change[],
): OrderState {
  const of = (line: OrderLine, units: (change: Change) => number): number => {
    const holds = holdIdsOf(o.id, line);
    return sum(changes, (ch) => (holds.includes(ch.event.hold) ? units(ch) : 0));
  };
  const lines = after(o, look, (line) => {
    const units = unitsFor(work, line);
    if (units === 0) return line;
    const handled = of(line, ({ event }) => event.picked + event.packed);
    return {
      ...line,
      ordered: line.ordered - units,
      cancelled: line.cancelled + units,
      toPutBack: line.toPutBack + handled,
    };
  }).lines;
  const cartons = o.lines.reduce(
    (all, line) =>
      unpacked(
        all,
        line.line,
        of(line, ({ event }) => event.packed),
      ),
    o.cartons,
  );
  return { ...o, lines, cartons };
}

/** Takes units of a line out of the cartons that have not left, the last ones first. */
function unpacked(
  cartons: readonly CartonLine[],
  line: string,
  qty: number,
): readonly CartonLine[] {
  let left = qty;
  const kept = cartons.toReversed().map((l) => {
    if (l.isShipped || l.line !== line) return l;
    const took = Math.min(left, l.qty);
    left -= took;
    return { ...l, qty: l.qty - took, serials: took === 0 ? l.serials : [] };
  });
  return kept.toReversed().filter((l) => l.qty > 0);
}

/** Cancelled goods that had been picked go to a shelf, as the quality that they are. */
export function putBack(o: OrderState, c: DocumentCommand): Draft<OrderState> | Refused {
  const lines = askedOrAll(
    o.lines,
    c,
    (l) => l.toPutBack,
    (line) => ({ ...only(line), quality: line.quality }),
  );
  if ('ok' in lines) return lines;
  if (lines.length === 0) return refuse('nothing_to_put_back', 1, 0);
  const left = new Map<string, number>();
  const steps: Step[] = [];
  for (const { place, line, ask } of lines) {
    const can = left.get(line.line) ?? line.toPutBack;
    const qty = ask.qty || can;
    if (qty > can || qty === 0) return at(place, refuse('nothing_to_put_back', qty || 1, can));
    left.set(line.line, can - qty);
    const more = { lot: ask.lot, to: ask.to, serials: ask.serials };
    steps.push(stepOf(c, place, line, 'putback', { qty, quality: ask.quality, more }));
  }
  const next = o.lines.map((l) => ({ ...l, toPutBack: left.get(l.line) ?? l.toPutBack }));
  return { steps, next: () => ({ ...o, lines: next }) };
}
