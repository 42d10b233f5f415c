import { Client } from '../client/client.ts';
import type { StockMessage } from '../client/messages.ts';

/** A few goods in two warehouses, so that something can be scanned at once. */
const SAMPLE: readonly (readonly [sku: string, warehouse: string, qty: number])[] = [
  ['TEA-GREEN-100', 'W1', 120],
  ['TEA-BLACK-100', 'W1', 80],
  ['MUG-WHITE', 'W1', 45],
  ['MUG-BLUE', 'W1', 12],
  ['KETTLE-1L', 'W1', 9],
  ['FILTER-50', 'W1', 300],
  ['TEA-GREEN-100', 'W2', 60],
  ['MUG-WHITE', 'W2', 30],
  ['KETTLE-1L', 'W2', 1],
  ['HONEY-250G', 'W2', 75],
];

/** Receives the sample once: the session remembers, so a second call changes nothing. */
export async function receiveSample(url: string, token: string): Promise<void> {
  const client = await Client.connect({ url, token, client: 'sample', incarnation: 'sample-1' });
  try {
    const receipts = SAMPLE.map(([sku, warehouse, qty], i) => {
      const receipt: StockMessage = { op: 'receive', sku, warehouse, qty, doc: 'SAMPLE-1' };
      return client.sendAs(i + 1, receipt);
    });
    for (const answer of await Promise.all(receipts)) {
      if (!answer.ok) throw new Error(`the sample cannot be received: ${answer.message}`);
    }
  } finally {
    client.close();
  }
}
