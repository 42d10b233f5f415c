import type { Logger } from 'pino';
import type { Clock } from '../engine/clock.ts';
import { Aggregator } from './aggregator.ts';
import { Availability } from './availability.ts';
import { NOWHERE } from './position.ts';
import type { Sources } from './source.ts';
import type { Store } from './store/store.ts';

export interface ShardsOptions {
  /** Of the region. */
  readonly shards: number;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  sources(shard: number): Sources;
  /** Told each actor that has changed. Must not wait. */
  onChanged(id: number): void;
}

/** Every shard as the store left it. Nothing is read until an aggregator is started. */
export interface Shards {
  readonly availability: Availability;
  /** By shard. */
  readonly aggregators: readonly Aggregator[];
}

export async function openShards({ sources, ...options }: ShardsOptions): Promise<Shards> {
  const { shards, store } = options;
  const availability = new Availability();
  for await (const parts of store.parts()) for (const part of parts) availability.load(part);
  const watermarks = await store.watermarks();
  const aggregators: Aggregator[] = [];
  for (let shard = 0; shard < shards; shard++) {
    const from = watermarks.get(shard) ?? NOWHERE;
    aggregators.push(
      new Aggregator({ ...options, shard, from, availability, sources: sources(shard) }),
    );
  }
  return { availability, aggregators };
}
