import type { NatsConnection } from '@nats-io/transport-node';
import { z } from 'zod';
import { sleep, systemClock } from '../../engine/clock.ts';
import type { LastSaid } from './lane.ts';

const Digest = z.object({
  shards: z.array(
    z.object({
      regionName: z.string(),
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
    const behind = await behindIn(nats, has);
    if (behind.length === 0) return undefined;
    const broken = behind.find((s) => s.state === 'broken');
    if (broken !== undefined || systemClock.monoMs() > until) {
      return inWords(broken ?? (behind[0] as Shard));
    }
    await sleep(systemClock, 100);
  }
}

/** Where the centre has not merged all that the regions have now, in words; undefined where it has. */
export async function centreDiffers(nats: NatsConnection): Promise<string | undefined> {
  const [first] = await behindIn(nats, hasMerged);
  return first === undefined ? undefined : inWords(first);
}

async function behindIn(nats: NatsConnection, has: (shard: Shard) => boolean): Promise<Shard[]> {
  const { shards } = Digest.parse(await ask(nats, 'inv.oms.digest', {}));
  return shards.filter((shard) => !has(shard));
}

const inWords = ({ regionName, shard, state, why }: Shard): string =>
  `the centre differs in shard ${shard} of ${regionName}: ${state}${why === undefined ? '' : `, ${why}`}`;

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
