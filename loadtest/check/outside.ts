import { alternate, type Opener } from '../alternate.ts';
import type { Latencies } from '../latencies.ts';
import { openCommitted } from '../latency/committed.ts';
import { openEcho } from '../latency/echo.ts';
import { openPuback } from '../latency/puback.ts';
import type { Opened } from '../opened.ts';
import { UNSYNCED } from '../scan/sync.ts';
import { ratiosOf } from '../stats.ts';
import { openHoldfast } from '../throughput/holdfast.ts';
import { FRAME_COMMANDS, SKUS } from '../throughput/shape.ts';
import type { Rate } from '../throughput/station.ts';
import type { Samples } from './inside.ts';
import { openPipeline } from './pipeline.ts';

const TRIP_ROUNDS = 12;
const BATCH_ROUNDS = 5;
const LOAD = { depth: FRAME_COMMANDS, skus: SKUS };

/** What needs servers. Unsynced: a disk is not what is guarded. */
export async function outside(opened: Opened, say: (line: string) => void): Promise<Samples> {
  return { 'committed.trips': await trips(opened, say), ...(await batches(opened, say)) };
}

/** A committed answer in times of the echo and the PubAck that it cannot avoid. */
async function trips(opened: Opened, say: (line: string) => void): Promise<number[]> {
  const openers: Record<string, Opener<Latencies>> = {
    echo: openEcho,
    puback: (o) => openPuback(UNSYNCED, o),
    committed: (o) => openCommitted(UNSYNCED, o),
  };
  const {
    echo = [],
    puback = [],
    committed = [],
  } = await alternate(openers, TRIP_ROUNDS, opened, say);
  const p50 = (all: readonly Latencies[], i: number): number => all[i]?.us(50) ?? Number.NaN;
  return ratiosOf(
    committed.map((_, i) => {
      return { committed: p50(committed, i), echo: p50(echo, i), puback: p50(puback, i) };
    }),
  );
}

/** A reservation of a frame in times of what a bare pipeline takes for it: until it is answered, and of processor. */
async function batches(opened: Opened, say: (line: string) => void): Promise<Samples> {
  const openers: Record<string, Opener<Rate>> = {
    pipeline: async (o) => (await openPipeline(UNSYNCED, o)).entrant(LOAD),
    batch: async (o) => (await openHoldfast(UNSYNCED, o)).entrant(LOAD),
  };
  const { pipeline = [], batch = [] } = await alternate(openers, BATCH_ROUNDS, opened, say);
  const over = (figure: (rate: Rate) => number): number[] =>
    batch.map((rate, i) => {
      const bare = pipeline[i];
      return bare === undefined ? Number.NaN : figure(rate) / figure(bare);
    });
  return {
    'batch.pipeline': over((rate) => 1 / rate.perSecond),
    'batch.pipeline.cpu': over(cpuPerCommand).filter(Number.isFinite),
  };
}

/** The driver is the same on both sides and not what is guarded. */
const cpuPerCommand = ({ cpu, commands }: Rate): number =>
  Object.entries(cpu)
    .filter(([name]) => name !== 'driver')
    .reduce((sum, [, seconds]) => sum + (seconds ?? Number.NaN), 0) / commands;
