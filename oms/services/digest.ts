import { z } from 'zod';
import { type Clock, nextTurn, sleep } from '../../engine/clock.ts';
import { messageOfError } from '../../engine/errors.ts';
import type { ShardInfo } from '../../engine/info.ts';
import { shardInfoSubject } from '../../engine/subjects.ts';
import type { Aggregator } from '../aggregator.ts';
import { type AsOf, asOf } from '../as-of.ts';
import type { Place } from '../places.ts';
import type { Position } from '../position.ts';
import type { ServiceContext } from './context.ts';
import { parse } from './request.ts';
import type { Endpoint } from './service.ts';

const request = z.strictObject({});

/** One side's stock at a journal position, as R2 compares it. */
export interface Side {
  readonly epoch: number;
  readonly number: number;
  readonly hash: string;
  readonly seq: number;
  /** '' while it changes too quickly to be taken. */
  readonly digest: string;
}

export interface ShardDigest {
  readonly regionName: string;
  readonly shard: number;
  readonly state: string;
  /** Why it waits, is broken, or cannot write history. */
  readonly why?: string;
  readonly centre: Side;
  /** How far history is on disk. */
  readonly durable: AsOf;
  readonly region: ShardInfo | null;
  /** Why there is nothing from the region. */
  readonly regionWhy?: string;
  /** Null while the two sides stand at different records, or one does not answer. */
  readonly equal: boolean | null;
}

export interface DigestAnswer {
  readonly regions: readonly string[];
  /** True if every shard is equal, false if one differs, else null. */
  readonly equal: boolean | null;
  readonly shards: readonly ShardDigest[];
}

const ASK_MS = 1_000;
const ATTEMPTS = 5;
/** Between attempts, for the side that is behind. */
const CATCH_UP_MS = 50;

/** `inv.oms.digest`: R2, whether centre and region have the same stock. */
export const digest = (context: ServiceContext): Endpoint => ({
  name: 'digest',
  subject: 'inv.oms.digest',
  async answer(bytes): Promise<DigestAnswer> {
    parse(request, bytes);
    const shards = await Promise.all(context.aggregators.map((a) => compare(context, a)));
    const equals = shards.map((s) => s.equal);
    const equal = equals.includes(false) ? false : equals.includes(null) ? null : true;
    return { regions: context.regions, equal, shards };
  },
});

/** Both sides move on while they are asked; tried again until they stand at the same record. */
async function compare(context: ServiceContext, aggregator: Aggregator): Promise<ShardDigest> {
  const { state, history, shard, region: regionName } = aggregator;
  const why = state.kind === 'waiting' || state.kind === 'broken' ? state.why : history.trouble;
  let [region, regionWhy] = await askRegion(context, aggregator);
  let centre = await sideOf(context, aggregator);
  for (let attempt = 1; attempt < ATTEMPTS && isMoving(region, centre); attempt++) {
    await sleep(context.clock, CATCH_UP_MS);
    [region, regionWhy] = await askRegion(context, aggregator);
    centre = await sideOf(context, aggregator);
  }
  return {
    regionName,
    shard,
    state: state.kind,
    ...(why === undefined ? {} : { why }),
    centre,
    durable: asOf(aggregator, history.durable),
    region,
    ...(regionWhy === undefined ? {} : { regionWhy }),
    equal: region === null || isMoving(region, centre) ? null : isEqual(region, centre),
  };
}

const isMoving = (region: ShardInfo | null, centre: Side): boolean =>
  region !== null &&
  (region.number !== centre.number || region.digest === '' || centre.digest === '');

const isEqual = (region: ShardInfo, centre: Side): boolean =>
  region.hash === centre.hash && region.digest === centre.digest;

async function askRegion(
  { nats }: ServiceContext,
  { region, shard }: Place,
): Promise<[ShardInfo, undefined] | [null, string]> {
  try {
    const answer = await nats.request(shardInfoSubject(region, shard), '', { timeout: ASK_MS });
    return [answer.json<ShardInfo>(), undefined];
  } catch (e) {
    return [null, `no node of the region answers: ${messageOfError(e)}`];
  }
}

async function sideOf(
  { availability, clock }: ServiceContext,
  aggregator: Aggregator,
): Promise<Side> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = aggregator.memory;
    const digest = await digestOf(availability.digest(aggregator.number), clock);
    if (aggregator.memory === before) return side(before, digest);
  }
  return side(aggregator.memory, '');
}

const side = ({ epoch, number, hash, seq }: Position, digest: string): Side => ({
  epoch,
  number,
  hash,
  seq,
  digest,
});

async function digestOf(steps: Generator<void, string>, clock: Clock): Promise<string> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await nextTurn(clock);
  }
}
