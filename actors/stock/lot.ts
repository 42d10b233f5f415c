import type { HoldId } from '../ids.ts';
import { BLOCK_REASONS, type BlockReason, type Quality } from './commands.ts';

/**
 * What tells units of one SKU apart. All blank: nothing is known of them but
 * that they are there.
 */
export interface Lot {
  readonly location: string;
  readonly container: string;
  readonly batch: string;
  /** Pieces in the closed box that they lie in; 0 where they are loose. */
  readonly box: number;
  /** The label of a marketplace on them. */
  readonly fnsku: string;
}

export const NO_LOT: Lot = { location: '', container: '', batch: '', box: 0, fnsku: '' };

/** Units of a kind: what is left out may be anything. As a destination: is left as it is. */
export type LotFilter = { readonly [K in keyof Lot]?: Lot[K] };

export const ANY_LOT: LotFilter = {};

export function isAnyLot(want: LotFilter): boolean {
  if (want === ANY_LOT) return true;
  for (const _ in want) return false;
  return true;
}

export function matches(lot: Lot, want: LotFilter): boolean {
  return (
    (want.location === undefined || want.location === lot.location) &&
    (want.container === undefined || want.container === lot.container) &&
    (want.batch === undefined || want.batch === lot.batch) &&
    (want.box === undefined || want.box === lot.box) &&
    (want.fnsku === undefined || want.fnsku === lot.fnsku)
  );
}

/** The lot with what `to` says instead. */
export const changed = (lot: Lot, to: LotFilter): Lot => ({ ...lot, ...to });

/** Stages in the order of the counters SHELF, RECEIVING, PICKED and PACKED. */
export type Stage = 0 | 1 | 2 | 3;

/** Where units of a lot are: a stage, and there one quality, for sale or kept from it, or of one hold. */
export interface LineName extends Lot {
  readonly stage: Stage;
  readonly quality: Quality;
  /** On the shelf only: why they are kept from sale. */
  readonly why: BlockReason | '';
  /** Picked and packed units only. */
  readonly hold: HoldId | '';
}

/** A {@link LineName} as text. No name has a line feed in it. */
export type LineKey = string;

const FEED = '\n';

export function lineKey(n: LineName): LineKey {
  const why = n.why === '' ? '' : BLOCK_REASONS.indexOf(n.why);
  const box = n.box === 0 ? '' : n.box;
  return `${n.stage}${n.quality}${why}\n${n.location}\n${n.container}\n${n.batch}\n${box}\n${n.fnsku}\n${n.hold}`;
}

export function lineName(key: LineKey): LineName {
  const [head, location, container, batch, box, fnsku, hold] = key.split(FEED) as Seven;
  const why = head[2] === undefined ? '' : BLOCK_REASONS[Number(head[2])];
  if (why === undefined || hold === undefined) throw new Error(`${key} names no line`);
  return {
    stage: Number(head[0]) as Stage,
    quality: Number(head[1]) as Quality,
    why,
    location,
    container,
    batch,
    box: Number(box),
    fnsku,
    hold: hold as HoldId,
  };
}

type Seven = [string, string, string, string, string, string, string];

/** Units that only a counter knows have no line of their own. */
export const isNameless = ({ location, container, batch, box, fnsku, why }: LineName): boolean =>
  location === '' && container === '' && batch === '' && box === 0 && fnsku === '' && why === '';
