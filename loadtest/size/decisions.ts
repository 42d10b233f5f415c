import type { Opener } from '../alternate.ts';
import { Child } from '../child.ts';
import type { Opened } from '../opened.ts';
import { cpuOf, type Process, residentOf, spent } from '../processes.ts';
import { perSecond } from '../stats.ts';
import type { Rate } from '../throughput/station.ts';
import { SHAPES, type Shape, type ShapeName } from './shapes.ts';
import type { SizeOrder, SizeReport } from './worker.ts';

const WORKER = new URL('./worker.js', import.meta.url);
const LIMIT_MS = 120_000;
const COMMANDS = 200_000;

type Sized = { readonly child: Child<SizeOrder, SizeReport>; readonly heapBytes: number };

/** A room of that size in a process of its own. */
async function openSized(shape: Shape, opened: Opened): Promise<Sized> {
  const { child } = await Child.start<number, SizeOrder, SizeReport>(WORKER, opened, [
    '--expose-gc',
  ]);
  const { heapBytes } = await child.ask({ kind: 'open', shape }, LIMIT_MS);
  return { child, heapBytes };
}

/** Decisions in a room of that size: no network, no journal. */
export const openDecisions =
  (name: ShapeName): Opener<Rate> =>
  async (opened) => {
    const { child } = await openSized(SHAPES[name], opened);
    const processes: Process[] = [{ name: 'decisions', pid: child.pid }];
    const round = async (): Promise<Rate> => {
      const before = cpuOf(processes);
      const { ms } = await child.ask({ kind: 'go', commands: COMMANDS }, LIMIT_MS);
      return {
        commands: COMMANDS,
        perSecond: perSecond(COMMANDS, ms),
        p50Us: Number.NaN,
        p99Us: Number.NaN,
        cpu: spent(before, cpuOf(processes)),
        resident: residentOf(processes),
      };
    };
    return { warmUp: round, round, verify: async () => {} };
  };

const MILLION: Shape = { actors: 1_000_000, holds: 1, history: 0 };

/** Heap and resident memory of a million actors with a hold each, bytes. */
export async function millionInRoom(
  opened: Opened,
): Promise<{ readonly heapBytes: number; readonly residentBytes: number | null }> {
  try {
    const { child, heapBytes } = await openSized(MILLION, opened);
    const { room = null } = residentOf([{ name: 'room', pid: child.pid }]);
    return { heapBytes, residentBytes: room };
  } finally {
    await opened.close();
  }
}
