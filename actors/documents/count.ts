import type { ActorKey, SkuId } from '../ids.ts';
import { type Refused, refuse } from '../outcomes.ts';
import type { Quality } from '../stock/commands.ts';
import { type LotFilter, NO_LOT } from '../stock/lot.ts';
import type { StockState } from '../stock/state.ts';
import { BLANK_LINE, type DocumentCommand, type DocumentLine } from './commands.ts';
import { bookOf } from './lots.ts';
import {
  askedOrAll,
  at,
  type Draft,
  doubled,
  headOf,
  type Look,
  type Machine,
  moved,
  plainLot,
  type Step,
  stepOf,
  withoutLines,
  wrongState,
} from './plan.ts';
import type { Head } from './states.ts';

export type CountStatus = 'open' | 'counted' | 'approved' | 'posted' | 'cancelled';

/** One SKU in one place; the figures are of the moment at which the counter saw it. */
export interface CountLine {
  readonly line: string;
  readonly sku: SkuId;
  readonly key: ActorKey;
  readonly quality: Quality;
  readonly lot: LotFilter;
  readonly isCounted: boolean;
  readonly counted: number;
  /** Serials that were seen, where units have any. */
  readonly serials: readonly string[];
  /** On the books, units that are said to be missing there among them. */
  readonly book: number;
  readonly missing: number;
  /** = counted − book. */
  readonly variance: number;
  /** The actor's sequence that the counter saw. */
  readonly seq: number;
  readonly times: number;
}

/** What may be counted: all of a SKU, all in a place, or a SKU in a place; '' is any. */
interface Scope {
  readonly sku: string;
  readonly location: string;
}

/** A count. Work goes on meanwhile: a variance is taken at the moment of counting. */
export interface CountState extends Head<'count', CountStatus> {
  /** The counter is not told what the books say. */
  readonly isBlind: boolean;
  /** Units of variance of a line up to which nobody need approve; −1 for no limit. */
  readonly limit: number;
  readonly scope: readonly Scope[];
  readonly isApproved: boolean;
  readonly isPosted: boolean;
  readonly isCancelled: boolean;
  readonly lines: readonly CountLine[];
}

export const count: Machine<CountState> = {
  opens: ['count.open'],
  statusOf,
  isEnded: (k) => k.isPosted || k.isCancelled,
  plan(state, c, look, nowMs) {
    if (state === undefined) return open(c, nowMs);
    const status = statusOf(state);
    if (status === 'posted' || status === 'cancelled') return wrongState(status, 'open another');
    return act(state, c, look);
  },
};

function act(k: CountState, c: DocumentCommand, look: Look): Draft<CountState> | Refused {
  switch (c.act) {
    case 'count.line':
      return counted(k, c, look);
    case 'count.recount':
      return recount(k, c);
    case 'count.approve':
      return uncounted(k) ?? moved({ ...k, isApproved: true });
    case 'count.post':
      return uncounted(k) ?? post(k, c, look);
    case 'count.cancel':
      return moved({ ...k, isCancelled: true });
    default:
      throw new Error(`${c.act} is not an act of a count`);
  }
}

function statusOf(k: CountState): CountStatus {
  if (k.isCancelled) return 'cancelled';
  if (k.isPosted) return 'posted';
  if (k.lines.length === 0 || k.lines.some((l) => !l.isCounted)) return 'open';
  return k.isApproved ? 'approved' : 'counted';
}

function uncounted(k: CountState): Refused | undefined {
  if (statusOf(k) !== 'open') return undefined;
  const left = k.lines.filter((l) => !l.isCounted).map((l) => l.line);
  return wrongState(
    'open',
    left.length === 0 ? 'count something' : `count line ${left.join(', ')}`,
  );
}

function open(c: DocumentCommand, nowMs: number): Draft<CountState> | Refused {
  const wrong = withoutLines(c) ?? doubled(c);
  if (wrong !== undefined) return wrong;
  const { blind, limit } = c.more;
  return moved({
    ...headOf('count', 'open', c, nowMs),
    ...{ isBlind: blind, limit, isApproved: false, isPosted: false, isCancelled: false },
    scope: c.lines.map(({ sku, lot }) => ({ sku, location: lot.location ?? '' })),
    lines: c.lines.filter(({ sku }) => sku !== '').map(newLine),
  });
}

const newLine = ({ line, sku, key, quality, lot }: DocumentLine): CountLine => ({
  ...{ line, sku, key, quality, lot: plainLot(lot), isCounted: false, counted: 0, serials: [] },
  ...{ book: 0, missing: 0, variance: 0, seq: 0, times: 0 },
});

function counted(k: CountState, c: DocumentCommand, look: Look): Draft<CountState> | Refused {
  const wrong = withoutLines(c) ?? doubled(c);
  if (wrong !== undefined) return wrong;
  const lines = new Map(k.lines.map((line) => [line.line, line]));
  for (const [place, ask] of c.lines.entries()) {
    const line = lines.get(ask.line) ?? foundLine(k, ask);
    if ('ok' in line) return at(place, line);
    if (line.isCounted) return at(place, wrongState('counted', `have line ${line.line} recounted`));
    const cut = cutAt(look(line.key), line, ask);
    if ('ok' in cut) return at(place, cut);
    lines.set(line.line, cut);
  }
  return moved({ ...k, lines: [...lines.values()] });
}

/** Goods that the books do not have there, or that nobody listed: counted if they are in the scope. */
function foundLine(k: CountState, ask: DocumentLine): CountLine | Refused {
  const isIn = ({ sku, location }: Scope): boolean =>
    (sku === '' || sku === ask.sku) && (location === '' || location === ask.lot.location);
  if (ask.sku !== '' && k.scope.some(isIn)) return newLine(ask);
  return refuse('unknown_line', 0, -1, `${ask.sku || `line ${ask.line}`} is not in this count`);
}

/** The variance at the moment that the counter saw, which must still be the last of that place. */
function cutAt(
  state: StockState | undefined,
  line: CountLine,
  { qty, seq, serials }: DocumentLine,
): CountLine | Refused {
  if (state === undefined) return refuse('unknown_sku');
  const { units, missing, seq: changed } = bookOf(state, line.quality, line.lot);
  const book = units + missing;
  const isEmpty = qty === 0 && book === 0;
  if (changed > seq && !isEmpty) return refuse('line_moved', 0, -1, `line ${line.line}`);
  const seen = { counted: qty, serials, book, missing, variance: qty - book, seq };
  return { ...line, ...seen, isCounted: true, times: line.times + 1 };
}

/** Lines that are named, or all that differ from the books, are to be counted again. */
function recount(k: CountState, c: DocumentCommand): Draft<CountState> | Refused {
  const lines = askedOrAll(
    k.lines,
    c,
    (l) => Math.abs(l.variance),
    (l) => ({ ...BLANK_LINE, ...l }),
  );
  if ('ok' in lines) return lines;
  const again = new Set(lines.map(({ line }) => line.line));
  const next = k.lines.map((l) => (again.has(l.line) ? { ...l, isCounted: false } : l));
  return moved({ ...k, isApproved: false, lines: next });
}

/** Adjusts by what was found at the time, however much has moved since. */
function post(k: CountState, c: DocumentCommand, look: Look): Draft<CountState> | Refused {
  const beyond = k.lines.find((l) => k.limit >= 0 && Math.abs(l.variance) > k.limit);
  if (beyond !== undefined && !k.isApproved) {
    return refuse('needs_approval', Math.abs(beyond.variance), k.limit, `line ${beyond.line}`);
  }
  const steps = k.lines.flatMap((line) => postSteps(c, look, line));
  return { steps, next: () => ({ ...k, isPosted: true }) };
}

/** What was missing is for sale again, and then what is not there is lost. */
function postSteps(c: DocumentCommand, look: Look, line: CountLine): Step[] {
  const state = look(line.key) as StockState;
  const { missing, key } = bookOf(state, line.quality, line.lot);
  const { quality, variance } = line;
  const lot = { ...NO_LOT, ...line.lot };
  const steps: Step[] = [];
  const back = Math.min(missing, line.missing);
  if (back > 0) {
    steps.push(
      stepOf(c, -1, line, 'unblock', { qty: back, quality, more: { lot, why: 'missing' } }),
    );
  }
  const adjust = (delta: number, serials: readonly string[]): void => {
    if (delta !== 0)
      steps.push(stepOf(c, -1, line, 'adjust', { delta, quality, more: { lot, serials } }));
  };
  if (line.serials.length === 0) adjust(variance, []);
  else {
    const known = [...(state.detail?.serialsAt(key) ?? [])].sort();
    const gone = known.filter((serial) => !line.serials.includes(serial));
    const found = line.serials.filter((serial) => !known.includes(serial));
    adjust(-gone.length, gone);
    adjust(found.length, found);
  }
  return steps;
}
