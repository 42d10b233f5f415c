import type { Quality } from '../actors/stock/commands.ts';
import type { EventDetail } from '../actors/stock/detail.ts';
import { type LineName, lineName } from '../actors/stock/lot.ts';

/** One line of the batch ledger: a batch of one quality that a move of units touched. Base units. */
export interface BatchLine {
  readonly batch: string;
  readonly quality: Quality;
  readonly qty: number;
  /** Of what is on hand of it; 0 where units only lie elsewhere now. */
  readonly change: number;
  readonly from: LineName | undefined;
  readonly to: LineName | undefined;
}

/** A move between two qualities has two lines: units leave the one and enter the other. */
export function batchLines({ moves }: EventDetail): BatchLine[] {
  const lines: BatchLine[] = [];
  for (const { from: fromKey, to: toKey, qty } of moves) {
    const from = fromKey === '' ? undefined : lineName(fromKey);
    const to = toKey === '' ? undefined : lineName(toKey);
    const isKept = from?.quality === to?.quality && from?.batch === to?.batch;
    const line = (of: LineName, change: number): void => {
      lines.push({ batch: of.batch, quality: of.quality, qty, change, from, to });
    };
    if (isKept) line(to as LineName, 0);
    else {
      if (from !== undefined) line(from, -qty);
      if (to !== undefined) line(to, qty);
    }
  }
  return lines;
}

const STAGES = ['shelf', 'receiving', 'picked', 'packed'] as const;

/** A place for a person: `A-1 [T1] box of 12`; blank is outside. */
export function placeText(name: LineName | undefined): string {
  if (name === undefined) return '';
  const { stage, location, container, box, fnsku, hold, why } = name;
  const words = [
    stage === 0 && location !== '' ? location : `${STAGES[stage]}${hold === '' ? '' : ` ${hold}`}`,
    container === '' ? '' : `[${container}]`,
    box === 0 ? '' : `box of ${box}`,
    ...[fnsku, why],
  ];
  return words.filter((word) => word !== '').join(' ');
}
