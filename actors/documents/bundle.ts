import type { ActorKey, SkuId } from '../ids.ts';
import { type Refused, refuse } from '../outcomes.ts';
import { available } from '../stock/balances.ts';
import type { DocumentCommand } from './commands.ts';
import {
  at,
  type Draft,
  doubled,
  headOf,
  holdId,
  type Look,
  type Machine,
  moved,
  stepOf,
  withoutUnits,
  wrongState,
} from './plan.ts';
import type { Head } from './states.ts';

export type BundleStatus = 'defined' | 'closed';

/** `qty` of it are in one bundle. */
export interface BundleLine {
  readonly line: string;
  readonly sku: SkuId;
  readonly key: ActorKey;
  readonly qty: number;
}

/** Goods that are sold together. It has no stock of its own: its components' is shared with all others. */
export interface BundleState extends Head<'bundle', BundleStatus> {
  readonly isClosed: boolean;
  readonly lines: readonly BundleLine[];
}

export const bundle: Machine<BundleState> = {
  opens: ['bundle.define'],
  statusOf: (b) => (b.isClosed ? 'closed' : 'defined'),
  isEnded: (b) => b.isClosed,
  plan(state, c, _look, nowMs) {
    if (state === undefined) return define(c, nowMs);
    if (c.act === 'bundle.release') return release(state, c);
    if (state.isClosed) return wrongState('closed');
    return c.act === 'bundle.close' ? moved({ ...state, isClosed: true }) : reserve(state, c);
  },
};

/** How many bundles could be promised now. */
export function bundlesAvailable({ lines }: BundleState, look: Look): number {
  const each = lines.map(({ key, qty }) => {
    const state = look(key);
    return state === undefined ? 0 : Math.floor(available(state.b, 0) / qty);
  });
  return Math.min(...each);
}

function define(c: DocumentCommand, nowMs: number): Draft<BundleState> | Refused {
  const wrong = doubled(c) ?? withoutUnits(c) ?? sameTwice(c);
  if (wrong !== undefined) return wrong;
  const lines = c.lines.map(({ line, sku, key, qty }) => ({ line, sku, key, qty }));
  return moved({ ...headOf('bundle', 'defined', c, nowMs), isClosed: false, lines });
}

function sameTwice({ lines }: DocumentCommand): Refused | undefined {
  const place = lines.findIndex(({ sku }, i) => lines.findIndex((l) => l.sku === sku) < i);
  return place < 0 ? undefined : at(place, refuse('bad_field', 0, -1, 'sku: it comes twice'));
}

/** As many bundles as the line of the command says, for `hold`: of every component, or of none. */
function reserve(b: BundleState, c: DocumentCommand): Draft<BundleState> | Refused {
  const wrong = withoutHold(c);
  if (wrong !== undefined) return wrong;
  const [{ qty: bundles } = { qty: 0 }] = c.lines;
  if (bundles < 1) return at(0, refuse('bad_qty'));
  const hold = holdId(b.id, c.more.hold);
  const steps = b.lines.map((line) =>
    stepOf(c, 0, line, 'reserve', { qty: line.qty * bundles, hold }),
  );
  return { steps, next: () => b };
}

/** All that was reserved for `hold`. */
function release(b: BundleState, c: DocumentCommand): Draft<BundleState> | Refused {
  const wrong = withoutHold(c);
  if (wrong !== undefined) return wrong;
  const hold = holdId(b.id, c.more.hold);
  return { steps: b.lines.map((line) => stepOf(c, -1, line, 'release', { hold })), next: () => b };
}

const withoutHold = ({ more: { hold } }: DocumentCommand): Refused | undefined =>
  hold === '' ? refuse('bad_field', 0, -1, 'hold: say who the bundles are for') : undefined;
