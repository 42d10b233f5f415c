import type { DocumentKey } from '../actors/documents/commands.ts';
import type { DocumentOutcome } from '../actors/documents/documents.ts';
import type { DocumentState } from '../actors/documents/states.ts';
import type { ActorKey } from '../actors/ids.ts';
import type { Refused } from '../actors/outcomes.ts';
import type { RightsOutcome, Sold, Told } from '../actors/rights/acts.ts';
import type { Balances } from '../actors/stock/balances.ts';
import { type Hold, promised, softUnits } from '../actors/stock/state.ts';
import type { Accepted, Change } from '../actors/stock/stockroom.ts';
import type { Lease } from '../actors/tasks/task.ts';

/** What one accepted line did: enough to answer with, now and to a retry. */
export interface Result {
  readonly seq: number;
  readonly qty: number;
  readonly after: Balances;
  /** Expiry of the soft part made or moved, epoch ms; 0 if none. */
  readonly expiresAtMs: number;
}

export interface Done {
  readonly ok: true;
  readonly kind: 'done';
  /** True for an `all`, whose answer is a list. */
  readonly all: boolean;
  readonly results: readonly Result[];
  /** What a scanner is sent to do next. Never remembered: a retry asks for it. */
  readonly next?: Lease;
}

/** An `each`: how many of its lines were done, and why the others were not. */
export interface EachDone {
  readonly ok: true;
  readonly kind: 'each';
  readonly done: number;
  readonly refused: readonly Refused[];
}

/** An act on a document: what it is now, and what the stock is that was moved. */
export interface DocumentDone {
  readonly ok: true;
  readonly kind: 'document';
  readonly doc: DocumentKey;
  readonly seq: number;
  readonly status: string;
  readonly results: readonly (Result & { readonly key: ActorKey })[];
  /** What a scanner was sent to do. */
  readonly lease?: Lease;
  /** What it is sent to do next. Never remembered: a retry asks for it. */
  readonly next?: Lease;
}

/** A sale from rights, or what became of one. */
export interface SaleDone {
  readonly ok: true;
  readonly kind: 'sale';
  readonly sold: Sold;
}

/** An act on rights between home and point. Never remembered: what it has to say is said again. */
export interface RightsDone {
  readonly ok: true;
  readonly kind: 'rights';
  readonly told: Told | undefined;
}

/** The outcome of a command, as remembered and told (C5). */
export type Settled = Done | EachDone | DocumentDone | SaleDone | RightsDone | Refused;

export function settle(
  all: boolean,
  outcome: Accepted | DocumentOutcome | RightsOutcome | Refused,
): Settled {
  if (!outcome.ok) return outcome;
  if ('rights' in outcome) {
    const { sold, told } = outcome;
    return sold === undefined
      ? { ok: true, kind: 'rights', told }
      : { ok: true, kind: 'sale', sold };
  }
  if ('document' in outcome) {
    const { key: doc, seq, status } = outcome.document;
    const results = outcome.changes.map((change) => ({ key: change.key, ...resultOf(change) }));
    const done = { ok: true, kind: 'document', doc, seq, status, results } as const;
    const lease = leaseOf(outcome);
    return lease === undefined ? done : { ...done, lease };
  }
  if (outcome.refused !== undefined) {
    return { ok: true, kind: 'each', done: outcome.changes.length, refused: outcome.refused };
  }
  return { ok: true, kind: 'done', all, results: outcome.changes.map(resultOf) };
}

/** A lease is told whole in the event that makes it. */
const leaseOf = ({ document }: DocumentOutcome): Lease | undefined =>
  (document.event?.head as { readonly lease?: Lease | null } | undefined)?.lease ?? undefined;

const resultOf = ({ seq, after, event }: Change): Result => ({
  seq,
  qty: event.qty,
  after,
  expiresAtMs: event.expiresAtMs,
});

/** One open hold as a reader sees it, base units. */
export interface HoldView {
  readonly doc: string;
  readonly qty: number;
  readonly soft: number;
  /** Earliest expiry of its soft units, epoch ms; 0 if it is hard. */
  readonly expiresAtMs: number;
  readonly waiting: number;
  readonly picked: number;
  readonly packed: number;
  readonly shipped: number;
}

/** The answer to a read. Never remembered: a retry reads again. */
export interface Seen {
  readonly ok: true;
  readonly kind: 'seen';
  readonly seq: number;
  readonly after: Balances;
  readonly hold: HoldView | undefined;
}

/** A document, as it is. */
export interface SeenDocument {
  readonly ok: true;
  readonly kind: 'seenDocument';
  readonly document: DocumentState;
  /** Of a bundle, one figure; of a pool, one a line. */
  readonly available?: readonly number[];
}

export type Answer = Settled | Seen | SeenDocument;

export const holdView = (hold: Hold): HoldView => ({
  doc: hold.doc,
  qty: promised(hold),
  soft: softUnits(hold),
  expiresAtMs: hold.soft[0]?.expiresAtMs ?? 0,
  waiting: hold.waiting,
  picked: hold.picked,
  packed: hold.packed,
  shipped: hold.shipped,
});
