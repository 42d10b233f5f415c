import type { KvEntry } from '@nats-io/kv';
import { KvLeases, type LeaseBucket } from '../../engine/lease.ts';
import type { Entry } from './bucket.ts';
import { API_MS } from './journal.ts';
import type { Nats } from './nats.ts';
import type { Network } from './network.ts';
import type { Life, World } from './world.ts';

/** The engine's own leases over the simulated bucket. */
export function simLeases(world: World, network: Network, nats: Nats, life: Life): KvLeases {
  const ask = <T>(serve: (nowMs: number) => T, timeoutMs = API_MS): Promise<T> =>
    network.call(life, nats, timeoutMs, () => serve(world.timeMs));
  const textOf = (data: unknown): string => String(data);
  // Leases that everyone gets at any time: no write may rest on them.
  const { bucket: kept } = nats;
  const seen = (key: string, now: number) => (nats.leasesHold ? kept.get(key, now) : undefined);
  const bucket: LeaseBucket = {
    get: (key) => ask((now) => entryOf(seen(key, now))),
    create: (key, data) => ask((now) => kept.create(key, textOf(data), now, nats.leasesHold)),
    update: (key, data, revision, timeoutMs) =>
      ask((now) => kept.update(key, textOf(data), revision, now, nats.leasesHold), timeoutMs),
    delete: (key, options) => ask((now) => kept.remove(key, options?.previousSeq ?? 0, now)),
  };
  return new KvLeases(() => ask(() => bucket), bucket);
}

/** As much of an entry as leases look at. */
function entryOf(entry: Entry | undefined): KvEntry | null {
  if (entry === undefined) return null;
  const { operation, revision, value } = entry;
  return { operation, revision, json: () => JSON.parse(value) } as unknown as KvEntry;
}
