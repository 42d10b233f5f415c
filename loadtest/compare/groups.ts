import { ACTORS } from '../actors/selling.ts';
import { type Opener, shared } from '../alternate.ts';
import type { Latencies } from '../latencies.ts';
import { openCommitted } from '../latency/committed.ts';
import { openEcho } from '../latency/echo.ts';
import { openPuback } from '../latency/puback.ts';
import type { Opened } from '../opened.ts';
import { openAutomerge, openAutomergeCounter } from '../peers/automerge.ts';
import { openPostgres } from '../peers/postgres.ts';
import { openRedis, REDIS_OPTIONS, type RedisPersistence } from '../peers/redis.ts';
import { openTigerbeetle, TIGERBEETLE_OPTIONS } from '../peers/tigerbeetle.ts';
import { SYNCED, UNSYNCED } from '../scan/sync.ts';
import { openFarCounter } from '../selling/far-counter.ts';
import { openFarHome } from '../selling/far-home.ts';
import { openLocalSales } from '../selling/local.ts';
import { LINK_MS } from '../selling/trips.ts';
import { openDecisions } from '../size/decisions.ts';
import { openNodeOf } from '../size/node.ts';
import { SHAPE_NAMES, SHAPES, type ShapeName } from '../size/shapes.ts';
import { openHoldfast, openHoldfastNats } from '../throughput/holdfast.ts';
import { CONNECTIONS, SKUS } from '../throughput/shape.ts';
import type { Station } from '../throughput/station.ts';
import { type Group, metered, type Settings, type Side, sideOf } from './side.ts';

export const DEPTHS = [1, 16, 128] as const;
/** As many as one message of TigerBeetle holds; and as many lines as a NATS request may have. */
export const DEEPEST = 8_189;
export const NATS_DEPTH = 1_000;
/** So many of the deepest frames fit the mailbox of one shard, with room to spare. */
const DEEP_CONNECTIONS = 4;

type Sync = 'synced' | 'unsynced';
const SYNCS: Readonly<Record<Sync, string>> = { synced: SYNCED, unsynced: UNSYNCED };

const holdfast = (sync: Sync): Settings => ({
  connections: CONNECTIONS,
  'nats-server sync_interval': SYNCS[sync],
});

const grouped = (count: number): string => count.toLocaleString('en-GB');
const some = (count: number, of: string): string =>
  count === 1 ? `one ${of}` : `${grouped(count)} ${of}s`;

type Share = (opened: Opened) => Promise<Station | undefined>;
const holdfastAt = (sync: Sync): Share => shared((opened) => openHoldfast(SYNCS[sync], opened));

function holdfastSide(name: string, sync: Sync, depth: number, skus: number, open: Share): Side {
  const what = `Holdfast, ${sync}, frames of ${depth}, ${some(skus, 'SKU')}`;
  return sideOf(name, what, holdfast(sync), { depth, skus }, open);
}

/** One command at a time, and the two trips that it cannot avoid. */
function latency(): Group {
  const trip = (name: string, what: string, open: Opener<Latencies>, sync?: Sync): Side => ({
    name,
    what,
    settings: {
      ...(sync === undefined ? {} : holdfast(sync)),
      connections: 1,
      depth: 1,
    },
    open: metered(open),
  });
  const both = (sync: Sync): Side[] => [
    trip(`puback.${sync}`, `bare PubAck, ${sync}`, (o) => openPuback(SYNCS[sync], o), sync),
    trip(
      `committed.${sync}`,
      `a reservation committed, ${sync}`,
      (o) => openCommitted(SYNCS[sync], o),
      sync,
    ),
  ];
  const echo = trip('echo', 'bare WebSocket echo', openEcho);
  return { name: 'latency', sides: [echo, ...both('unsynced'), ...both('synced')] };
}

/** The same loads at several depths. */
function depths(): Group {
  const stations = { synced: holdfastAt('synced'), unsynced: holdfastAt('unsynced') };
  const redis = {
    none: shared((opened: Opened) => openRedis('none', opened)),
    always: shared((opened: Opened) => openRedis('always', opened)),
  };
  const redisSide = (persistence: RedisPersistence, depth: number): Side =>
    sideOf(
      `redis.${persistence}.depth${depth}`,
      `Redis, Lua, ${persistence === 'none' ? 'no persistence' : 'AOF always'}, pipelines of ${depth}`,
      { connections: CONNECTIONS, options: REDIS_OPTIONS[persistence].join(' ') },
      { depth, skus: SKUS },
      redis[persistence],
    );
  const sides = DEPTHS.flatMap((depth) => [
    holdfastSide(`holdfast.synced.depth${depth}`, 'synced', depth, SKUS, stations.synced),
    redisSide('none', depth),
    holdfastSide(`holdfast.unsynced.depth${depth}`, 'unsynced', depth, SKUS, stations.unsynced),
    redisSide('always', depth),
  ]);
  const columns = sideOf(
    'holdfast.synced.each128',
    'Holdfast, synced, 128 lines of an each',
    holdfast('synced'),
    { depth: 128, skus: SKUS, columns: true },
    stations.synced,
  );
  return { name: 'depths', sides: [...sides, columns] };
}

/** One SKU that everybody wants against 10,000. */
function hot(): Group {
  const station = holdfastAt('synced');
  const postgres = {
    on: shared((opened: Opened) => openPostgres('on', opened)),
    off: shared((opened: Opened) => openPostgres('off', opened)),
  };
  const automerge = shared(openAutomerge);
  const goods = { hot: 1, spread: SKUS } as const;
  const sides = (['hot', 'spread'] as const).flatMap((name) => [
    holdfastSide(`holdfast.${name}`, 'synced', 128, goods[name], station),
    ...(['on', 'off'] as const).map((commit) =>
      sideOf(
        `postgres.${name}.${commit}`,
        `PostgreSQL, ${some(goods[name], 'row')}, synchronous_commit ${commit}`,
        { connections: CONNECTIONS, synchronous_commit: commit },
        { depth: 1, skus: goods[name] },
        postgres[commit],
      ),
    ),
    holdfastSide(`holdfast.${name}.depth1`, 'synced', 1, goods[name], station),
    {
      name: `automerge.${name}`,
      what: `Automerge, ${some(goods[name], 'document')}, in process`,
      settings: { connections: 0, skus: goods[name] },
      open: async (opened: Opened) => (await automerge(opened))({ depth: 1, skus: goods[name] }),
    },
  ]);
  return { name: 'hot', sides };
}

/** Sales from rights that a selling point has, and what would have to count instead. */
function selling(): Group {
  const inProcess = { depth: 1, skus: ACTORS };
  const within = (name: string, what: string, open: typeof openAutomerge): Side => ({
    ...{ name, what, settings: { connections: 0, skus: ACTORS } },
    open: async (opened) => (await open(opened))(inProcess),
  });
  const far = (name: string, what: string, open: Opener<Latencies>): Side => ({
    ...{ name, what, settings: { connections: 1, depth: 1, 'link ms each way': LINK_MS } },
    open: metered(open),
  });
  const sides = [
    within('sale.local', 'Holdfast, a sale and its record, in process', openLocalSales),
    within(
      'automerge.counter',
      'Automerge, a change of a counter and its bytes',
      openAutomergeCounter,
    ),
    far('sale.far', 'Holdfast, synced, a sale at a point whose home is far', openFarHome),
    far('redis.far', 'Redis without persistence, a counter that is far', openFarCounter),
  ];
  return { name: 'selling', sides };
}

/** As many reservations in a frame as a frame takes. */
function frames(tigerbeetle: string | undefined): Group {
  const each = (name: string, connections: number): Side =>
    sideOf(
      name,
      `Holdfast, synced, ${grouped(DEEPEST)} lines of each, ${some(connections, 'connection')}`,
      holdfast('synced'),
      { depth: DEEPEST, skus: SKUS, connections, columns: true },
      synced,
    );
  const deep = (name: string, sync: Sync, connections: number, open: Share): Side =>
    sideOf(
      name,
      `Holdfast, ${sync}, frames of ${grouped(DEEPEST)}, ${some(connections, 'connection')}`,
      holdfast(sync),
      { depth: DEEPEST, skus: SKUS, connections },
      open,
    );
  const synced = holdfastAt('synced');
  const nats = shared((opened: Opened) => openHoldfastNats(SYNCED, opened));
  const sides = [
    deep('holdfast.synced.8189', 'synced', DEEP_CONNECTIONS, synced),
    deep('holdfast.synced.8189.alone', 'synced', 1, synced),
    each('holdfast.synced.each8189', DEEP_CONNECTIONS),
    each('holdfast.synced.each8189.alone', 1),
    deep('holdfast.unsynced.8189', 'unsynced', DEEP_CONNECTIONS, holdfastAt('unsynced')),
    sideOf(
      'holdfast.synced.nats1000',
      `Holdfast, synced, NATS requests of ${grouped(NATS_DEPTH)}`,
      holdfast('synced'),
      { depth: NATS_DEPTH, skus: SKUS },
      nats,
    ),
    sideOf(
      'holdfast.synced.nats.each8189',
      `Holdfast, synced, NATS requests of ${grouped(DEEPEST)} lines of each`,
      holdfast('synced'),
      { depth: DEEPEST, skus: SKUS, connections: DEEP_CONNECTIONS, columns: true },
      nats,
    ),
    {
      name: 'tigerbeetle',
      what: 'TigerBeetle, its own benchmark',
      settings: { options: TIGERBEETLE_OPTIONS.join(' ') },
      open: openTigerbeetle(tigerbeetle),
    },
  ];
  return { name: 'frames', sides };
}

/** The same operation with ten times as much of everything else. */
function size(): Group {
  const sides = SHAPE_NAMES.flatMap((name): Side[] => [
    {
      name: `size.node.${name}`,
      what: `Holdfast, unsynced, frames of 128, ${shapeOf(name)}`,
      settings: { ...holdfast('unsynced'), depth: 128, ...SHAPES[name] },
      open: openNodeOf(name),
    },
    {
      name: `size.decision.${name}`,
      what: `decisions alone, ${shapeOf(name)}`,
      settings: { ...SHAPES[name] },
      open: openDecisions(name),
    },
  ]);
  return { name: 'size', sides };
}

const shapeOf = (name: ShapeName): string =>
  name === 'base' ? 'the size to compare with' : `10 × ${name}`;

export const GROUPS = ['latency', 'depths', 'hot', 'selling', 'frames', 'size', 'memory'] as const;
export type GroupName = (typeof GROUPS)[number];

/** New ones each time: what sides share is opened once in a run. */
export const groupsOf = (tigerbeetle: string | undefined): Readonly<Record<string, Group>> =>
  Object.fromEntries(
    [latency(), depths(), hot(), selling(), frames(tigerbeetle), size()].map((g) => [g.name, g]),
  );
