import type { DocumentState } from '../documents/states.ts';
import { type ActorKey, parseActorKey } from '../ids.ts';
import type { Line } from '../stock/line.ts';
import type { StockState } from '../stock/state.ts';
import type { Spot, Work } from './derive.ts';

/**
 * Units that a picker did not find: their place is to be counted, whatever became of the order,
 * unless `isCounted` says that it has been and only the books do not know yet.
 */
export function missingWork(key: ActorKey, isCounted: (location: string) => boolean): Work {
  const { sku } = parseActorKey(key);
  const of = { kind: 'count', line: '', priority: 0, wave: '' } as const;
  return { id: `count/missing/${sku}`, ...of, sku, spot: (look) => spotOf(look(key), isCounted) };
}

/** The first place, by name, of which units are said to be missing. */
function spotOf(
  state: StockState | undefined,
  isCounted: (location: string) => boolean,
): Spot | undefined {
  let first: Line | undefined;
  for (const line of missingLines(state)) {
    const isFirst = first === undefined || line.key < first.key;
    if (isFirst && !isCounted(line.location)) first = line;
  }
  return first && { qty: 0, location: first.location, batch: first.batch, to: '' };
}

/** Places, as SKUs in locations, that an open count has seen. */
export function placesSeen(state: DocumentState): ReadonlySet<string> {
  if (state.kind !== 'count' || state.endedAtMs > 0) return new Set();
  const seen = state.lines.filter((line) => line.isCounted);
  return new Set(seen.map((line) => placeOf(line.key, line.lot.location ?? '')));
}

export const placeOf = (key: ActorKey, location: string): string => `${key}\n${location}`;

/** True where a place is to be counted. */
export const hasMissing = (state: StockState | undefined): boolean =>
  !missingLines(state).next().done;

function* missingLines(state: StockState | undefined): IterableIterator<Line> {
  const { detail } = state ?? {};
  if (detail === undefined) return;
  for (const quality of [0, 1, 2, 3] as const) {
    for (const line of detail.find(0, quality, {})) if (line.why === 'missing') yield line;
  }
}
