import type { HoldId } from '../ids.ts';
import { type Refused, refuse } from '../outcomes.ts';
import type { PickPolicy } from '../stock/commands.ts';
import { promised } from '../stock/state.ts';
import type { DocumentCommand, DocumentLine } from './commands.ts';
import { Left } from './lots.ts';
import { divide, lacking, live, type OrderLine, Parts } from './order-lines.ts';
import { cancel, giveBack, pack, pick, putBack, ship, short } from './order-work.ts';
import {
  at,
  type Draft,
  doubled,
  headOf,
  holdId,
  type Look,
  type Machine,
  moved,
  plainLot,
  type Step,
  stepOf,
  sum,
  withoutLines,
  withoutUnits,
  wrongState,
} from './plan.ts';
import { poolAvailable, poolHold } from './pool.ts';
import type { Head } from './states.ts';

export type OrderStatus =
  | 'placed'
  | 'allocated'
  | 'released'
  | 'picking'
  | 'picked'
  | 'packed'
  | 'shipped'
  | 'closed'
  | 'cancelled';

/** An outbound order: reserved, picked, packed and shipped line by line. */
export interface OrderState extends Head<'order', OrderStatus> {
  readonly partial: boolean;
  readonly backorder: boolean;
  readonly useSafety: boolean;
  readonly priority: number;
  readonly wave: string;
  /** The virtual warehouse that its units come from; '' for none. */
  readonly pool: string;
  readonly customer: string;
  readonly isReleased: boolean;
  readonly isClosed: boolean;
  readonly lines: readonly OrderLine[];
}

export const order: Machine<OrderState> = {
  opens: ['order.place'],
  statusOf,
  isEnded: (o) => ENDED.includes(statusOf(o)) && o.lines.every((l) => l.toPutBack === 0),
  plan(state, c, look, nowMs) {
    if (state === undefined) return place(c, look, nowMs);
    const now = { ...state, lines: state.lines.map((l) => live(state.id, l, look)) };
    const refused = notNow(now, c);
    return refused ?? act(now, c, look);
  },
};

function act(o: OrderState, c: DocumentCommand, look: Look): Draft<OrderState> | Refused {
  switch (c.act) {
    case 'order.change':
      return change(o, c, look);
    case 'order.release':
      return release(o, c);
    case 'order.pick':
      return pick(o, c, look);
    case 'order.short':
      return short(o, c, look);
    case 'order.pack':
      return pack(o, c, look);
    case 'order.ship':
      return ship(o, c, look);
    case 'order.cancel':
      return cancel(o, c, look);
    case 'order.putback':
      return putBack(o, c);
    case 'order.close':
      return moved({ ...o, isClosed: true });
    default:
      throw new Error(`${c.act} is not an act of an order`);
  }
}

const ENDED: readonly OrderStatus[] = ['shipped', 'closed', 'cancelled'];
const UNDER_WAY: readonly OrderStatus[] = ['released', 'picking', 'picked', 'packed'];
const OPEN: readonly OrderStatus[] = ['placed', 'allocated', ...UNDER_WAY];

/** The states in which an act is done; `order.putback` asks the lines. */
const WHEN: Record<string, readonly OrderStatus[]> = {
  'order.change': OPEN,
  'order.release': ['placed', 'allocated'],
  'order.pick': UNDER_WAY,
  'order.short': UNDER_WAY,
  'order.pack': UNDER_WAY,
  'order.ship': UNDER_WAY,
  'order.cancel': OPEN,
  'order.close': ['shipped'],
};

function notNow(o: OrderState, c: DocumentCommand): Refused | undefined {
  const status = statusOf(o);
  if (WHEN[c.act]?.includes(status) ?? true) return undefined;
  return wrongState(status, todo(o, c, status));
}

function todo(o: OrderState, { act }: DocumentCommand, status: OrderStatus): string {
  if (status === 'placed' || status === 'allocated') {
    return act === 'order.close' ? 'ship or cancel it first' : 'release it first';
  }
  if (status === 'cancelled' && act !== 'order.cancel') {
    return o.lines.some((l) => l.toPutBack > 0)
      ? 'put its goods back to the shelf; goods that have left are taken back as a return'
      : 'its goods must not leave; goods that have left are taken back as a return';
  }
  if (status === 'shipped' || status === 'closed') {
    return act === 'order.cancel' ? 'take the goods back as a return' : '';
  }
  return '';
}

/** Of the least advanced units. */
function statusOf(o: OrderState): OrderStatus {
  if (o.isClosed) return 'closed';
  const of = (count: (line: OrderLine) => number): number => sum(o.lines, count);
  if (of((l) => l.ordered) === 0) return 'cancelled';
  const [open, handled] = [of((l) => l.promised), of((l) => l.picked + l.packed)];
  const shipped = of((l) => l.shipped);
  if (open > 0 && handled + shipped > 0) return 'picking';
  if (of((l) => l.picked) > 0) return 'picked';
  if (handled > 0) return 'packed';
  if (open === 0 && shipped > 0) return 'shipped';
  if (o.isReleased) return 'released';
  const isWhole = o.lines.every((l) => l.waiting === 0 && (o.partial || lacking(l) === 0));
  return isWhole && open > 0 ? 'allocated' : 'placed';
}

function place(c: DocumentCommand, look: Look, nowMs: number): Draft<OrderState> | Refused {
  const wrong = doubled(c) ?? withoutUnits(c);
  if (wrong !== undefined) return wrong;
  const { partial, backorder, useSafety, priority, wave, partner } = c.more;
  const blank: OrderState = {
    ...headOf('order', 'placed', c, nowMs),
    ...{ partial, backorder, useSafety, priority, wave, customer: partner, pool: c.more.pool },
    ...{ isReleased: false, isClosed: false, lines: c.lines.map(newLine) },
  };
  return promise(
    blank,
    c,
    look,
    blank.lines.map((line, place) => ({ line, place, more: line.ordered })),
  );
}

const newLine = (ask: DocumentLine): OrderLine => ({
  ...{ line: ask.line, sku: ask.sku, key: ask.key, quality: ask.quality },
  ...{ lot: plainLot(ask.lot), serials: ask.serials, policy: ask.policy },
  ...{ ordered: ask.qty, holds: 0, promised: 0, waiting: 0, picked: 0, packed: 0 },
  ...{ shipped: 0, cancelled: 0, toPutBack: 0, short: 0, totes: [], cartons: [] },
});

/** Units to be promised to a line beyond those that it has. */
interface Wish {
  readonly line: OrderLine;
  readonly place: number;
  readonly more: number;
}

/** Reserves all wishes, each by a hold of its own; a partial order what there is of them. */
function promise(
  next: OrderState,
  c: DocumentCommand,
  look: Look,
  wishes: readonly Wish[],
  first: readonly Step[] = [],
): Draft<OrderState> | Refused {
  const left = new Left(look, next.useSafety);
  const steps: Step[] = [];
  const served = new Map<string, OrderLine>();
  for (const { line, place, more } of wishes) {
    const can =
      next.pool === ''
        ? left.take(line.key, line.quality, more)
        : poolAvailable(next.pool, line.key, look);
    if (next.partial && !next.backorder && can === 0) continue;
    const hold = holdId(next.id, line.line, line.holds + 1);
    steps.push(promiseStep(next, c, { line, place, more }, hold));
    served.set(line.line, { ...line, holds: line.holds + 1 });
  }
  if (wishes.length > 0 && steps.length === 0) return nothing(wishes);
  const lines = next.lines.map((line) => served.get(line.line) ?? line);
  return {
    steps: [...first, ...steps],
    next: () => ({ ...next, lines: lines.map((line) => live(next.id, line, look)) }),
  };
}

/** From what is available; or from what a pool has. */
function promiseStep(
  { partial, backorder, useSafety, pool }: OrderState,
  c: DocumentCommand,
  { line, place, more: qty }: Wish,
  hold: HoldId,
): Step {
  const { quality, lot, serials } = line;
  if (pool !== '') {
    const more = { fromHold: poolHold(pool) };
    return stepOf(c, place, line, 'reassign', { qty, hold, quality, partial, more });
  }
  const more = { backorder, useSafety, lot, serials };
  return stepOf(c, place, line, 'reserve', { qty, hold, quality, partial, more });
}

const nothing = (wishes: readonly Wish[]): Refused => {
  const [first] = wishes as [Wish, ...Wish[]];
  return at(first.place, refuse('insufficient', first.more, 0));
};

/** Each line that is named is of that quantity from now on: more, less, none, or new. */
function change(o: OrderState, c: DocumentCommand, look: Look): Draft<OrderState> | Refused {
  const wrong = withoutLines(c) ?? doubled(c);
  if (wrong !== undefined) return wrong;
  const byLabel = new Map(o.lines.map((line) => [line.line, line]));
  const lines = new Map(byLabel);
  const wishes: Wish[] = [];
  const steps: Step[] = [];
  const parts = new Parts(o.id, look, ({ hold }) => promised(hold));
  for (const [place, ask] of c.lines.entries()) {
    const was = byLabel.get(ask.line) ?? { ...newLine(ask), ordered: 0 };
    if (ask.sku !== '' && ask.sku !== was.sku) {
      return at(place, refuse('bad_field', 0, -1, `line ${ask.line} is of ${was.sku}`));
    }
    const line = { ...was, ordered: ask.qty };
    lines.set(ask.line, line);
    const more = lacking(line);
    if (more > 0) wishes.push({ line, place, more });
    if (more < 0) {
      if (-more > was.promised) return at(place, tooFar(was, -more));
      for (const { id, qty } of divide(parts.of(was), -more)) {
        steps.push(giveBack(o, c, look, { line: was, place, qty }, id));
      }
    }
  }
  return promise({ ...o, lines: [...lines.values()] }, c, look, wishes, steps);
}

/** Fewer are wanted than have been picked. */
const tooFar = (line: OrderLine, less: number): Refused =>
  refuse('already_picked', less, line.promised);

function release(o: OrderState, c: DocumentCommand): Draft<OrderState> | Refused {
  const partial = o.partial || c.more.partial;
  const missing = sum(o.lines, (l) => l.waiting + (partial ? 0 : lacking(l)));
  const all = sum(o.lines, (l) => l.ordered - l.shipped);
  const can = sum(o.lines, (l) => l.promised - l.waiting);
  if (can === 0 || (missing > 0 && !partial)) return refuse('awaits_stock', all, can);
  const { wave, priority, policy } = c.more;
  return moved({
    ...o,
    isReleased: true,
    wave: wave || o.wave,
    priority: priority || o.priority,
    lines: policy === '' ? o.lines : o.lines.map((l) => withPolicy(l, policy)),
  });
}

const withPolicy = (line: OrderLine, policy: PickPolicy): OrderLine => ({ ...line, policy });
