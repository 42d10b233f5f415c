import { Client } from '../../client/client.ts';
import type { Books } from './books.ts';
import type { Door } from './load.ts';

/** What the gateway says of every SKU in these warehouses, by strict reads, against what it said before. */
export async function shelfCheck(
  books: Books,
  { ws: url, token }: Door,
  warehouses: readonly string[],
): Promise<void> {
  const client = await Client.connect({ url, token, client: 'auditor' });
  try {
    for (const [key, { bySeq, onHand, allocated }] of books.accounts) {
      const [sku, warehouse] = key.split('@') as [string, string];
      if (!warehouses.includes(warehouse)) continue;
      const answer = await client.send({ op: 'read', sku, warehouse, read: 'strict' });
      const told = { seq: bySeq.length - 1, onHand, allocated };
      const has = answer.ok ? { seq: answer.seq, ...answer.stock } : answer;
      const isSame =
        answer.ok &&
        answer.seq === told.seq &&
        answer.stock?.onHand === onHand &&
        answer.stock.allocated === allocated;
      if (isSame) continue;
      if (answer.ok && (answer.seq ?? 0) < told.seq) books.lost += told.seq - (answer.seq ?? 0);
      books.say(`${key}: the region has ${JSON.stringify(has)}, told were ${JSON.stringify(told)}`);
    }
  } finally {
    client.close();
  }
}
