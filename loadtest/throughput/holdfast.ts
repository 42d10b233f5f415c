import type { Opened } from '../opened.ts';
import { Warehouse } from '../scan/warehouse.ts';
import { SKUS } from './shape.ts';
import { type Server, Station } from './station.ts';

export interface Goods {
  readonly skus: number;
  /** How often each of them has come in. */
  readonly receipts: number;
}

const GOODS: Goods = { skus: SKUS, receipts: 1 };

/** Reservations over WebSocket, each answered when it is in the journal. `sync` is nats-server's. */
export async function openHoldfast(
  sync: string,
  opened: Opened,
  goods: Goods = GOODS,
): Promise<Station> {
  const warehouse = await Warehouse.open(sync, goods.skus, opened, goods.receipts);
  return Station.open(serverOf(warehouse, { kind: 'holdfast', ...warehouse.address }), opened);
}

/** The same by NATS requests. */
export async function openHoldfastNats(sync: string, opened: Opened): Promise<Station> {
  const warehouse = await Warehouse.open(sync, SKUS, opened);
  return Station.open(serverOf(warehouse, { kind: 'nats', ...warehouse.nats }), opened);
}

const serverOf = (warehouse: Warehouse, peer: Server['peer']): Server => ({
  peer,
  processes: warehouse.processes,
  verify: (acknowledged) => warehouse.verify(acknowledged),
});
