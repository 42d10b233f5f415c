import type { Opened } from '../opened.ts';
import { Warehouse } from '../scan/warehouse.ts';
import { SKUS } from './shape.ts';
import { Station } from './station.ts';

/** Reservations over WebSocket, each answered when it is in the journal. `sync` is nats-server's. */
export async function openHoldfast(sync: string, opened: Opened): Promise<Station> {
  const warehouse = await Warehouse.open(sync, SKUS, opened);
  return Station.open(
    {
      peer: { kind: 'holdfast', ...warehouse.address },
      processes: warehouse.processes,
      verify: (acknowledged) => warehouse.verify(acknowledged),
    },
    opened,
  );
}

/** The same by NATS requests. */
export async function openHoldfastNats(sync: string, opened: Opened): Promise<Station> {
  const warehouse = await Warehouse.open(sync, SKUS, opened);
  return Station.open(
    {
      peer: { kind: 'nats', ...warehouse.nats },
      processes: warehouse.processes,
      verify: (acknowledged) => warehouse.verify(acknowledged),
    },
    opened,
  );
}
