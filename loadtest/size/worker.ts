/** One room of a given size, in a process of its own. */
import type { StockCommand } from '../../actors/stock/commands.ts';
import type { Stockroom } from '../../actors/stock/stockroom.ts';
import { command, NOW_MS, shuffled, stocked } from '../actors/goods.ts';
import { serveParent } from '../child.ts';
import type { Shape } from './shapes.ts';

export type SizeOrder =
  | { readonly kind: 'open'; readonly shape: Shape }
  | { readonly kind: 'go'; readonly commands: number };

export interface SizeReport {
  readonly ms: number;
  /** After garbage collection. */
  readonly heapBytes: number;
}

let room: Stockroom = stocked(0);
let order: Uint32Array = new Uint32Array();
let n = 0;

serveParent(process.pid, async (asked: SizeOrder): Promise<SizeReport> => {
  if (asked.kind === 'open') {
    open(asked.shape);
    return { ms: 0, heapBytes: heapBytes() };
  }
  return { ms: cycle(asked.commands), heapBytes: 0 };
});

function open({ actors, holds, history }: Shape): void {
  room = stocked(actors);
  order = shuffled(actors, 7);
  for (let i = 0; i < holds; i++) {
    for (const actor of order) run(command('reserve', actor, 1, `open-${i}-${actor}`));
  }
  for (let i = 0; i < history; i++) {
    for (const actor of order) run(command('receive', actor, 1, ''));
  }
}

/** Reserves and releases on one actor after another, none of them the last one's neighbour. */
function cycle(commands: number): number {
  const all = Array.from({ length: commands }, (_, i) => {
    const actor = order[(n + (i >> 1)) % order.length] as number;
    return command(i % 2 === 0 ? 'reserve' : 'release', actor, 1, `cycle-${n + (i >> 1)}`);
  });
  n += commands >> 1;
  globalThis.gc?.(); // what made the commands is not what is measured
  const begun = performance.now();
  for (const one of all) run(one);
  return performance.now() - begun;
}

function run(one: StockCommand): void {
  const outcome = room.run(one, NOW_MS);
  if (!outcome.ok) throw new Error(`${one.op} ${one.hold} refused: ${outcome.code}`);
}

function heapBytes(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
