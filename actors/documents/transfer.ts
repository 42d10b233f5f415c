import type { ActorKey, SkuId } from '../ids.ts';
import { type Refused, refuse } from '../outcomes.ts';
import type { BatchDates, PickPolicy, Quality } from '../stock/commands.ts';
import type { LotFilter } from '../stock/lot.ts';
import type { DocumentCommand } from './commands.ts';
import { type Draft, type Machine, moved, sum } from './plan.ts';
import type { Head } from './states.ts';
import {
  arrivalLeg,
  destinationStatus,
  expectTransfer,
  isAccounted,
} from './transfer-destination.ts';
import { dispatchLeg, placeTransfer, sourceStatus } from './transfer-source.ts';

/*
 * A transfer is two documents of one number: the source, in the warehouse that sends, and the
 * destination, in the one that receives. Each tells the other what it must know, as often as it
 * takes ({@link outgoing}); being told again changes nothing.
 */

export interface SourceLine {
  readonly line: string;
  readonly sku: SkuId;
  readonly key: ActorKey;
  readonly quality: Quality;
  /** What its hold is pinned to. */
  readonly lot: LotFilter;
  readonly serials: readonly string[];
  readonly policy: PickPolicy;
  readonly qty: number;
  readonly dispatched: number;
}

/** Units of one line and one lot on their way. `received` and `lost` are as the destination told. */
export interface Parcel {
  /** A line of the destination. */
  readonly line: string;
  readonly sku: SkuId;
  readonly quality: Quality;
  readonly qty: number;
  readonly lot: LotFilter;
  readonly serials: readonly string[];
  /** {@link BatchDates}, or nothing. */
  readonly dates: readonly BatchDates[];
  readonly received: number;
  readonly lost: number;
}

export interface SourceState extends Head<'transfer', SourceStatus> {
  readonly leg: 'source';
  readonly toWarehouse: string;
  readonly isCancelled: boolean;
  /** The last step that the other end is known to have been told. */
  readonly told: string;
  readonly lines: readonly SourceLine[];
  /** None before it is dispatched. */
  readonly parcels: readonly Parcel[];
}
export type SourceStatus = 'placed' | 'dispatched' | 'settled' | 'cancelled';

export interface DestinationLine {
  readonly line: string;
  readonly sku: SkuId;
  readonly key: ActorKey;
  readonly quality: Quality;
  readonly lot: LotFilter;
  readonly serials: readonly string[];
  readonly dates: readonly BatchDates[];
  /** = still in transit + received + lost. */
  readonly expected: number;
  readonly received: number;
  readonly lost: number;
  /** Of those received: of another quality than was sent. */
  readonly damaged: number;
}

export interface DestinationState extends Head<'transfer', DestinationStatus> {
  readonly leg: 'destination';
  readonly fromWarehouse: string;
  readonly untilPutaway: boolean;
  readonly isClosed: boolean;
  readonly told: string;
  readonly lines: readonly DestinationLine[];
}
export type DestinationStatus = 'inTransit' | 'receiving' | 'received' | 'closed';

export type TransferState = SourceState | DestinationState;

export const transfer: Machine<TransferState> = {
  opens: ['transfer.place', 'transfer.expect'],
  statusOf: (t) => (t.leg === 'source' ? sourceStatus(t) : destinationStatus(t)),
  isEnded: (t) => {
    if (t.leg === 'source' && t.isCancelled) return true;
    const isDone = t.leg === 'source' ? sourceStatus(t) === 'settled' : isAccounted(t);
    return isDone && stepToTell(t) === t.told;
  },
  before: elsewhere,
  plan(state, c, look, nowMs) {
    if (state === undefined) {
      return c.act === 'transfer.place' ? placeTransfer(c, nowMs) : expectTransfer(c, nowMs);
    }
    if (c.act === 'transfer.told') return moved({ ...state, told: c.more.told });
    return state.leg === 'source' ? dispatchLeg(state, c, look) : arrivalLeg(state, c);
  },
};

/** A parcel that is at the wrong gate, by its label or by the document that is here. */
function elsewhere(state: TransferState | undefined, c: DocumentCommand): Refused | undefined {
  if (!['transfer.expect', 'transfer.receive', 'transfer.close'].includes(c.act)) return undefined;
  const { toWarehouse } = c.more;
  const isAtSource = state?.leg === 'source' && c.act !== 'transfer.expect';
  const bound = isAtSource ? state.toWarehouse : toWarehouse;
  if (bound === '' || bound === c.warehouse) return undefined;
  return refuse('wrong_warehouse', 0, -1, `it is bound for ${bound}`);
}

/** The step at the other end that says all that this end knows; '' for none. */
export function stepToTell(t: TransferState): string {
  if (t.leg === 'source') return t.parcels.length === 0 ? '' : 'expect';
  const [received, lost] = [sum(t.lines, (l) => l.received), sum(t.lines, (l) => l.lost)];
  return received + lost === 0 ? '' : `settle:${received}:${lost}`;
}

export type TransferDraft<S extends TransferState> = Draft<S> | Refused;
