import type { ActorKey, SkuId } from '../ids.ts';
import { type Refused, refuse } from '../outcomes.ts';
import { onHand } from '../stock/balances.ts';
import type { Quality } from '../stock/commands.ts';
import type { LotFilter } from '../stock/lot.ts';
import type { DocumentCommand } from './commands.ts';
import {
  asked,
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
  withoutUnits,
  wrongState,
} from './plan.ts';
import { sampleSize } from './sampling.ts';
import type { Head } from './states.ts';

export type InspectionStatus = 'open' | 'inspecting' | 'inspected' | 'closed';

export interface InspectionLine {
  readonly line: string;
  readonly sku: SkuId;
  readonly key: ActorKey;
  readonly lot: LotFilter;
  readonly qty: number;
  /** Units to look at before all are judged. */
  readonly sample: number;
  readonly passed: number;
  readonly failed: number;
}

/** Units that await inspection are judged. */
export interface InspectionState extends Head<'inspection', InspectionStatus> {
  readonly isClosed: boolean;
  readonly lines: readonly InspectionLine[];
}

export const inspection: Machine<InspectionState> = {
  opens: ['inspection.open'],
  statusOf,
  isEnded: (i) => ['inspected', 'closed'].includes(statusOf(i)),
  plan(state, c, look, nowMs) {
    if (state === undefined) return open(c, look, nowMs);
    const status = statusOf(state);
    if (status === 'closed') return wrongState(status, 'open another');
    return c.act === 'inspection.close' ? moved({ ...state, isClosed: true }) : judge(state, c);
  },
};

const left = ({ qty, passed, failed }: InspectionLine): number => qty - passed - failed;

function statusOf(i: InspectionState): InspectionStatus {
  if (i.isClosed) return 'closed';
  if (i.lines.every((l) => left(l) === 0)) return 'inspected';
  return i.lines.some((l) => left(l) < l.qty) ? 'inspecting' : 'open';
}

const PENDING: Quality = 2;
const DEFECTIVE: Quality = 1;

function open(c: DocumentCommand, look: Look, nowMs: number): Draft<InspectionState> | Refused {
  const wrong = doubled(c) ?? withoutUnits(c);
  if (wrong !== undefined) return wrong;
  for (const [place, { key, qty }] of c.lines.entries()) {
    const state = look(key);
    if (state === undefined) return at(place, refuse('unknown_sku'));
    const here = onHand(state.b, PENDING);
    if (qty > here) return at(place, refuse('exceeds_on_hand', qty, here));
  }
  const lines = c.lines.map(({ line, sku, key, lot, qty }) => ({
    ...{ line, sku, key, lot: plainLot(lot), qty, passed: 0, failed: 0 },
    sample: sampleSize(qty, c.more.percent),
  }));
  return moved({ ...headOf('inspection', 'open', c, nowMs), isClosed: false, lines });
}

/** What passes may be sold, or is what the line says; what fails is defective. */
function judge(i: InspectionState, c: DocumentCommand): Draft<InspectionState> | Refused {
  const told = asked(i.lines, c);
  if ('ok' in told) return told;
  const lines = new Map(i.lines.map((line) => [line.line, line]));
  const steps: Step[] = [];
  for (const { place, ask } of told) {
    const line = lines.get(ask.line) as InspectionLine;
    const { qty, failed, toQuality } = ask;
    if (qty + failed === 0) return at(place, refuse('bad_qty'));
    if (qty + failed > left(line)) {
      return at(place, refuse('exceeds_line', qty + failed, left(line)));
    }
    const lot = { ...line.lot, ...ask.lot };
    const become = (units: number, to: Quality, serials: readonly string[]): void => {
      const more = { lot, serials, toQuality: to };
      if (units === 0) return;
      steps.push(stepOf(c, place, line, 'requality', { qty: units, quality: PENDING, more }));
    };
    become(qty, toQuality, ask.serials.slice(0, qty));
    become(failed, DEFECTIVE, ask.serials.slice(qty));
    const judged = { passed: line.passed + qty, failed: line.failed + failed };
    lines.set(line.line, { ...line, ...judged });
  }
  return { steps, next: () => ({ ...i, lines: [...lines.values()] }) };
}
