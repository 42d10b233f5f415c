import type { HoldId } from '../ids.ts';
import { type Balances, noBalances } from './balances.ts';
import { NO_MORE, type Quality, type StockCommand } from './commands.ts';
import type { Detail } from './detail.ts';

/** A part of a hold that expires by itself. */
export interface SoftPart {
  readonly qty: number;
  readonly expiresAtMs: number;
}

/** Of a hard hold: one for all of them. */
export const NO_SOFT: readonly SoftPart[] = [];

/**
 * A promise. Units move promised → picked → packed → shipped. Those promised
 * are hard or soft; `waiting` of the promised ones have no stock behind them.
 *
 * The rights that are out of an actor are one of each kind, `RIGHTS` and `PRESALE`: hard, never picked, and always the newest,
 * so that a loss takes their stock first and a receipt serves them last. They are there while any are out.
 */
export interface Hold {
  /** The actor's sequence at acceptance: first come, first served. {@link LAST} of rights. */
  readonly order: number;
  readonly quality: Quality;
  readonly doc: string;
  hard: number;
  /** Earliest expiry first; usually none or one. Replaced, never changed. */
  soft: readonly SoftPart[];
  waiting: number;
  /** Of those that wait: for goods in transit, and for those alone. */
  presale: number;
  /** Of those that wait: for goods that come on sale, and not for what was promised to others. */
  oversell: number;
  picked: number;
  packed: number;
  shipped: number;
}

export type EndReason = 'shipped' | 'released' | 'cancelled' | 'expired';

/** Newer than every promise. */
export const LAST = Number.MAX_SAFE_INTEGER;
/** Of rights of goods in transit. */
export const LAST_BUT_ONE = LAST - 1;

/** What is left of a hold that has ended: enough to say so to a late caller. */
export interface EndedHold {
  readonly ended: EndReason;
}

export const ENDED: Record<EndReason, EndedHold> = {
  shipped: { ended: 'shipped' },
  released: { ended: 'released' },
  cancelled: { ended: 'cancelled' },
  expired: { ended: 'expired' },
};

/** Ended holds remembered by an actor, newest ones. */
export const ENDED_KEPT = 16;

/** One (owner, SKU, warehouse). An idle one is a small object and one array. */
export interface StockState {
  /** Events applied so far; the version by which copies of this actor are merged. */
  seq: number;
  b: Balances;
  /** Promised of goods in transit: the sum over holds. Never more than there are. */
  presale: number;
  /** Promised with nothing behind them: the sum over holds. */
  oversell: number;
  /** Open holds, and the last {@link ENDED_KEPT} ended ones. Absent until first used. */
  holds: Map<HoldId, Hold | EndedHold> | undefined;
  /** Ids of ended holds, oldest first. */
  ended: HoldId[] | undefined;
  /** Ids of holds with units waiting, by order of acceptance. Replaced, never changed. */
  queue: readonly HoldId[] | undefined;
  /** What is known of units beyond how many there are. Absent until something is. */
  detail: Detail | undefined;
}

/** True where a step has to say which units it is about. */
export const isDetailed = ({ detail }: StockState, { more }: StockCommand): boolean =>
  detail !== undefined || more !== NO_MORE;

export const emptyStock = (): StockState => ({
  seq: 0,
  b: noBalances(),
  presale: 0,
  oversell: 0,
  holds: undefined,
  ended: undefined,
  queue: undefined,
  detail: undefined,
});

export const isOpen = (hold: Hold | EndedHold): hold is Hold => !('ended' in hold);

/** The hold of that id if it is open. */
export function openHold(state: StockState, id: HoldId): Hold | undefined {
  const hold = state.holds?.get(id);
  return hold !== undefined && isOpen(hold) ? hold : undefined;
}

/** First come, first served: of an open hold. */
export const orderOf = (state: StockState, id: HoldId): number => openHold(state, id)?.order ?? 0;

export function softUnits(hold: Hold): number {
  let sum = 0;
  for (const part of hold.soft) sum += part.qty;
  return sum;
}

/** Units promised and not yet picked, backed or not. */
export const promised = (hold: Hold): number => hold.hard + softUnits(hold);

/** Units promised, not yet picked, with stock behind them. */
export const backed = (hold: Hold): number => promised(hold) - hold.waiting;

/** S3: what this hold adds to `allocated`, or to `granted` where it is that of rights. */
export const allocatedBy = (hold: Hold): number => backed(hold) + hold.picked + hold.packed;

/** Earliest expiry of a soft part, 0 if the hold is hard. */
export const expiresAt = (hold: Hold): number => hold.soft[0]?.expiresAtMs ?? 0;
