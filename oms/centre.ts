import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { isOwnerId } from '../actors/ids.ts';
import type { HomeName } from '../actors/rights/acts.ts';
import type { Clock } from '../engine/clock.ts';
import { StartError } from '../engine/errors.ts';
import { Nap } from '../engine/nap.ts';
import { type Places, Regions } from '../engine/regions.ts';
import type { Actors } from './actors.ts';
import type { Aggregator, AggregatorState } from './aggregator.ts';
import { asOf } from './as-of.ts';
import { Changes } from './changes.ts';
import { jetStreamSources } from './jetstream-source.ts';
import { LinkedRegions } from './linked/link-regions.ts';
import { centreMetrics } from './metrics.ts';
import type { Place } from './places.ts';
import type { Position } from './position.ts';
import { UsualScheduler } from './scheduling/usual-scheduler.ts';
import { availability as availabilityService } from './services/availability.ts';
import { batchLedger } from './services/batch-ledger.ts';
import type { ServiceContext } from './services/context.ts';
import { digest } from './services/digest.ts';
import { ledger } from './services/ledger.ts';
import { startService } from './services/service.ts';
import { stock } from './services/stock.ts';
import { answerWatermark } from './services/watermark.ts';
import { openShards } from './shards.ts';
import type { Books } from './store/store.ts';

export interface CentreOptions {
  /** Answers go over it. Set to reconnect for ever; not closed with the centre. */
  readonly nats: NatsConnection;
  /** Journals come over it, so that no question waits behind a backlog; the same if left out. */
  readonly journals?: NatsConnection;
  /** The region whose journals are the server's own. */
  readonly region: string;
  /** Regions that are linked to it, read over the links. */
  readonly linked?: readonly string[];
  /** Which warehouses are whose, beyond those that say so by their names. */
  readonly places?: Places;
  /** Of each region's warehouses. */
  readonly shards: number;
  /** Of each region, its selling point's too; as many if left out. */
  readonly slots?: number;
  /** Open. Not closed with the centre. */
  readonly store: Books;
  readonly log: Logger;
  readonly clock: Clock;
  /** Of requests that name none. */
  readonly defaultOwner: string;
  /** How often homes are told where goods usually sell, ms. */
  readonly scheduleEveryMs?: number | undefined;
}

/** How far one shard is at the centre. */
export interface ShardPosition {
  readonly region: string;
  readonly shard: number;
  readonly state: AggregatorState;
  /** Merged into memory. */
  readonly memory: Position;
  /** In SQL, on disk. */
  readonly durable: Position;
  /** Why SQL cannot be written just now. */
  readonly trouble: string | undefined;
}

export interface Centre {
  positions(): ShardPosition[];
  /** In Prometheus' text format. */
  metrics(): Promise<string>;
  /** Finishes what is being written and stops answering. */
  close(): Promise<void>;
}

/** Questions that are being answered get so long; without a server they cannot end at all. */
const STOP_MS = 2_000;

/** ⑦ Reads every shard's journal of every region, merges it, keeps its history, and answers. */
export async function startCentre(options: CentreOptions): Promise<Centre> {
  const { nats, region, linked = [], shards, store, log, clock, defaultOwner } = options;
  const { slots = shards } = options;
  if (!isOwnerId(defaultOwner))
    throw new StartError(`${defaultOwner} is no owner: 1–32 of A–Z a–z 0–9 _ -`);
  const journals = options.journals ?? nats;
  const jsm = await jetstreamManager(journals, { checkAPI: false });
  const names = [region, ...linked];
  const regions = await store.regions(names);
  const far = await LinkedRegions.open({
    ...{ nats: journals, jsm, regions: linked, shards: slots, clock, log },
    durable: (place) => at(aggregators, place)?.history.durable.seq ?? 0,
  });
  const { availability, aggregators } = await openShards({
    ...{ regions, shards, slots, store, clock, log },
    sources: (place) =>
      far.sources(place) ?? jetStreamSources({ nats: journals, jsm, ...place, clock }),
    onChanged: (id) => changes.mark(id),
  });
  const changes = new Changes({
    nats,
    availability,
    clock,
    log,
    asOf: (number) => {
      const a = aggregators.find((one) => one.number === number) as Aggregator;
      return asOf(a, a.memory);
    },
  });
  far.start();
  for (const aggregator of aggregators) aggregator.start();
  const context: ServiceContext = {
    nats,
    regions: names,
    shards,
    regionOf: regionsOf(options),
    defaultOwner,
    aggregators,
    availability,
    store,
    clock,
  };
  const endpoints = [availabilityService, stock, ledger, batchLedger, digest].map((of) =>
    of(context),
  );
  const service = await startService(nats, endpoints, log);
  const watermarkAnswers = aggregators.map((a) => answerWatermark(nats, a));
  changes.start();
  const scheduler = schedulerOf(options, aggregators, availability.actors);
  scheduler?.start();
  const watches = [watchConnection(journals, aggregators), watchConnection(nats, [changes])];
  const metrics = centreMetrics(aggregators, changes, far.links);
  await nats.flush(); // from here on, whoever asks is answered
  return {
    positions: () => aggregators.map(shardPosition),
    metrics: () => metrics.metrics(),
    async close() {
      for (const stop of watches) stop();
      for (const answer of watermarkAnswers) answer.unsubscribe();
      const patience = new Nap(clock);
      void service.stop().then(() => patience.wake());
      await patience.for(STOP_MS);
      await changes.close();
      await scheduler?.close();
      await far.close();
      await Promise.all(aggregators.map((a) => a.close()));
    },
  };
}

/** Of regions that share their goods; one that is alone sells its own. */
function schedulerOf(
  { nats, region, linked = [], shards, store, clock, log, scheduleEveryMs }: CentreOptions,
  aggregators: readonly Aggregator[],
  actors: Actors,
): UsualScheduler | undefined {
  if (linked.length === 0) return undefined;
  return new UsualScheduler({
    ...{ nats, books: store, clock, log, points: [region, ...linked], everyMs: scheduleEveryMs },
    shards: aggregators
      .filter(({ shard }) => shard < shards)
      .map(({ number, history, region, shard }) => ({
        ...{ number, history, home: `${region}.${shard}` as HomeName },
      })),
    actorOf(id) {
      const name = actors.name(id);
      return name && { ...name, shard: actors.shard(id) };
    },
  });
}

/** A region that is alone has every warehouse. */
function regionsOf({ region, linked = [], places }: CentreOptions): ServiceContext['regionOf'] {
  if (linked.length === 0) return () => undefined;
  const regions = new Regions([region, ...linked], places);
  return (warehouse) => regions.regionOf(warehouse);
}

const at = (aggregators: readonly Aggregator[], { region, shard }: Place): Aggregator | undefined =>
  aggregators.find((a) => a.region === region && a.shard === shard);

const shardPosition = ({ region, shard, state, memory, history }: Aggregator): ShardPosition => ({
  region,
  shard,
  state,
  memory,
  durable: history.durable,
  trouble: history.trouble,
});

/** What was asked over a connection that was cut is forgotten by the server. Returns what ends it. */
function watchConnection(
  nats: NatsConnection,
  parts: readonly { reconnected(): void }[],
): () => void {
  let stopped = false;
  const watch = async (): Promise<void> => {
    for await (const { type } of nats.status()) {
      if (stopped) return;
      if (type === 'reconnect') for (const part of parts) part.reconnected();
    }
  };
  void watch();
  return () => {
    stopped = true;
  };
}
