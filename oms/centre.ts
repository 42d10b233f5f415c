import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { isOwnerId } from '../actors/ids.ts';
import type { Clock } from '../engine/clock.ts';
import { StartError } from '../engine/errors.ts';
import { Nap } from '../engine/nap.ts';
import type { Aggregator, AggregatorState } from './aggregator.ts';
import { Changes } from './changes.ts';
import { jetStreamSources } from './jetstream-source.ts';
import { centreMetrics } from './metrics.ts';
import { NOWHERE, type Position } from './position.ts';
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
  readonly region: string;
  readonly shards: number;
  /** Open. Not closed with the centre. */
  readonly store: Books;
  readonly log: Logger;
  readonly clock: Clock;
  /** Of requests that name none. */
  readonly defaultOwner: string;
}

/** How far one shard is at the centre. */
export interface ShardPosition {
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

/** ⑦ Reads every shard's journal of one region, merges it, keeps its history, and answers. */
export async function startCentre(options: CentreOptions): Promise<Centre> {
  const { nats, region, shards, store, log, clock, defaultOwner } = options;
  if (!isOwnerId(defaultOwner))
    throw new StartError(`${defaultOwner} is no owner: 1–32 of A–Z a–z 0–9 _ -`);
  const journals = options.journals ?? nats;
  const jsm = await jetstreamManager(journals, { checkAPI: false });
  const { availability, aggregators } = await openShards({
    ...{ shards, store, clock, log },
    sources: (shard) => jetStreamSources({ nats: journals, jsm, region, shard, clock }),
    onChanged: (id) => changes.mark(id),
  });
  const changes = new Changes({
    nats,
    availability,
    clock,
    log,
    position: (shard) => aggregators[shard]?.memory ?? NOWHERE,
  });
  for (const aggregator of aggregators) aggregator.start();
  const context: ServiceContext = {
    nats,
    region,
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
  const watermarkAnswers = aggregators.map((a) => answerWatermark(nats, region, a));
  changes.start();
  const watches = [watchConnection(journals, aggregators), watchConnection(nats, [changes])];
  const metrics = centreMetrics(aggregators, changes);
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
      await Promise.all(aggregators.map((a) => a.close()));
    },
  };
}

const shardPosition = ({ shard, state, memory, history }: Aggregator): ShardPosition => ({
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
