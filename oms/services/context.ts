import type { NatsConnection } from '@nats-io/transport-node';
import type { OwnerId } from '../../actors/ids.ts';
import type { Clock } from '../../engine/clock.ts';
import type { Aggregator } from '../aggregator.ts';
import type { Availability } from '../availability.ts';
import type { Books } from '../store/store.ts';

/** What the services answer from. */
export interface ServiceContext {
  readonly nats: NatsConnection;
  readonly region: string;
  readonly defaultOwner: OwnerId;
  /** By shard. */
  readonly aggregators: readonly Aggregator[];
  readonly availability: Availability;
  readonly store: Books;
  readonly clock: Clock;
}
