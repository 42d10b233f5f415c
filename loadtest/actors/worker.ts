/** One actor row, in a process of its own: what another row compiled or left behind cannot matter. */
import { serveParent } from '../child.ts';
import { cycling, reserving } from './decisions.ts';
import { idleBytes } from './idle.ts';
import { lineFigures } from './lines.ts';
import { routingFigures } from './routing.ts';
import { sellingFigures } from './selling.ts';

export type ActorRow = 'hot' | 'thousand' | 'million' | 'idle' | 'lines' | 'selling' | 'routing';

const MILLION = 1_000_000;

serveParent('ready', async (row: ActorRow): Promise<readonly number[]> => {
  switch (row) {
    case 'hot':
      return [cycling(1)];
    case 'thousand':
      return [cycling(1_000)];
    case 'million': {
      const { perSecond, p99Us } = reserving(MILLION, collect);
      return [perSecond, p99Us];
    }
    case 'idle':
      return [idleBytes(MILLION, collect)];
    case 'lines':
      return lineFigures(collect);
    case 'selling':
      return sellingFigures(collect);
    case 'routing':
      return routingFigures(collect);
  }
});

function collect(): void {
  if (globalThis.gc === undefined) throw new Error('start this with --expose-gc');
  globalThis.gc();
}
