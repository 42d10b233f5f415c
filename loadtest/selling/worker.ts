/** A selling point with rights for 1,000 SKUs, in a process of its own: each sale is decided, and written as a record of its own. */
import { total } from '../../actors/rights/pools.ts';
import { commit, selling } from '../actors/selling.ts';
import { serveParent } from '../child.ts';
import { Latencies } from '../latencies.ts';
import { type InProcessOrder, type InProcessReport, reportOf } from '../peers/in-process.ts';

const { state, make, tidy } = selling();
let turn = 0;

serveParent(process.pid, async (order: InProcessOrder): Promise<InProcessReport> => {
  const latencies = new Latencies();
  const ms = order.kind === 'go' ? order.ms : 0;
  for (const until = performance.now() + ms; performance.now() < until; turn++) {
    const sales = make(turn);
    let now = performance.now();
    for (const sale of sales) {
      commit(state, [sale], 1);
      const after = performance.now();
      latencies.add(after - now);
      now = after;
    }
    tidy(turn);
  }
  return reportOf(latencies, sold());
});

function sold(): number {
  const lanes = [...state.rights.points.values()].flatMap((point) => [...point.lanes.values()]);
  return lanes.reduce((sum, { spent }) => sum + total(spent), 0);
}
