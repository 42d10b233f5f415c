import type { ActorKey, SkuId } from '../ids.ts';
import { type Refused, refuse } from '../outcomes.ts';
import type { Quality } from '../stock/commands.ts';
import { lineName } from '../stock/lot.ts';
import { backed, isOpen, type StockState } from '../stock/state.ts';
import type { Change } from '../stock/stockroom.ts';
import type { DocumentCommand } from './commands.ts';
import {
  at,
  type Draft,
  doubled,
  headOf,
  type Look,
  type Machine,
  type Step,
  stepOf,
  sum,
  withoutLines,
  wrongState,
} from './plan.ts';
import type { Head } from './states.ts';

export type BatchStatus = 'quarantined' | 'recalled' | 'released';

/** Of a hold: units of the batch that it has, or has a claim on. */
export interface Affected {
  readonly hold: string;
  readonly doc: string;
  readonly pinned: number;
  readonly picked: number;
  readonly packed: number;
}

export interface BatchLine {
  readonly line: string;
  readonly sku: SkuId;
  readonly key: ActorKey;
  readonly batch: string;
  /** Units that were on the shelf, and are kept from sale. */
  readonly blocked: number;
  /** Holds that have units of it, by name; the first {@link LISTED}. */
  readonly holds: readonly Affected[];
  /** Open holds that might get units of it, were it not kept from sale. */
  readonly mayHave: number;
}

/** A batch is kept from sale, whatever comes of it later, until it is released. */
export interface BatchState extends Head<'batch', BatchStatus> {
  readonly why: 'quarantine' | 'recall';
  readonly isReleased: boolean;
  readonly lines: readonly BatchLine[];
}

/** Holds that are listed of a line at most. */
export const LISTED = 1_000;

export const batch: Machine<BatchState> = {
  opens: ['batch.quarantine', 'batch.recall'],
  statusOf,
  isEnded: (b) => b.isReleased,
  plan(state, c, look, nowMs) {
    if (state === undefined) return keep(c, look, nowMs);
    if (state.isReleased) return wrongState('released');
    return release(state, c, look);
  },
};

function statusOf({ why, isReleased }: BatchState): BatchStatus {
  if (isReleased) return 'released';
  return why === 'recall' ? 'recalled' : 'quarantined';
}

function keep(c: DocumentCommand, look: Look, nowMs: number): Draft<BatchState> | Refused {
  const why = c.act === 'batch.recall' ? 'recall' : 'quarantine';
  const wrong = withoutLines(c) ?? doubled(c) ?? withoutBatch(c);
  if (wrong !== undefined) return wrong;
  const steps: Step[] = [];
  const lines: BatchLine[] = [];
  for (const [place, { line, sku, key, lot }] of c.lines.entries()) {
    const name = lot.batch as string;
    const state = look(key);
    if (state === undefined) return at(place, refuse('unknown_sku'));
    const kept = state.detail?.batches.get(name)?.kept;
    if (kept === 'recall') return at(place, wrongState('recalled', `batch ${name}`));
    steps.push(...keepSteps(c, place, state, why));
    lines.push({ line, sku, key, batch: name, blocked: 0, ...listed(state, name) });
  }
  const next: BatchState = {
    ...headOf('batch', why === 'recall' ? 'recalled' : 'quarantined', c, nowMs),
    ...{ why, isReleased: false, lines },
  };
  return { steps, next: (changes) => blocked(next, changes) };
}

function withoutBatch({ lines }: DocumentCommand): Refused | undefined {
  const place = lines.findIndex(({ lot }) => (lot.batch ?? '') === '');
  return place < 0 ? undefined : at(place, refuse('bad_field', 0, -1, 'lot.batch: name the batch'));
}

const QUALITIES: readonly Quality[] = [0, 1, 2, 3];

/** All of it that is for sale; of what was in quarantine, the reason changes. */
function keepSteps(
  c: DocumentCommand,
  place: number,
  state: StockState,
  why: BatchState['why'],
): Step[] {
  const ask = c.lines[place] as DocumentCommand['lines'][number];
  const lot = { batch: ask.lot.batch as string };
  return QUALITIES.flatMap((quality) => {
    const lines = [...(state.detail?.find(0, quality, lot) ?? [])];
    const isQuarantined = why === 'recall' && lines.some((line) => line.why === 'quarantine');
    const isThere = quality === 0 || isQuarantined || lines.some((line) => line.why === '');
    const step = (op: 'block' | 'unblock', of: BatchState['why']): Step =>
      stepOf(c, place, ask, op, { quality, more: { lot, why: of } });
    const freed = isQuarantined ? [step('unblock', 'quarantine')] : [];
    return isThere ? [...freed, step('block', why)] : [];
  });
}

function blocked(next: BatchState, changes: readonly Change[]): BatchState {
  const lines = next.lines.map((line) => {
    const its = changes.filter(({ key, event }) => key === line.key && event.kind === 'blocked');
    return { ...line, blocked: sum(its, ({ event }) => event.qty) };
  });
  return { ...next, lines };
}

/** Who has units of the batch, or might get some. */
function listed(state: StockState, name: string): Pick<BatchLine, 'holds' | 'mayHave'> {
  const found = new Map<string, Affected>();
  const add = (hold: string, field: 'pinned' | 'picked' | 'packed', qty: number): void => {
    const of = state.holds?.get(hold as never);
    const doc = of !== undefined && isOpen(of) ? of.doc : '';
    const was = found.get(hold) ?? { hold, doc, pinned: 0, picked: 0, packed: 0 };
    found.set(hold, { ...was, [field]: was[field] + qty });
  };
  const { detail, holds } = state;
  for (const [hold, { lines }] of detail?.pins ?? []) {
    for (const [key, qty] of lines) if (lineName(key).batch === name) add(hold, 'pinned', qty);
  }
  for (const quality of QUALITIES) {
    for (const line of detail?.find(2, quality, { batch: name }) ?? [])
      add(line.hold, 'picked', line.qty);
    for (const line of detail?.find(3, quality, { batch: name }) ?? [])
      add(line.hold, 'packed', line.qty);
  }
  let mayHave = 0;
  for (const [id, hold] of holds ?? []) {
    if (isOpen(hold) && backed(hold) > 0 && detail?.pins.has(id) !== true) mayHave++;
  }
  const byName = [...found.values()].sort((a, b) => (a.hold < b.hold ? -1 : 1));
  return { holds: byName.slice(0, LISTED), mayHave };
}

/** What was kept may be sold again, unless the batch is kept for another reason since. */
function release(b: BatchState, c: DocumentCommand, look: Look): Draft<BatchState> | Refused {
  const steps: Step[] = [];
  for (const line of b.lines) {
    const { detail } = look(line.key) as StockState;
    const kept = detail?.batches.get(line.batch)?.kept;
    if (kept === 'recall' && b.why !== 'recall')
      return wrongState('recalled', 'release the recall');
    const lot = { batch: line.batch };
    for (const quality of QUALITIES) {
      const lines = [...(detail?.find(0, quality, lot) ?? [])];
      if (quality > 0 && !lines.some((l) => l.why === b.why)) continue;
      steps.push(stepOf(c, -1, line, 'unblock', { quality, more: { lot, why: b.why } }));
    }
  }
  return { steps, next: () => ({ ...b, isReleased: true }) };
}
