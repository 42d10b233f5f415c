import type { NatsConnection, Subscription } from '@nats-io/transport-node';
import type { Watermark } from '../../engine/centre.ts';
import { watermarkSubject } from '../../engine/subjects.ts';
import type { Aggregator } from '../aggregator.ts';

/**
 * Tells a region how far its records are on disk here: what lies below may be
 * trimmed. Says nothing that a power cut could take back.
 */
export const answerWatermark = (
  nats: NatsConnection,
  { region, shard, history }: Aggregator,
): Subscription =>
  nats.subscribe(watermarkSubject(region, shard), {
    callback: (error, message) => {
      if (error !== null) return;
      const { epoch, number, hash, seq } = history.durable;
      message.respond(JSON.stringify({ epoch, number, hash, seq } satisfies Watermark));
    },
  });
