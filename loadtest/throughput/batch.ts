import type { Entrant } from '../alternate.ts';
import type { Opened } from '../opened.ts';
import { Warehouse } from '../scan/warehouse.ts';
import { type Rate, rateOf } from './rate.ts';
import { SKUS } from './shape.ts';

/** Reservations in batches, each answered when it is in the journal. */
export async function openBatch(sync: string, opened: Opened): Promise<Entrant<Rate>> {
  const warehouse = await Warehouse.open(sync, SKUS, opened);
  const peer = { kind: 'holdfast', ...warehouse.address } as const;
  return rateOf(peer, (acknowledged) => warehouse.verify(acknowledged), opened);
}
