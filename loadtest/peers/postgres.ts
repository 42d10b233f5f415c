import { Client } from 'pg';
import type { Opened } from '../opened.ts';
import { skuOf } from '../scan/warehouse.ts';
import { SKUS } from '../throughput/shape.ts';
import { Station } from '../throughput/station.ts';
import { startCluster } from './postgres-cluster.ts';
import type { PostgresAddress } from './postgres-lane.ts';

const UNITS = 1_000_000_000;

/** A private PostgreSQL with a row for each SKU. Undefined where there is none. */
export async function openPostgres(
  synchronousCommit: PostgresAddress['synchronousCommit'],
  opened: Opened,
): Promise<Station | undefined> {
  const started = await startCluster(opened);
  if (started === undefined) return undefined;
  const { cluster, pid } = started;
  const client = new Client(cluster);
  client.on('error', () => {}); // cut; the next query tells
  await client.connect();
  opened.add(() => client.end());
  await client.query('CREATE TABLE stock (sku text PRIMARY KEY, available bigint NOT NULL)');
  const skus = Array.from({ length: SKUS }, (_, i) => skuOf(i));
  await client.query('INSERT INTO stock SELECT unnest($1::text[]), $2', [skus, UNITS]);
  return Station.open(
    {
      peer: { kind: 'postgres', cluster, synchronousCommit },
      processes: [{ name: 'postgres', pid, withChildren: true }],
      verify: (acknowledged) => verify(client, acknowledged),
    },
    opened,
  );
}

async function verify(client: Client, acknowledged: number): Promise<void> {
  const { rows } = await client.query<{ left: string }>('SELECT sum(available) AS left FROM stock');
  const reserved = SKUS * UNITS - Number(rows[0]?.left);
  if (reserved === acknowledged) return;
  throw new Error(`PostgreSQL acknowledged ${acknowledged}, has ${reserved} reserved`);
}
