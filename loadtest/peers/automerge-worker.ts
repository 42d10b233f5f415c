/** Automerge documents in a process of their own: one for each SKU, a reservation is a change. */
import { Counter, change, from, getLastLocalChange, init, load, save } from '@automerge/automerge';
import { serveParent } from '../child.ts';
import { Latencies } from '../latencies.ts';
import { skuOf } from '../scan/warehouse.ts';
import type { Load } from '../throughput/lane.ts';
import { goodsOf, SKUS } from '../throughput/shape.ts';
import { type InProcessOrder, type InProcessReport, reportOf } from './in-process.ts';

const UNITS = 1_000_000_000;

interface Stock extends Record<string, unknown> {
  available: Counter;
  holds: Record<string, number>;
}

const blank = save(from<Stock>({ available: new Counter(UNITS), holds: {} }));
/** The hot document stands apart, so that the others have no history of it. */
const spread = Array.from({ length: SKUS }, () => load<Stock>(blank));
const hot = [load<Stock>(blank)];
let n = 0;

serveParent(process.pid, async (order: InProcessOrder): Promise<InProcessReport> => {
  const taken = (): number => takenOf(spread) + takenOf(hot);
  return order.kind === 'verify'
    ? reportOf(new Latencies(), taken())
    : reserve(order.load, order.ms, taken);
});

function reserve(of: Load, ms: number, taken: () => number): InProcessReport {
  const docs = of.skus === 1 ? hot : spread;
  const latencies = new Latencies();
  const begun = performance.now();
  let messageBytes = 0;
  let at = 0;
  for (let now = begun; now < begun + ms; ) {
    at = goodsOf(n++, of);
    const next = change(docs[at] as (typeof docs)[number], (stock) => {
      if (stock.available.value < 1) throw new Error(`${skuOf(at)} has run out`);
      stock.available.decrement(1);
      stock.holds[`SO-${n}`] = 1;
    });
    messageBytes += getLastLocalChange(next)?.length ?? 0;
    docs[at] = next;
    const after = performance.now();
    latencies.add(after - now);
    now = after;
  }
  return reportOf(latencies, taken(), {
    'bytes of a change': messageBytes / latencies.count,
    'bytes of a saved document': save(docs[at] ?? init<Stock>()).length,
  });
}

const takenOf = (docs: typeof hot): number =>
  docs.reduce((sum, { available }) => sum + UNITS - available.value, 0);
