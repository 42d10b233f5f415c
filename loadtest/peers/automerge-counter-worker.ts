/** Automerge documents in a process of their own: one for each SKU, which counts. A sale is a change and its bytes. */
import { Counter, change, from, load, save, saveIncremental } from '@automerge/automerge';
import { serveParent } from '../child.ts';
import { Latencies } from '../latencies.ts';
import { goodsOf } from '../throughput/shape.ts';
import { type InProcessOrder, type InProcessReport, reportOf } from './in-process.ts';

const UNITS = 1_000_000_000;

interface Stock extends Record<string, unknown> {
  available: Counter;
}

const blank = save(from<Stock>({ available: new Counter(UNITS) }));
const docs: ReturnType<typeof load<Stock>>[] = [];
let n = 0;

serveParent(process.pid, async (order: InProcessOrder): Promise<InProcessReport> => {
  const latencies = new Latencies();
  if (order.kind === 'verify') return reportOf(latencies, takenOf());
  const { skus } = order.load;
  while (docs.length < skus) docs.push(load<Stock>(blank));
  const begun = performance.now();
  let bytes = 0;
  for (let now = begun; now < begun + order.ms; ) {
    bytes += sell(goodsOf(n++, order.load));
    const after = performance.now();
    latencies.add(after - now);
    now = after;
  }
  return reportOf(latencies, takenOf(), { 'bytes of a change': bytes / latencies.count });
});

/** How many bytes others are sent of it. */
function sell(at: number): number {
  const next = change(docs[at] as (typeof docs)[number], (stock) => {
    if (stock.available.value < 1) throw new Error('it has run out');
    stock.available.decrement(1);
  });
  docs[at] = next;
  return saveIncremental(next).length;
}

const takenOf = (): number => docs.reduce((sum, { available }) => sum + UNITS - available.value, 0);
