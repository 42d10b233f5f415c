import type { Refused } from '../actors/outcomes.ts';
import type { Balances } from '../actors/stock/balances.ts';
import { type Hold, promised, softUnits } from '../actors/stock/state.ts';
import type { Accepted } from '../actors/stock/stockroom.ts';

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
}

/** An `each`: how many of its lines were done, and why the others were not. */
export interface EachDone {
  readonly ok: true;
  readonly kind: 'each';
  readonly done: number;
  readonly refused: readonly Refused[];
}

/** The outcome of a command, as remembered and told (C5). */
export type Settled = Done | EachDone | Refused;

export function settle(all: boolean, outcome: Accepted | Refused): Settled {
  if (!outcome.ok) return outcome;
  if (outcome.refused !== undefined) {
    return { ok: true, kind: 'each', done: outcome.changes.length, refused: outcome.refused };
  }
  const results = outcome.changes.map(({ seq, after, event }) => ({
    seq,
    qty: event.qty,
    after,
    expiresAtMs: event.expiresAtMs,
  }));
  return { ok: true, kind: 'done', all, results };
}

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

export type Answer = Settled | Seen;

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
