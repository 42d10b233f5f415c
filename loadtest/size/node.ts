import type { Opener } from '../alternate.ts';
import type { Opened } from '../opened.ts';
import { UNSYNCED } from '../scan/sync.ts';
import { openHoldfast } from '../throughput/holdfast.ts';
import type { Rate, Station } from '../throughput/station.ts';
import { SHAPES, type Shape, type ShapeName } from './shapes.ts';

const FILLING_DEPTH = 500;
const FILLING_CONNECTIONS = 4;

/** `holdfast up` that holds as much as the shape says. */
async function openSizedNode(shape: Shape, opened: Opened): Promise<Station> {
  const { actors, holds, history } = shape;
  const station = await openHoldfast(UNSYNCED, opened, { skus: actors, receipts: 1 + history });
  const filling = { depth: FILLING_DEPTH, skus: actors, connections: FILLING_CONNECTIONS };
  const frames = Math.ceil((actors * holds) / (FILLING_CONNECTIONS * FILLING_DEPTH));
  if (frames > 0) await station.fill(frames, filling);
  return station;
}

/** Holds made and released again through a node of that size; it stays as large as it is. */
export const openNodeOf =
  (name: ShapeName): Opener<Rate> =>
  async (opened) => {
    const station = await openSizedNode(SHAPES[name], opened);
    return station.entrant({ depth: 128, skus: SHAPES[name].actors, ends: true });
  };

/** Resident memory of a node with a million actors and a hold each, bytes; null where it cannot be told. */
export async function millionInNode(opened: Opened): Promise<number | null> {
  try {
    const station = await openSizedNode({ actors: 1_000_000, holds: 1, history: 0 }, opened);
    return station.resident().node ?? null;
  } finally {
    await opened.close();
  }
}
