import type { ActorKey, SkuId } from '../ids.ts';
import { type Refused, refuse } from '../outcomes.ts';
import type { Quality } from '../stock/commands.ts';
import type { LotFilter } from '../stock/lot.ts';
import type { DocumentCommand } from './commands.ts';
import { Left } from './lots.ts';
import {
  at,
  type Draft,
  doubled,
  headOf,
  holdId,
  type Look,
  type Machine,
  plainLot,
  type Step,
  stepOf,
  withoutUnits,
  wrongState,
} from './plan.ts';
import type { Head } from './states.ts';

export type SupplierReturnStatus = 'setAside' | 'shipped' | 'cancelled';

export interface SupplierReturnLine {
  readonly line: string;
  readonly sku: SkuId;
  readonly key: ActorKey;
  /** What it was before it was set aside. */
  readonly quality: Quality;
  readonly lot: LotFilter;
  readonly serials: readonly string[];
  readonly qty: number;
}

/** Goods that go back to where they came from. */
export interface SupplierReturnState extends Head<'supplierReturn', SupplierReturnStatus> {
  readonly supplier: string;
  readonly carrier: string;
  readonly tracking: string;
  readonly isShipped: boolean;
  readonly isCancelled: boolean;
  readonly lines: readonly SupplierReturnLine[];
}

export const supplierReturn: Machine<SupplierReturnState> = {
  opens: ['supplierReturn.setAside'],
  statusOf,
  isEnded: (r) => statusOf(r) !== 'setAside',
  plan(state, c, look, nowMs) {
    if (state === undefined) return setAside(c, look, nowMs);
    const status = statusOf(state);
    if (status !== 'setAside') return wrongState(status);
    return c.act === 'supplierReturn.ship' ? ship(state, c) : cancel(state, c);
  },
};

function statusOf({ isShipped, isCancelled }: SupplierReturnState): SupplierReturnStatus {
  if (isCancelled) return 'cancelled';
  return isShipped ? 'shipped' : 'setAside';
}

const SET_ASIDE: Quality = 3;

/** Only what nobody was promised is set aside, and is promised to the supplier at once. */
function setAside(
  c: DocumentCommand,
  look: Look,
  nowMs: number,
): Draft<SupplierReturnState> | Refused {
  const wrong = doubled(c) ?? withoutUnits(c);
  if (wrong !== undefined) return wrong;
  const left = new Left(look, c.more.useSafety);
  const steps: Step[] = [];
  for (const [place, ask] of c.lines.entries()) {
    const { line, qty, quality, lot, serials } = ask;
    if (quality === SET_ASIDE)
      return at(place, refuse('bad_field', 0, -1, 'quality: it is set aside'));
    const can = left.take(ask.key, quality, qty);
    if (can < qty) return at(place, refuse('insufficient', qty, can));
    const more = { lot, serials, toQuality: SET_ASIDE };
    const hold = holdId(c.doc, line);
    steps.push(
      stepOf(c, place, ask, 'requality', { qty, quality, more }),
      stepOf(c, place, ask, 'reserve', { qty, quality: SET_ASIDE, hold, more: { lot, serials } }),
    );
  }
  const lines = c.lines.map(({ line, sku, key, quality, lot, serials, qty }) => ({
    ...{ line, sku, key, quality, lot: plainLot(lot), serials, qty },
  }));
  const next: SupplierReturnState = {
    ...headOf('supplierReturn', 'setAside', c, nowMs),
    ...{ supplier: c.more.partner, carrier: '', tracking: '' },
    ...{ isShipped: false, isCancelled: false, lines },
  };
  return { steps, next: () => next };
}

/** Picked, packed and gone at once. */
function ship(r: SupplierReturnState, c: DocumentCommand): Draft<SupplierReturnState> {
  const steps = r.lines.flatMap((line) =>
    (['pick', 'pack', 'ship'] as const).map((op) =>
      stepOf(c, -1, line, op, {
        hold: holdId(r.id, line.line),
        ...(op === 'pick' && { more: { serials: line.serials } }),
      }),
    ),
  );
  const { carrier, tracking } = c.more;
  return { steps, next: () => ({ ...r, isShipped: true, carrier, tracking }) };
}

/** Goods are what they were before. */
function cancel(r: SupplierReturnState, c: DocumentCommand): Draft<SupplierReturnState> {
  const steps = r.lines.flatMap((line) => {
    const { qty, lot, serials, quality } = line;
    const more = { lot, serials, toQuality: quality };
    return [
      stepOf(c, -1, line, 'cancel', { hold: holdId(r.id, line.line) }),
      stepOf(c, -1, line, 'requality', { qty, quality: SET_ASIDE, more }),
    ];
  });
  return { steps, next: () => ({ ...r, isCancelled: true }) };
}
