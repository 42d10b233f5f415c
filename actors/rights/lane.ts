import type { ActorKey, HoldId } from '../ids.ts';
import type { ByKind, Cells } from './pools.ts';
import { addByKind, none } from './pools.ts';

/** A point from its start until its end, or until its journal loses something. Counted from 1 by
 * whoever gives out its lease, never by its own journal. Written `point.number`. */
export type LifeId = `${string}.${number}`;

/** One opening of the account between a point's life and home, for one SKU: the point's nonce. */
export type LaneId = `${LifeId}#${number}`;

export const lifeId = (point: string, life: number): LifeId => `${point}.${life}`;

export const pointOf = (life: LifeId): string => life.slice(0, life.lastIndexOf('.'));

export const numberOf = (life: LifeId): number => Number(life.slice(life.lastIndexOf('.') + 1));

/** A line of the log from one life to one home shard. Numbered from 1 without gaps. */
export interface Entry {
  readonly n: number;
  /** A cancel is a request: only home knows what has shipped. */
  readonly op: 'sale' | 'cancel';
  readonly order: HoldId;
  readonly sku: ActorKey;
  readonly lane: LaneId;
  /** Rights that the sale spent; empty in a cancel. */
  readonly taken: Readonly<Cells>;
}

/** A lane as home has it. */
export interface HomeLane {
  readonly id: LaneId;
  readonly life: LifeId;
  readonly sku: ActorKey;
  /** Home's nonce of this opening. */
  readonly nonce: string;
  /** G: cumulative, written by home alone. */
  readonly granted: Cells;
  /** B: the point's, as far as heard. */
  readonly back: Cells;
  /** U: the point's, as far as heard. For people to look at: what is spent counts when it arrives. */
  readonly spent: Cells;
  /** D: units whose sales have arrived in the log. */
  readonly arrived: Cells;
  /** The number of the log at which the point closed the lane. */
  final: number | undefined;
  /** Its life is buried, and what was out has been booked as a risk. */
  isWrittenOff: boolean;
}

/** Cells of a lane that say what is out of it. */
export type OutCells = Pick<HomeLane, 'granted' | 'back' | 'arrived'>;

/** What of a lane home has to think of as the point's, or on its way: G − B − D. */
export function outOf({ granted, back, arrived }: OutCells): ByKind {
  const out = none();
  addByKind(out, granted, 1);
  addByKind(out, back, -1);
  addByKind(out, arrived, -1);
  return out;
}

/** A point tells home. Every part may be lost, repeated or overtaken. */
export interface Up {
  readonly to: 'home';
  readonly point: string;
  readonly life: LifeId;
  /** The newest lineage of home that the point has heard. */
  readonly lineage: number;
  readonly lanes: readonly LaneUp[];
  /** A run of the log without gaps. */
  readonly log: readonly Entry[];
  /** Set in the answer to a restored home. */
  readonly attach: Part | undefined;
  /** The log's last number, once the life is over. */
  readonly ended: number | undefined;
}

/** A part of what a life has, for a restored home. */
export interface Part {
  /** The log's last number. */
  readonly end: number;
  /** Which part of the lanes this is, from 0, and how many there are. The log comes with the last, and after it. */
  readonly part: number;
  readonly of: number;
}

export interface LaneUp {
  readonly id: LaneId;
  readonly sku: ActorKey;
  /** Home's nonce, once heard. Without it this is a wish for a lane. */
  readonly nonce: string | undefined;
  /** What the point got of G; told only when it attaches. */
  readonly got: Readonly<Cells> | undefined;
  readonly back: Readonly<Cells>;
  readonly spent: Readonly<Cells>;
  readonly final: number | undefined;
}

/** Home tells a point. */
export interface Down {
  readonly to: LifeId;
  readonly lineage: number;
  readonly lanes: readonly LaneDown[];
  /** Home was restored: it wants to know all that this life has. */
  readonly ask: boolean;
  /** Which part of it, from 0. */
  readonly part: number;
  /** The log's number up to which home has applied it. */
  readonly applied: number;
  /** The number up to which home will have it whatever happens: the point may forget. */
  readonly settled: number;
  /** Home knows this life as ended or buried: it may sell no more. */
  readonly over: boolean;
}

export interface LaneDown {
  readonly id: LaneId;
  readonly sku: ActorKey;
  readonly nonce: string;
  readonly granted: Readonly<Cells>;
  /** Home has closed this opening, all its sales applied. */
  readonly gone: boolean;
  /** Levels above which home would like units back. A wish, and of this message only. */
  readonly keep: Readonly<Cells> | undefined;
}
