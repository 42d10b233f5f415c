import type { NatsConnection } from '@nats-io/transport-node';
import { z } from 'zod';
import { sleep, systemClock } from '../../engine/clock.ts';
import type { LastSaid } from './lane.ts';

const Digest = z.object({
  shards: z.array(
    z.object({
      shard: z.number(),
      state: z.string(),
      equal: z.boolean().nullable(),
      durable: z.object({ number: z.number() }),
      region: z.object({ number: z.number() }).nullable(),
      why: z.string().optional(),
    }),
  ),
});
const StockPage = z.object({
  parts: z.array(
    z.object({ sku: z.string(), seq: z.number(), onHand: z.number(), available: z.number() }),
  ),
  after: z.string().nullable(),
});

const STUCK_MS = 120_000;
const PAGE = 1_000;

type Shard = z.infer<typeof Digest>['shards'][number];

/** Memory has all that the region has (R2). */
const hasMerged = ({ equal }: Shard): boolean => equal === true;

/** And so has the ledger. */
export const hasWritten = ({ equal, durable, region }: Shard): boolean =>
  equal === true && durable.number === region?.number;

/** Waits until the centre has seen all that the region has. Says what is wrong if that does not come. */
export async function centreCaughtUp(
  nats: NatsConnection,
  has: (shard: Shard) => boolean = hasMerged,
): Promise<string | undefined> {
  const until = systemClock.monoMs() + STUCK_MS;
  for (;;) {
    const answer = await ask(nats, 'inv.oms.digest', {});
    const { shards } = Digest.parse(answer);
    const behind = shards.filter((s) => !has(s));
    if (behind.length === 0) return undefined;
    const broken = behind.find((s) => s.state === 'broken');
    if (broken !== undefined || systemClock.monoMs() > until) {
      const { shard, state, why } = broken ?? (behind[0] as (typeof behind)[number]);
      return `the centre differs in shard ${shard}: ${state}${why === undefined ? '' : `, ${why}`}`;
    }
    await sleep(systemClock, 100);
  }
}

/** Every SKU of a warehouse where the centre and the gateway's last answers differ, in words; the first few. */
export async function differences(
  nats: NatsConnection,
  warehouse: string,
  said: ReadonlyMap<string, LastSaid>,
): Promise<string[]> {
  const found: string[] = [];
  const seen = new Set<string>();
  let after: string | undefined;
  do {
    const page = StockPage.parse(
      await ask(nats, 'inv.oms.stock', { warehouse, limit: PAGE, after }),
    );
    for (const item of page.parts) {
      seen.add(item.sku);
      const last = said.get(item.sku);
      const isSame =
        last?.seq === item.seq && last.onHand === item.onHand && last.available === item.available;
      if (!isSame)
        found.push(`${item.sku}@${warehouse}: ${JSON.stringify({ centre: item, gateway: last })}`);
    }
    after = page.after ?? undefined;
  } while (after !== undefined);
  for (const sku of said.keys())
    if (!seen.has(sku)) found.push(`${sku}@${warehouse}: not at the centre`);
  return found;
}

async function ask(nats: NatsConnection, subject: string, body: unknown): Promise<unknown> {
  for (let attempt = 0; ; attempt++) {
    try {
      return (await nats.request(subject, JSON.stringify(body), { timeout: 10_000 })).json();
    } catch (e) {
      if (attempt === 20) throw e;
      await sleep(systemClock, 250); // the centre is being started again
    }
  }
}
