import { type LineKey, type LineName, lineName } from './lot.ts';

/** Units of one lot in one place. */
export interface Line extends LineName {
  readonly key: LineKey;
  /** Base units, > 0. */
  qty: number;
  /** Of them, those that holds are pinned to. */
  pinned: number;
  /** The actor's sequence when units of it first came, and when the line last changed. */
  since: number;
  seq: number;
}

/** Field by field: a spread of the name costs several times as much as all the rest of a pick. */
export function newLine(key: LineKey, of: Pick<Line, 'qty' | 'pinned' | 'since' | 'seq'>): Line {
  const name = lineName(key);
  return {
    stage: name.stage,
    quality: name.quality,
    why: name.why,
    location: name.location,
    container: name.container,
    batch: name.batch,
    box: name.box,
    fnsku: name.fnsku,
    hold: name.hold,
    key,
    qty: of.qty,
    pinned: of.pinned,
    since: of.since,
    seq: of.seq,
  };
}
