import { stocked } from './goods.ts';

/** Bytes that one idle actor takes, its key and its entry in the map included. */
export function idleBytes(actors: number, gc: () => void): number {
  const before = held(gc);
  const room = stocked(actors);
  const bytes = (held(gc) - before) / actors;
  if (room.size !== actors) throw new Error(`${room.size} actors of ${actors}`); // and keeps them alive
  return bytes;
}

function held(gc: () => void): number {
  for (let i = 0; i < 3; i++) gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
