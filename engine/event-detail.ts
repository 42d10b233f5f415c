import { Packr, Unpackr } from 'msgpackr';
import type { HoldId } from '../actors/ids.ts';
import type { Pin } from '../actors/stock/claims.ts';
import type { Batch, EventDetail, Move } from '../actors/stock/detail.ts';
import type { LotFilter } from '../actors/stock/lot.ts';

/** How the units of an event stand in a record: lists, to be small. Few events have any. */
type Wire = [
  moves: (string | number | readonly string[])[],
  pins: (string | number)[],
  want: LotFilter | 0,
  held: readonly string[],
  batch: [string, number, number, number, Batch['kept']] | 0,
];

const packr = new Packr({ useRecords: false });
const unpackr = new Unpackr({ useRecords: false });

export function packDetail({ moves, pins, want, held, batch }: EventDetail): Uint8Array {
  const wire: Wire = [
    moves.flatMap(({ from, to, qty, serials }) => [from, to, qty, serials]),
    pins.flatMap(({ hold, line, qty }) => [hold, line, qty]),
    want ?? 0,
    held,
    batch === undefined
      ? 0
      : [batch.name, batch.startMs, batch.expiresAtMs, batch.sellUntilMs, batch.kept],
  ];
  return packr.pack(wire);
}

export function unpackDetail(bytes: Uint8Array): EventDetail {
  const [flatMoves, flatPins, want, held, batch] = unpackr.unpack(bytes) as Wire;
  const moves: Move[] = [];
  for (let i = 0; i < flatMoves.length; i += 4) {
    const [from, to, qty, serials] = flatMoves.slice(i, i + 4) as [
      string,
      string,
      number,
      string[],
    ];
    moves.push({ from, to, qty, serials });
  }
  const pins: Pin[] = [];
  for (let i = 0; i < flatPins.length; i += 3) {
    const [hold, line, qty] = flatPins.slice(i, i + 3) as [HoldId, string, number];
    pins.push({ hold, line, qty });
  }
  return {
    moves,
    pins,
    want: want === 0 ? undefined : want,
    held,
    batch: batch === 0 ? undefined : batchOf(batch),
  };
}

const batchOf = ([name, startMs, expiresAtMs, sellUntilMs, kept]: Exclude<Wire[4], 0>) => ({
  ...{ name, startMs, expiresAtMs, sellUntilMs, kept },
});
