import type { ActorKey } from '../ids.ts';
import { available, free, get, SHELF } from '../stock/balances.ts';
import type { BlockReason, Quality } from '../stock/commands.ts';
import type { StockEvent } from '../stock/events.ts';
import {
  isNameless,
  type LineKey,
  type LineName,
  type Lot,
  type LotFilter,
  lineKey,
  lineName,
  NO_LOT,
} from '../stock/lot.ts';
import type { StockState } from '../stock/state.ts';
import type { Look } from './plan.ts';

export const lotOf = ({ location, container, batch, box, fnsku }: Lot): Lot => ({
  ...{ location, container, batch, box, fnsku },
});

/** Units of one lot that an event moved. */
export interface MovedLot {
  readonly lot: LotFilter;
  readonly qty: number;
  readonly serials: readonly string[];
}

/** From which lots an event took its units. What it does not tell apart comes last, as any lot. */
export function lotsTaken({ qty, detail }: StockEvent): readonly MovedLot[] {
  const lots: MovedLot[] = [];
  let left = qty;
  for (const { from, qty: units, serials } of detail?.moves ?? []) {
    if (from === '') continue;
    lots.push({ lot: lotOf(lineName(from)), qty: units, serials });
    left -= units;
  }
  return left > 0 ? [...lots, { lot: {}, qty: left, serials: [] }] : lots;
}

/** Of units on the shelf, those of exactly that lot: what is not said of it is blank. */
export const shelfName = (
  quality: Quality,
  lot: LotFilter,
  why: BlockReason | '' = '',
): LineName => ({ stage: 0, quality, why, hold: '', ...NO_LOT, ...lot });

/** What the books have in one place. */
export interface Book {
  readonly units: number;
  /** Of the units there, those that are said to be missing. They are no part of `units`. */
  readonly missing: number;
  /** The actor's sequence when the place last changed, as far as is known; else its last. */
  readonly seq: number;
  readonly key: LineKey;
}

export function bookOf(state: StockState, quality: Quality, lot: LotFilter): Book {
  const name = shelfName(quality, lot);
  const key = lineKey(name);
  const { detail } = state;
  const line = detail?.lines.get(key);
  const missing = detail?.lines.get(lineKey({ ...name, why: 'missing' }));
  if (isNameless(name)) {
    const units = get(state.b, quality, SHELF) - (detail?.named(0, quality) ?? 0);
    return { units, missing: missing?.qty ?? 0, seq: state.seq, key };
  }
  const seq = line === undefined ? state.seq : Math.max(line.seq, missing?.seq ?? 0);
  return { units: line?.qty ?? 0, missing: missing?.qty ?? 0, seq, key };
}

/** What stock can still give while the lines of one act are gone through. */
export class Left {
  readonly #left = new Map<string, number>();
  readonly #look: Look;
  readonly #of: typeof free;

  constructor(look: Look, useSafety: boolean) {
    this.#look = look;
    this.#of = useSafety ? free : available;
  }

  /** How many of `qty` there are, which are taken. */
  take(key: ActorKey, quality: Quality, qty: number): number {
    const name = `${quality} ${key}`;
    const state = this.#look(key);
    const left = this.#left.get(name) ?? (state === undefined ? 0 : this.#of(state.b, quality));
    const took = Math.min(left, qty);
    this.#left.set(name, left - took);
    return took;
  }
}
