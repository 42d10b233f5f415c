import { actorRow } from './actors/rows.ts';
import type { ActorRow } from './actors/worker.ts';
import { alternate, type Opener } from './alternate.ts';
import { centre } from './centre/centre.ts';
import type { Latencies } from './latencies.ts';
import { openCommitted } from './latency/committed.ts';
import { openEcho, openPacedEcho } from './latency/echo.ts';
import { openPuback } from './latency/puback.ts';
import type { Opened } from './opened.ts';
import { openPostgres } from './peers/postgres.ts';
import { openRedis } from './peers/redis.ts';
import { type Recovery, recovery } from './recovery/recovery.ts';
import type { Figures, LatencyName, RateName, Results } from './results.ts';
import type { Row, Source } from './rows.ts';
import { SYNCED, UNSYNCED } from './scan/sync.ts';
import { rounded } from './table.ts';
import { openHoldfast } from './throughput/holdfast.ts';
import type { Load } from './throughput/lane.ts';
import { FRAME_COMMANDS, SKUS } from './throughput/shape.ts';
import type { Rate, Station } from './throughput/station.ts';

const ACTOR_ROWS: readonly ActorRow[] = [
  'hot',
  'thousand',
  'million',
  'idle',
  'lines',
  'selling',
  'routing',
];

/** Trips are short: more and shorter turns put both sides of a ratio into the same weather. */
const LATENCY_TURNS = 4;

/** In the order of their turns. */
const LATENCIES: Readonly<Record<LatencyName, Opener<Latencies>>> = {
  echo: openEcho,
  'echo.paced': openPacedEcho,
  puback: (opened) => openPuback(UNSYNCED, opened),
  committed: (opened) => openCommitted(UNSYNCED, opened),
  'puback.synced': (opened) => openPuback(SYNCED, opened),
  'committed.synced': (opened) => openCommitted(SYNCED, opened),
};

const BATCH: Load = { depth: FRAME_COMMANDS, skus: SKUS };

const RATES: Readonly<Record<RateName, Opener<Rate>>> = {
  batch: under(BATCH, (opened) => openHoldfast(SYNCED, opened)),
  redis: under(BATCH, (opened) => openRedis('none', opened)),
  'batch.unsynced': under(BATCH, (opened) => openHoldfast(UNSYNCED, opened)),
  postgres: under({ depth: 1, skus: 1 }, (opened) => openPostgres('on', opened)),
};

function under(load: Load, open: (opened: Opened) => Promise<Station | undefined>): Opener<Rate> {
  return async (opened) => (await open(opened))?.entrant(load);
}

export interface BenchSettings {
  readonly rows: readonly Row[];
  readonly rounds: number;
  readonly opened: Opened;
  /** Progress, for a person. */
  readonly say: (line: string) => void;
}

/** Measures what the rows need, and nothing else. */
export async function bench(settings: BenchSettings): Promise<Figures> {
  const { rows, rounds, opened, say } = settings;
  const needs = new Set<Source>(rows.flatMap((row) => row.needs));
  const actors: Partial<Record<ActorRow, readonly number[]>> = {};
  for (const row of ACTOR_ROWS.filter((r) => needs.has(r))) {
    say(`actors: ${row}`);
    actors[row] = await actorRow(row, opened);
  }
  const latencies = await alternate(only(LATENCIES, needs), LATENCY_TURNS * rounds, opened, say);
  const rates = await alternate(only(RATES, needs), rounds, opened, say);
  let recovered: Recovery | undefined;
  if (needs.has('recovery')) {
    say('recovery of a million actors');
    recovered = await recovery(opened);
  }
  const centred = needs.has('centre') ? await centre(opened, say) : undefined;
  return figuresOf(rows, { actors, latencies, rates, recovery: recovered, centre: centred });
}

function only<Name extends Source, Sample>(
  openers: Readonly<Record<Name, Opener<Sample>>>,
  needs: ReadonlySet<Source>,
): Partial<Record<Name, Opener<Sample>>> {
  const wanted = (Object.entries(openers) as [Name, Opener<Sample>][]).filter(([n]) =>
    needs.has(n),
  );
  return Object.fromEntries(wanted) as Partial<Record<Name, Opener<Sample>>>;
}

const figuresOf = (rows: readonly Row[], results: Results): Figures =>
  Object.fromEntries(
    rows.map((row) => {
      const figure = row.figure(results);
      return [row.name, figure === undefined ? null : rounded(figure, row.unit)];
    }),
  );
