/** One part of a command's way, measured in a process of its own. */
import { serveParent } from '../child.ts';
import { median } from '../stats.ts';
import { FRAME, type Part, type PartName, partOf } from './parts.ts';

export type CheckOrder =
  | { readonly kind: 'open'; readonly part: PartName }
  /** A turn of the part, then one of its yardstick: how many times the one took of the other. */
  | { readonly kind: 'ratio' }
  /** Bytes that a command makes, whoever collects them. */
  | { readonly kind: 'bytes' };

const SLICES = 10;
const SLICE_FRAMES = 80;
const WARM_UP_FRAMES = 4_000;
/** So few that hardly anything is collected meanwhile, and so often that it does not matter. */
const BYTES_FRAMES = 20;
const BYTES_TIMES = 15;

let part: Part | undefined;

serveParent('ready', async (order: CheckOrder): Promise<number> => {
  if (order.kind === 'open') {
    part = partOf(order.part);
    times(WARM_UP_FRAMES, part.run);
    times(WARM_UP_FRAMES, part.yardstick);
    return 0;
  }
  if (part === undefined) throw new Error('nothing was opened');
  return order.kind === 'ratio' ? ratioOf(part) : bytesOf(part);
});

/** By turns within the turn: what collects garbage of both is charged to both. */
function ratioOf({ run, yardstick }: Part): number {
  let [spent, yard] = [0, 0];
  for (let i = 0; i < SLICES; i++) {
    spent += times(SLICE_FRAMES, run);
    yard += times(SLICE_FRAMES, yardstick);
  }
  return spent / yard;
}

/**
 * The heap before and after, in a young generation so large that nothing is
 * collected between; the middle of several, in case something was. What lies
 * outside the heap, such as the bytes of a buffer, is counted too.
 */
function bytesOf({ run }: Part): number {
  const made = Array.from({ length: BYTES_TIMES }, () => {
    collect();
    const before = held();
    times(BYTES_FRAMES, run);
    return held() - before;
  });
  return median(made) / (BYTES_FRAMES * FRAME);
}

/** Microseconds of processor time: who else runs on the machine is not in it. */
function times(count: number, run: () => unknown): number {
  const begun = process.cpuUsage();
  for (let i = 0; i < count; i++) run();
  const { user, system } = process.cpuUsage(begun);
  return user + system;
}

function held(): number {
  const { heapUsed, external } = process.memoryUsage(); // buffers are among the external ones
  return heapUsed + external;
}

function collect(): void {
  if (globalThis.gc === undefined) throw new Error('start this with --expose-gc');
  globalThis.gc();
}
