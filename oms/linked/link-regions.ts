import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import type { Clock } from '../../engine/clock.ts';
import { jetStreamSources, passingSources } from '../jetstream-source.ts';
import type { Place } from '../places.ts';
import type { Sources } from '../source.ts';
import { LinkedSource } from './linked-source.ts';
import { RegionLink } from './region-link.ts';

export interface LinkOptions {
  /** To the hub. */
  readonly nats: NatsConnection;
  readonly jsm: JetStreamManager;
  readonly regions: readonly string[];
  readonly shards: number;
  readonly clock: Clock;
  readonly log: Logger;
  durable(place: Place): number;
}

/** A region that is further away than this is as good as cut off, ms. */
const ANSWER_MS = 2_000;

/** The regions behind links. */
export class LinkedRegions {
  readonly #options: LinkOptions;
  readonly #links = new Map<string, { link: RegionLink; origin: JetStreamManager }>();

  private constructor(options: LinkOptions) {
    this.#options = options;
  }

  static async open(options: LinkOptions): Promise<LinkedRegions> {
    const { nats, jsm: hub, regions, shards, clock, log, durable } = options;
    const linked = new LinkedRegions(options);
    for (const region of regions) {
      const far = { domain: region, checkAPI: false, timeout: ANSWER_MS };
      const origin = await jetstreamManager(nats, far);
      const link = new RegionLink({
        ...{ region, shards, hub, origin, clock, log },
        durable: (shard) => durable({ region, shard }),
      });
      linked.#links.set(region, { link, origin });
    }
    return linked;
  }

  get links(): readonly RegionLink[] {
    return [...this.#links.values()].map(({ link }) => link);
  }

  start(): void {
    for (const link of this.links) link.start();
  }

  async close(): Promise<void> {
    await Promise.all(this.links.map((link) => link.close()));
  }

  /** Of a region behind a link; undefined for any other. */
  sources({ region, shard }: Place): Sources | undefined {
    const { nats, jsm, clock, log } = this.#options;
    const found = this.#links.get(region);
    if (found === undefined) return undefined;
    const { link, origin } = found;
    const copies = jetStreamSources({ nats, jsm, region, shard, clock });
    const origins = passingSources({ nats, jsm: origin, domain: region, region, shard, clock });
    const of = (kind: keyof Sources): LinkedSource =>
      new LinkedSource({ shard, link, copy: copies[kind], origin: origins[kind], clock, log });
    return { memory: of('memory'), history: of('history') };
  }
}
