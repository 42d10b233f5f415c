import type { Logger } from 'pino';
import type { Clock } from '../engine/clock.ts';
import { Aggregator } from './aggregator.ts';
import { Availability } from './availability.ts';
import { type NumberedRegion, type Place, placeNumber } from './places.ts';
import { NOWHERE } from './position.ts';
import type { Sources } from './source.ts';
import type { Store } from './store/store.ts';
import { Tide } from './tide.ts';

export interface ShardsOptions {
  readonly regions: readonly NumberedRegion[];
  /** Of each region's warehouses. */
  readonly shards: number;
  /** Of each region, its selling point's too; as many if left out. */
  readonly slots?: number;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  sources(place: Place): Sources;
  /** Told each actor that has changed. Must not wait. */
  onChanged(id: number): void;
}

/** Every shard as the store left it. Nothing is read until an aggregator is started. */
export interface Shards {
  readonly availability: Availability;
  /** Region by region, by shard. */
  readonly aggregators: readonly Aggregator[];
}

export async function openShards({ regions, sources, ...options }: ShardsOptions): Promise<Shards> {
  const { shards, slots = shards, store } = options;
  const availability = new Availability();
  const tide = new Tide();
  for await (const parts of store.parts()) for (const part of parts) availability.load(part);
  const watermarks = await store.watermarks();
  const aggregators: Aggregator[] = [];
  for (const numbered of regions) {
    for (let shard = 0; shard < slots; shard++) {
      const { region } = numbered;
      const number = placeNumber(numbered, shard);
      const from = watermarks.get(number) ?? NOWHERE;
      const of = { region, shard, number, from, sources: sources({ region, shard }) };
      aggregators.push(new Aggregator({ ...options, ...of, availability, tide }));
    }
  }
  return { availability, aggregators };
}
