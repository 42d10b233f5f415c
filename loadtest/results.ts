import type { ActorRow } from './actors/worker.ts';
import type { CentreRates } from './centre/centre.ts';
import type { Latencies } from './latencies.ts';
import type { Recovery } from './recovery/recovery.ts';
import type { Rate } from './throughput/station.ts';

export type LatencyName =
  | 'echo'
  | 'echo.paced'
  | 'puback'
  | 'committed'
  | 'puback.synced'
  | 'committed.synced';
export type RateName = 'batch' | 'batch.unsynced' | 'redis' | 'postgres';

/** What was measured: an entry a round. No entries where a peer is not there or was not asked for. */
export interface Results {
  readonly actors: Partial<Record<ActorRow, readonly number[]>>;
  readonly latencies: Partial<Record<LatencyName, readonly Latencies[]>>;
  readonly recovery: Recovery | undefined;
  readonly centre: CentreRates | undefined;
  readonly rates: Partial<Record<RateName, readonly Rate[]>>;
}

/** Row name → figure; null where a peer is not on this machine. */
export type Figures = Readonly<Record<string, number | null>>;
