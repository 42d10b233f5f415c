import type { HoldId } from '../../actors/ids.ts';
import { type Batch, Detail } from '../../actors/stock/detail.ts';
import { newLine } from '../../actors/stock/line.ts';
import type { LineKey, LotFilter } from '../../actors/stock/lot.ts';

/** What is known of an actor's units, as it stands in a snapshot. */
export type DetailLine = [
  lines: [LineKey, qty: number, since: number, seq: number][],
  batches: [string, Batch][],
  pins: [
    HoldId,
    LotFilter,
    named: readonly string[],
    held: readonly string[],
    lines: readonly (readonly [LineKey, number])[],
  ][],
  serials: [string, LineKey][],
];

export function detailLine(detail: Detail | undefined): DetailLine | 0 {
  if (detail === undefined) return 0;
  return [
    [...detail.lines.values()].map(({ key, qty, since, seq }) => [key, qty, since, seq]),
    [...detail.batches],
    [...detail.pins].map(([hold, { want, serials, held, lines }]) => [
      ...([hold, want, serials, [...held], [...lines]] as const),
    ]),
    [...detail.serials],
  ];
}

export function detailOf([lines, batches, pins, serials]: DetailLine): Detail {
  const detail = new Detail();
  for (const [name, batch] of batches) detail.putBatch(name, batch);
  const pinned = new Map<LineKey, number>();
  for (const [hold, want, serials, held, its] of pins) {
    detail.putPins(hold, { want, serials, held: new Set(held), lines: new Map(its) });
    for (const [key, qty] of its) pinned.set(key, (pinned.get(key) ?? 0) + qty);
  }
  for (const [key, qty, since, seq] of lines) {
    detail.put(key, newLine(key, { qty, pinned: pinned.get(key) ?? 0, since, seq }));
  }
  for (const [serial, at] of serials) detail.putSerial(serial, at);
  return detail;
}
