import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { PrivateRegions } from '../../cli/private-regions.ts';
import { DEFAULT_OWNER } from '../../cli/stack.ts';
import { relays } from '../../cli/ways.ts';
import { HUB } from '../../engine/regions.ts';
import type { Explained } from '../../engine/rights/sharer.ts';
import { commandSubject, rightsAdminSubject, sellSubject } from '../../engine/subjects.ts';
import type { Entrant } from '../alternate.ts';
import type { Latencies } from '../latencies.ts';
import type { Opened } from '../opened.ts';
import { LINK_MS, TRIPS, trips, WARM_UP_TRIPS } from './trips.ts';

const POINT = 'eu';
const UNITS = 1_000_000;
const GOODS = { owner: DEFAULT_OWNER, sku: 'FAR', warehouse: `${HUB}-1` };
const LIMIT_MS = 60_000;

/** A selling point whose goods lie at the other end of a long link, and that has rights for them. */
export async function openFarHome(opened: Opened): Promise<Entrant<Latencies>> {
  const starting = PrivateRegions.start({ regions: [POINT], ways: relays(LINK_MS) });
  opened.add(async () => (await starting).close());
  const { doors } = (await starting).stack;
  const at = async (region: string): Promise<NatsConnection> => {
    const link = await connect({ servers: doors[region]?.nats as string });
    opened.add(() => link.close());
    return link;
  };
  const [hub, point] = [await at(HUB), await at(POINT)];
  await stocked(hub);
  let sold = 0;
  const { owner, sku, warehouse } = GOODS;
  const sell = async (): Promise<void> => {
    const lines = [{ warehouse, sku, qty: 1 }];
    const said = await ask<{ ok: boolean }>(point, sellSubject(POINT), {
      ...{ op: 'sell', owner, order: `SO-${sold}`, lines },
    });
    if (!said.ok) throw new Error(`the sale was refused: ${JSON.stringify(said)}`);
    sold++;
  };
  return {
    warmUp: () => trips(WARM_UP_TRIPS, sell),
    round: () => trips(TRIPS, sell),
    verify: () =>
      until(`home had heard of ${sold} sales`, async () => {
        const read = { op: 'read', sku, strict: true };
        const { stock } = await ask<{ stock: { allocated: number } }>(
          hub,
          commandSubject(warehouse),
          read,
        );
        if (stock.allocated > sold) throw new Error(`home holds ${stock.allocated} of ${sold}`);
        return stock.allocated === sold;
      }),
  };
}

/** The goods come in, and home splits them: the point has its part before anything is sold. */
async function stocked(hub: NatsConnection): Promise<void> {
  const { sku, warehouse } = GOODS;
  await ask(hub, commandSubject(warehouse), { op: 'receive', sku, qty: UNITS });
  await until('the goods were split', async () => {
    const forMs = 3_600_000;
    await ask(hub, rightsAdminSubject('flash'), { ...GOODS, forMs });
    const { homes } = await ask<{ homes?: Explained[] }>(hub, rightsAdminSubject('explain'), GOODS);
    const points = homes?.flatMap(({ pools }) => pools.flatMap((pool) => pool.points)) ?? [];
    return points.some(({ name, have }) => name === POINT && have > UNITS / 10);
  });
}

async function ask<Told>(link: NatsConnection, subject: string, body: object): Promise<Told> {
  return (await link.request(subject, JSON.stringify(body), { timeout: 5_000 })).json();
}

async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + LIMIT_MS; performance.now() < end; await sleep(200)) {
    if (await look().catch(() => false)) return;
  }
  throw new Error(`${LIMIT_MS / 1_000} s went by before ${what}`);
}
