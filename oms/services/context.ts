import type { NatsConnection } from '@nats-io/transport-node';
import type { OwnerId } from '../../actors/ids.ts';
import type { Clock } from '../../engine/clock.ts';
import type { Aggregator } from '../aggregator.ts';
import type { Availability } from '../availability.ts';
import type { Place } from '../places.ts';
import type { Books } from '../store/store.ts';

/** What the services answer from. */
export interface ServiceContext {
  readonly nats: NatsConnection;
  readonly regions: readonly string[];
  /** Of each region. */
  readonly shards: number;
  /** Undefined where that is not known, or there is but one region. */
  regionOf(warehouse: string): string | undefined;
  readonly defaultOwner: OwnerId;
  /** Region by region, by shard. */
  readonly aggregators: readonly Aggregator[];
  readonly availability: Availability;
  readonly store: Books;
  readonly clock: Clock;
}

/** The shard with that number at the centre. */
export function placeOf({ aggregators }: ServiceContext, number: number): Place {
  const { region, shard } = aggregators.find((a) => a.number === number) as Aggregator;
  return { region, shard };
}
