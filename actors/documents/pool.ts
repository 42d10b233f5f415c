import type { ActorKey, HoldId, SkuId } from '../ids.ts';
import { type Refused, refuse } from '../outcomes.ts';
import type { Quality } from '../stock/commands.ts';
import { pickable } from '../stock/holds.ts';
import type { LotFilter } from '../stock/lot.ts';
import { openHold } from '../stock/state.ts';
import type { DocumentCommand, DocumentLine } from './commands.ts';
import {
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
  sum,
  withoutLines,
  withoutUnits,
  wrongState,
} from './plan.ts';
import type { Head } from './states.ts';

export type PoolStatus = 'open' | 'closed';

/** What was set aside of one SKU. What is left of it is what the pool's hold has. */
export interface PoolLine {
  readonly line: string;
  readonly sku: SkuId;
  readonly key: ActorKey;
  readonly quality: Quality;
  readonly lot: LotFilter;
  /** Put in and taken out again, by this document. */
  readonly filled: number;
  readonly drained: number;
}

/**
 * F14: a virtual warehouse. Units on the physical shelves that only orders which name it may have:
 * they are allocated to the pool's own hold, so nobody else is promised them and they are counted
 * once. Such an order takes its units from that hold; what is cancelled of it comes back.
 */
export interface PoolState extends Head<'pool', PoolStatus> {
  readonly isClosed: boolean;
  readonly lines: readonly PoolLine[];
}

/** The hold of a pool, of every SKU in it. */
export const poolHold = (id: string): HoldId => `${id}/pool` as HoldId;

/** How many units of a SKU an order could have of a pool. */
export function poolAvailable(id: string, key: ActorKey, look: Look): number {
  const state = look(key);
  const hold = state && openHold(state, poolHold(id));
  return hold === undefined ? 0 : pickable(hold);
}

export const pool: Machine<PoolState> = {
  opens: ['pool.define'],
  statusOf: (p) => (p.isClosed ? 'closed' : 'open'),
  isEnded: (p) => p.isClosed,
  plan(state, c, look, nowMs) {
    if (state === undefined) return define(c, nowMs);
    if (state.isClosed) return wrongState('closed', 'define another');
    if (c.act === 'pool.close') return close(state, c, look);
    return c.act === 'pool.fill' ? fill(state, c) : drain(state, c);
  },
};

function define(c: DocumentCommand, nowMs: number): Draft<PoolState> | Refused {
  const blank: PoolState = {
    ...headOf('pool', 'open', c, nowMs),
    ...{ isClosed: false, lines: [] },
  };
  return fill(blank, c);
}

/** Sets units aside: of any lot, or pinned to what the line says. */
function fill(p: PoolState, c: DocumentCommand): Draft<PoolState> | Refused {
  const wrong = doubled(c) ?? withoutUnits(c);
  if (wrong !== undefined) return wrong;
  const lines = new Map(p.lines.map((line) => [line.line, line]));
  const steps: Step[] = [];
  for (const [place, ask] of c.lines.entries()) {
    const line = lines.get(ask.line) ?? newLine(ask);
    const other = [...lines.values()].find((l) => l.key === ask.key && l.line !== ask.line);
    if (other !== undefined || line.sku !== ask.sku) {
      return at(place, refuse('bad_field', 0, -1, `sku: ${ask.sku} is not of line ${ask.line}`));
    }
    const more = { lot: line.lot, useSafety: c.more.useSafety };
    const hold = passing(p, place);
    const { quality } = line;
    steps.push(stepOf(c, place, line, 'reserve', { qty: ask.qty, hold, quality, more }));
    steps.push(reassigned(c, place, line, hold, poolHold(p.id), ask.qty));
    lines.set(line.line, { ...line, filled: line.filled + ask.qty });
  }
  return { steps, next: () => ({ ...p, lines: [...lines.values()] }) };
}

const newLine = ({ line, sku, key, quality, lot }: DocumentLine): PoolLine => ({
  ...{ line, sku, key, quality, lot: plainLot(lot), filled: 0, drained: 0 },
});

/** Units that no order of the pool has are for everybody again. */
function drain(p: PoolState, c: DocumentCommand): Draft<PoolState> | Refused {
  const wrong = doubled(c) ?? withoutLines(c);
  if (wrong !== undefined) return wrong;
  const lines = new Map(p.lines.map((line) => [line.line, line]));
  const steps: Step[] = [];
  for (const [place, ask] of c.lines.entries()) {
    const line = lines.get(ask.line);
    if (line === undefined) return at(place, refuse('unknown_line', 0, -1, `line ${ask.line}`));
    if (ask.qty < 1) return at(place, refuse('bad_qty'));
    const hold = passing(p, place);
    steps.push(reassigned(c, place, line, poolHold(p.id), hold, ask.qty));
    steps.push(stepOf(c, place, line, 'release', { hold }));
    lines.set(line.line, { ...line, drained: line.drained + ask.qty });
  }
  return { steps, next: () => ({ ...p, lines: [...lines.values()] }) };
}

/** Orders that have taken units keep them. */
function close(p: PoolState, c: DocumentCommand, look: Look): Draft<PoolState> | Refused {
  const open = p.lines.filter((line) => {
    const state = look(line.key);
    return state !== undefined && openHold(state, poolHold(p.id)) !== undefined;
  });
  if (sum(open, () => 1) === 0) return moved({ ...p, isClosed: true });
  return {
    steps: open.map((line) => stepOf(c, -1, line, 'cancel', { hold: poolHold(p.id) })),
    next: () => ({ ...p, isClosed: true }),
  };
}

/** A hold that lives within one act: what is reserved goes on to the pool, what leaves it is released. */
const passing = ({ id, seq }: PoolState, place: number): HoldId =>
  `${id}/${seq + 1}+${place}` as HoldId;

const reassigned = (
  c: DocumentCommand,
  place: number,
  line: PoolLine,
  fromHold: HoldId,
  hold: HoldId,
  qty: number,
): Step => stepOf(c, place, line, 'reassign', { qty, hold, more: { fromHold } });
