import { type Refused, refuse } from '../outcomes.ts';
import type { StockCommand } from '../stock/commands.ts';
import { CLOCK_AHEAD_MS } from '../stock/decide.ts';
import type { Change } from '../stock/stockroom.ts';
import { adjustment } from './adjustment.ts';
import { batch } from './batch.ts';
import { bundle } from './bundle.ts';
import { type DocumentCommand, type DocumentKind, kindOf } from './commands.ts';
import { count } from './count.ts';
import { type DocumentEvent, difference } from './events.ts';
import { asn, customerReturn } from './inbound.ts';
import { inspection } from './inspection.ts';
import { item } from './item.ts';
import { order } from './order.ts';
import { ownership } from './ownership.ts';
import { contentOf, type Draft, type Look, type Machine } from './plan.ts';
import { pool } from './pool.ts';
import type { DocumentState } from './states.ts';
import { supplierReturn } from './supplier-return.ts';
import { task } from './task.ts';
import { transfer } from './transfer.ts';

/** One machine a kind; each is given states of its own kind only. */
const MACHINES: Record<DocumentKind, Machine<DocumentState>> = {
  order,
  asn,
  return: customerReturn,
  transfer,
  ownership,
  adjustment,
  count,
  inspection,
  batch,
  supplierReturn,
  bundle,
  item,
  pool,
  task,
};

/** What an act does with stock, all of it or none, and then with its document. */
export interface Plan {
  readonly steps: readonly StockCommand[];
  /** For each step the place in the command of the line that it is done for; −1 for none. */
  readonly places: readonly number[];
  /** What happened to the document, once all steps are done: one change a step. */
  event(changes: readonly Change[]): DocumentEvent;
}

/** The act was done before: it is accepted again and does nothing. */
export const AGAIN = 'again';

/** Which steps an act takes, or why it is not done. Reads only. */
export function plan(
  state: DocumentState | undefined,
  c: DocumentCommand,
  look: Look,
  nowMs: number,
): Plan | Refused | typeof AGAIN {
  const machine = MACHINES[kindOf(c.act)];
  if (c.occurredAtMs > nowMs + CLOCK_AHEAD_MS) return refuse('clock_ahead');
  const wrong = machine.before?.(state, c);
  if (wrong !== undefined) return wrong;
  const known = knownAs(machine, state, c);
  if (known !== undefined) return known;
  const draft = machine.plan(state, c, look, nowMs);
  if ('ok' in draft) return draft;
  return {
    steps: draft.steps.map((step) => step.command),
    places: draft.steps.map((step) => step.place),
    event: (changes) => eventOf(machine, state, c, draft, changes, nowMs),
  };
}

function knownAs(
  machine: Machine<DocumentState>,
  state: DocumentState | undefined,
  c: DocumentCommand,
): Refused | typeof AGAIN | undefined {
  const opens = machine.opens.includes(c.act);
  if (state === undefined) return opens ? undefined : refuse('unknown_document');
  if (c.step !== '' && state.steps.includes(c.step)) return AGAIN;
  if (!opens) return undefined;
  if (state.content === contentOf(c)) return AGAIN;
  if (machine.isReplaced) return undefined;
  return refuse('doc_reused', 0, -1, `it is ${state.status}`);
}

function eventOf(
  machine: Machine<DocumentState>,
  old: DocumentState | undefined,
  c: DocumentCommand,
  draft: Draft<DocumentState>,
  changes: readonly Change[],
  nowMs: number,
): DocumentEvent {
  const next = draft.next(changes);
  const hasEnded = next.endedAtMs === 0 && machine.isEnded(next);
  const endedAtMs = hasEnded ? nowMs : next.endedAtMs;
  const status = machine.statusOf(next);
  const { act, step, reason, occurredAtMs } = c;
  const changed = difference(old, { ...next, status, endedAtMs } as DocumentState);
  return { act, step, reason, atMs: nowMs, occurredAtMs, ...changed };
}
