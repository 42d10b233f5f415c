import type { HoldId } from '../ids.ts';
import { type Refused, refuse } from '../outcomes.ts';
import type { StockOp } from '../stock/commands.ts';
import { pickable } from '../stock/holds.ts';
import { openHold, promised } from '../stock/state.ts';
import type { Change } from '../stock/stockroom.ts';
import { cartonFault, hasLeft, isLeaving, packedInto, unitsIn, unpacked } from './cartons.ts';
import { BLANK_LINE, type DocumentCommand, type DocumentLine } from './commands.ts';
import type { OrderState } from './order.ts';
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
import { poolHold } from './pool.ts';

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

/** Units by the label of their line. */
function unitsBy(work: readonly Job[]): Map<string, number> {
  const units = new Map<string, number>();
  for (const { line, qty } of work) units.set(line.line, (units.get(line.line) ?? 0) + qty);
  return units;
}

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
  const units = unitsBy(work);
  return {
    steps,
    next: () =>
      after(o, look, (line) => {
        const qty = units.get(line.line) ?? 0;
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
  const units = unitsBy(work);
  const shorted = (line: OrderLine): OrderLine => ({
    ...line,
    short: line.short + (units.get(line.line) ?? 0),
  });
  return { steps, next: () => after(o, look, shorted) };
}

export function pack(o: OrderState, c: DocumentCommand, look: Look): Draft<OrderState> | Refused {
  const { carton } = c.more;
  if (hasLeft(o.lines, carton)) return wrongState(o.status, `carton ${carton} has left`);
  const lines = askedOrAll(o.lines, c, (l) => l.picked, only);
  if ('ok' in lines) return lines;
  if (lines.length === 0) return refuse('not_picked', sum(o.lines, openUnits), 0);
  const work = jobs(lines, openUnits, (l) => l.picked || openUnits(l));
  if ('ok' in work) return work;
  const steps = stepsOn(c, 'pack', work, new Parts(o.id, look, ({ hold }) => hold.picked));
  const cartons = new Map<string, OrderLine['cartons']>();
  for (const { line, qty, ask } of work) {
    const parts = cartons.get(line.line) ?? line.cartons;
    cartons.set(line.line, packedInto(parts, carton, qty, ask.serials));
  }
  const packed = (line: OrderLine): OrderLine => {
    const parts = cartons.get(line.line);
    return parts === undefined ? line : { ...line, cartons: parts };
  };
  return { steps, next: () => after(o, look, packed) };
}

/** All of the order, or what is in some cartons; `partial` leaves what is not packed for later. */
export function ship(o: OrderState, c: DocumentCommand, look: Look): Draft<OrderState> | Refused {
  const { cartons, carrier, tracking, partial } = c.more;
  const wrong = cartonFault(o.lines, cartons);
  if (wrong !== undefined) return wrong;
  const [open, packed] = [sum(o.lines, openUnits), sum(o.lines, (l) => l.packed)];
  if (packed === 0 || (cartons.length === 0 && open > packed && !partial)) {
    return refuse('not_packed', open, packed);
  }
  const leaves = isLeaving(cartons);
  const work = o.lines.flatMap((line) => {
    const parts = line.cartons.filter(leaves);
    const qty = cartons.length === 0 ? line.packed : unitsIn(parts);
    const all = parts.flatMap((part) => part.serials);
    const serials = all.length === qty ? all : [];
    return qty === 0 ? [] : [{ place: -1, line, ask: { ...only(line), serials }, qty }];
  });
  const units = unitsBy(work);
  const shipped = (line: OrderLine): OrderLine => {
    const qty = units.get(line.line);
    if (qty === undefined) return line;
    const gone = line.cartons.map((part) =>
      leaves(part) ? { ...part, isShipped: true, carrier, tracking } : part,
    );
    return { ...line, shipped: line.shipped + qty, cartons: gone };
  };
  const steps = stepsOn(c, 'ship', work, new Parts(o.id, look, ({ hold }) => hold.packed));
  return { steps, next: () => after(o, look, shipped) };
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
  const steps: Step[] = [];
  if (isPooled(o, line, look)) {
    for (const { id, hold } of holds) {
      const units = Math.min(left, pickable(hold));
      left -= units;
      if (units > 0) steps.push(giveBack(o, c, look, { line, place, qty: units }, id));
    }
  }
  for (const named of holds) take(named, promised(named.hold));
  for (const named of holds) take(named, named.hold.picked + named.hold.packed);
  for (const [hold, units] of shares) {
    steps.push(stepOf(c, place, line, 'cancel', { qty: units, hold }));
  }
  return steps;
}

/** True where there is a pool that unpicked units of the line go back to. */
const isPooled = ({ pool }: OrderState, { key }: OrderLine, look: Look): boolean => {
  const state = look(key);
  return pool !== '' && state !== undefined && openHold(state, poolHold(pool)) !== undefined;
};

/** Unpicked units that the order does not want any more: to its pool, or for everybody. */
export function giveBack(
  o: OrderState,
  c: DocumentCommand,
  look: Look,
  { line, place, qty }: Pick<Job, 'line' | 'place' | 'qty'>,
  id: HoldId,
): Step {
  if (!isPooled(o, line, look)) return stepOf(c, place, line, 'release', { qty, hold: id });
  const more = { fromHold: id };
  return stepOf(c, place, line, 'reassign', { qty, hold: poolHold(o.pool), more });
}

function afterCancel(
  o: OrderState,
  look: Look,
  work: readonly Job[],
  changes: readonly Change[],
): OrderState {
  const units = unitsBy(work);
  const byHold = new Map(changes.map(({ event }) => [event.hold, event]));
  return after(o, look, (line) => {
    const qty = units.get(line.line);
    if (qty === undefined) return line;
    const events = holdIdsOf(o.id, line).flatMap((id) => byHold.get(id) ?? []);
    return {
      ...line,
      ordered: line.ordered - qty,
      cancelled: line.cancelled + qty,
      toPutBack: line.toPutBack + sum(events, (e) => e.picked + e.packed),
      cartons: unpacked(
        line.cartons,
        sum(events, (e) => e.packed),
      ),
    };
  });
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
