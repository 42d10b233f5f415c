/** Automerge documents in a process of their own: one for each SKU, a reservation is a change. */
import { Counter, change, from, getLastLocalChange, init, load, save } from '@automerge/automerge';
import { serveParent } from '../child.ts';
import { Latencies } from '../latencies.ts';
import { skuOf } from '../scan/warehouse.ts';
import type { Load } from '../throughput/lane.ts';
import { goodsOf, SKUS } from '../throughput/shape.ts';

const UNITS = 1_000_000_000;

interface Stock extends Record<string, unknown> {
  available: Counter;
  holds: Record<string, number>;
}

export type AutomergeOrder =
  | { readonly kind: 'go'; readonly load: Load; readonly ms: number }
  | { readonly kind: 'verify' };

export interface AutomergeReport {
  readonly commands: number;
  readonly ms: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Of the change as it is sent to others, and of one whole document as it is saved, bytes. */
  readonly messageBytes: number;
  readonly savedBytes: number;
  /** Units that are missing in all documents together. */
  readonly reserved: number;
}

const blank = save(from<Stock>({ available: new Counter(UNITS), holds: {} }));
/** The hot document stands apart, so that the others have no history of it. */
const spread = Array.from({ length: SKUS }, () => load<Stock>(blank));
const hot = [load<Stock>(blank)];
let n = 0;

serveParent(process.pid, async (order: AutomergeOrder): Promise<AutomergeReport> => {
  if (order.kind === 'verify') {
    return { ...NOTHING, reserved: reservedIn(spread) + reservedIn(hot) };
  }
  return reserve(order.load, order.ms);
});

const NOTHING = { commands: 0, ms: 0, p50Us: 0, p99Us: 0, messageBytes: 0, savedBytes: 0 };

function reserve(of: Load, ms: number): AutomergeReport {
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
  const commands = latencies.count;
  return {
    commands,
    ms: performance.now() - begun,
    p50Us: latencies.us(50),
    p99Us: latencies.us(99),
    messageBytes: messageBytes / commands,
    savedBytes: save(docs[at] ?? init<Stock>()).length,
    reserved: 0,
  };
}

const reservedIn = (docs: typeof hot): number =>
  docs.reduce((sum, { available }) => sum + UNITS - available.value, 0);
