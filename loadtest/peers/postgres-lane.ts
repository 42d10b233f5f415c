import { Client } from 'pg';
import { skuOf } from '../scan/warehouse.ts';
import type { Lane } from '../throughput/lane.ts';
import { goodsOf } from '../throughput/shape.ts';
import type { Cluster } from './postgres-cluster.ts';

export interface PostgresAddress {
  readonly cluster: Cluster;
  /** Of every transaction: whether it is answered before the disk has it. */
  readonly synchronousCommit: 'on' | 'off';
}

const RESERVE = 'UPDATE stock SET available = available - 1 WHERE sku = $1 AND available >= 1';

/** A connection that reserves by a prepared statement, each a transaction of its own. */
export async function openPostgresLane(
  { cluster, synchronousCommit }: PostgresAddress,
  index: number,
): Promise<Lane<string>> {
  const client = new Client({ ...cluster, options: `-c synchronous_commit=${synchronousCommit}` });
  await client.connect();
  let n = index;
  const lane: Lane<string> = {
    prepare: (frames, load) => {
      if (load.depth !== 1) throw new RangeError('the PostgreSQL client sends one at a time');
      return Array.from({ length: frames }, () => skuOf(goodsOf(n++, load)));
    },
    send: (sku) => {
      client.query({ name: 'reserve', text: RESERVE, values: [sku] }).then(
        ({ rowCount }) => {
          if (rowCount === 1) lane.onAnswered();
          else lane.onEnd(new Error('PostgreSQL reserved nothing'));
        },
        (e: Error) => lane.onEnd(e),
      );
    },
    onAnswered: () => {},
    onEnd: () => {},
    again: 0,
    close: () => client.end(),
  };
  client.on('error', (e) => lane.onEnd(e));
  return lane;
}
