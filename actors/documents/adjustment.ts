import type { ActorKey, SkuId } from '../ids.ts';
import { type Refused, refuse } from '../outcomes.ts';
import type { Quality } from '../stock/commands.ts';
import type { LotFilter } from '../stock/lot.ts';
import type { Change } from '../stock/stockroom.ts';
import type { DocumentCommand, DocumentLine } from './commands.ts';
import { lotsTaken, type MovedLot } from './lots.ts';
import {
  at,
  type Draft,
  doubled,
  headOf,
  type Machine,
  moved,
  plainLot,
  type Step,
  stepOf,
  sum,
  withoutLines,
  wrongState,
} from './plan.ts';
import { directionOf } from './reasons.ts';
import type { Head } from './states.ts';

export type AdjustmentStatus = 'pending' | 'posted' | 'rejected';

export interface AdjustmentLine {
  readonly line: string;
  readonly sku: SkuId;
  readonly key: ActorKey;
  readonly quality: Quality;
  readonly lot: LotFilter;
  readonly serials: readonly string[];
  /** Signed base units. */
  readonly delta: number;
  /** A loss that awaits approval: the units that are kept from sale meanwhile. */
  readonly kept: readonly MovedLot[];
}

/** Books are made to agree with what is there, for a reason. */
export interface AdjustmentState extends Head<'adjustment', AdjustmentStatus> {
  readonly reason: string;
  readonly limit: number;
  readonly isPosted: boolean;
  readonly isRejected: boolean;
  readonly lines: readonly AdjustmentLine[];
}

export const adjustment: Machine<AdjustmentState> = {
  opens: ['adjustment.propose'],
  statusOf,
  isEnded: (a) => statusOf(a) !== 'pending',
  plan(state, c, _look, nowMs) {
    if (state === undefined) return propose(c, nowMs);
    const status = statusOf(state);
    if (status !== 'pending') return wrongState(status);
    return c.act === 'adjustment.approve' ? approve(state, c) : reject(state, c);
  },
};

function statusOf({ isPosted, isRejected }: AdjustmentState): AdjustmentStatus {
  if (isRejected) return 'rejected';
  return isPosted ? 'posted' : 'pending';
}

/** Posts at once within the limit; beyond it, what is said to be lost is kept from sale. */
function propose(c: DocumentCommand, nowMs: number): Draft<AdjustmentState> | Refused {
  const wrong = withoutLines(c) ?? doubled(c) ?? withoutReason(c);
  if (wrong !== undefined) return wrong;
  const { limit } = c.more;
  const lines = c.lines.map(newLine);
  const isPosted = limit < 0 || sum(lines, ({ delta }) => Math.abs(delta)) <= limit;
  const next: AdjustmentState = {
    ...headOf('adjustment', 'pending', c, nowMs),
    ...{ reason: c.reason, limit, isPosted, isRejected: false, lines },
  };
  if (isPosted)
    return { steps: lines.map((line, place) => post(c, place, line)), next: () => next };
  const losses = lines.flatMap((line, place) => (line.delta < 0 ? [{ line, place }] : []));
  return {
    steps: losses.map(({ line, place }) => keep(c, place, line)),
    next: (changes) => kept(next, losses, changes),
  };
}

function withoutReason(c: DocumentCommand): Refused | undefined {
  const direction = directionOf(c.reason);
  if (direction === undefined) return refuse('unknown_reason', 0, -1, c.reason);
  for (const [place, { delta }] of c.lines.entries()) {
    if (delta === 0) return at(place, refuse('bad_qty'));
    const way = delta > 0 ? 'gain' : 'loss';
    if (direction === 'either' || direction === way) continue;
    return at(place, refuse('unknown_reason', 0, -1, `${c.reason} is no reason for a ${way}`));
  }
  return undefined;
}

const newLine = ({
  line,
  sku,
  key,
  quality,
  lot,
  serials,
  delta,
}: DocumentLine): AdjustmentLine => ({
  ...{ line, sku, key, quality, lot: plainLot(lot), serials, delta, kept: [] },
});

const post = (c: DocumentCommand, place: number, line: AdjustmentLine): Step => {
  const { delta, quality, lot, serials } = line;
  return stepOf(c, place, line, 'adjust', { delta, quality, more: { lot, serials } });
};

const keep = (c: DocumentCommand, place: number, line: AdjustmentLine): Step => {
  const { delta, quality, lot, serials } = line;
  const more = { lot, serials, why: 'approval' } as const;
  return stepOf(c, place, line, 'block', { qty: -delta, quality, more });
};

function kept(
  next: AdjustmentState,
  losses: readonly { readonly line: AdjustmentLine }[],
  changes: readonly Change[],
): AdjustmentState {
  const lots = new Map(
    losses.map(({ line }, i) => [line, lotsTaken((changes[i] as Change).event)] as const),
  );
  const lines = next.lines.map((line) => ({ ...line, kept: lots.get(line) ?? [] }));
  return { ...next, lines };
}

/** Units that were kept are for sale again. */
const freed = (a: AdjustmentState, c: DocumentCommand, line: AdjustmentLine): Step[] =>
  line.kept.map(({ qty, lot, serials }) => {
    const more = { lot, serials, why: 'approval' } as const;
    return stepOf({ ...c, reason: a.reason }, -1, line, 'unblock', {
      ...{ qty, quality: line.quality, more },
    });
  });

/** What was kept is lost, exactly that; what was found is there. */
function approve(a: AdjustmentState, c: DocumentCommand): Draft<AdjustmentState> {
  const told = { ...c, reason: a.reason };
  const steps = a.lines.flatMap((line) => {
    if (line.delta > 0) return [post(told, -1, line)];
    const lost = line.kept.map(({ qty, ...of }) => post(told, -1, { ...line, ...of, delta: -qty }));
    return [...freed(a, c, line), ...lost];
  });
  return { steps, next: () => done({ ...a, isPosted: true }) };
}

function reject(a: AdjustmentState, c: DocumentCommand): Draft<AdjustmentState> {
  const steps = a.lines.flatMap((line) => freed(a, c, line));
  if (steps.length === 0) return moved({ ...a, isRejected: true });
  return { steps, next: () => done({ ...a, isRejected: true }) };
}

const done = (a: AdjustmentState): AdjustmentState => ({
  ...a,
  lines: a.lines.map((line) => ({ ...line, kept: [] })),
});
