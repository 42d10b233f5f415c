import type { NatsConnection } from '@nats-io/transport-node';
import { watermarkSubject } from './subjects.ts';

/** How far the centre has durably read one shard. Number 0: nothing yet. */
export interface Watermark {
  readonly epoch: number;
  readonly number: number;
  readonly hash: string;
  readonly seq: number;
}

/** The centre as a shard sees it. */
export interface CentreLink {
  /** Undefined when it cannot be reached. */
  watermark(shard: number): Promise<Watermark | undefined>;
}

const ASK_MS = 500;

export function natsCentreLink(nats: NatsConnection, region: string): CentreLink {
  return {
    async watermark(shard) {
      try {
        const answer = await nats.request(watermarkSubject(region, shard), '', { timeout: ASK_MS });
        return answer.json<Watermark>();
      } catch {
        return undefined;
      }
    },
  };
}
