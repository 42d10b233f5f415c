import { SHAPE_NAMES } from '../size/shapes.ts';
import { type Spread, spreadOf } from '../stats.ts';
import type { Rate } from '../throughput/station.ts';
import { DEPTHS } from './groups.ts';

/** What every side did, round by round. */
export type Rounds = Readonly<Record<string, readonly Rate[]>>;

type Figure = (rate: Rate) => number;
type Term = readonly [side: string, figure: Figure];

/** One side divided by others added up, each time of the same round. */
export interface Ratio {
  readonly name: string;
  readonly what: string;
  readonly over: Term;
  /** None: the figure of `over` itself. */
  readonly under: readonly Term[];
  readonly unit: '×' | '/s';
}

const perSecond: Figure = (rate) => rate.perSecond;
const p50: Figure = (rate) => rate.p50Us;
const p99: Figure = (rate) => rate.p99Us;
const resident =
  (process: string): Figure =>
  ({ resident: all }) =>
    all[process] ?? Number.NaN;

const rates = (name: string, what: string, over: string, under: string): Ratio => ({
  name,
  what,
  over: [over, perSecond],
  under: [[under, perSecond]],
  unit: '×',
});

const trips = (sync: 'synced' | 'unsynced'): Ratio => ({
  name: `ws.committed.ratio.${sync}`,
  what: `committed ÷ (echo + PubAck), p50, ${sync}`,
  over: [`committed.${sync}`, p50],
  under: [
    ['echo', p50],
    [`puback.${sync}`, p50],
  ],
  unit: '×',
});

const redis = (['synced', 'unsynced'] as const).flatMap((sync) =>
  DEPTHS.flatMap((depth) =>
    (['none', 'always'] as const).map((persistence) =>
      rates(
        `depth${depth}.${sync}.redis_${persistence}`,
        `reservations/s, depth ${depth}, ${sync}, ÷ Redis ${persistence === 'none' ? 'without persistence' : 'with AOF always'}`,
        `holdfast.${sync}.depth${depth}`,
        `redis.${persistence}.depth${depth}`,
      ),
    ),
  ),
);

/** At as many in a frame as one message of TigerBeetle holds, as a list of commands or as columns. */
const deepest = (['8189', 'each8189'] as const).flatMap((form): Ratio[] => {
  const name = form === '8189' ? 'frames8189' : form;
  const words = form === '8189' ? 'commands in a frame' : 'lines of each in a frame';
  const ratio = (of: string, what: string, side: string, over: Figure, under: Figure): Ratio => ({
    name: `${name}.${of}`,
    what: `${what} at 8,189 ${words}, synced, ÷ TigerBeetle`,
    over: [`holdfast.synced.${side}`, over],
    under: [['tigerbeetle', under]],
    unit: '×',
  });
  return [
    {
      name: `${name}.per_s`,
      what: `reservations/s at 8,189 ${words}, synced`,
      over: [`holdfast.synced.${form}`, perSecond],
      under: [],
      unit: '/s',
    },
    ratio('tigerbeetle', 'reservations/s', form, perSecond, perSecond),
    ratio('p99.tigerbeetle', 'p99 of one frame alone', `${form}.alone`, p99, p99),
    ratio('memory.tigerbeetle', 'memory', form, resident('node'), resident('tigerbeetle')),
  ];
});

const cpuPerCommand =
  (process: string): Figure =>
  ({ cpu, commands }) =>
    (cpu[process] ?? Number.NaN) / commands;
const msPerCommand: Figure = (rate) => 1_000 / rate.perSecond;

/** What an operation costs with ten times as much of something, in times what it costs without. */
function sizes(): Ratio[] {
  return SHAPE_NAMES.filter((name) => name !== 'base').flatMap((name): Ratio[] => [
    {
      name: `size.node.${name}`,
      what: `processor time of the node’s first thread for a command with 10 × ${name} ÷ without`,
      over: [`size.node.${name}`, cpuPerCommand('node')],
      under: [['size.node.base', cpuPerCommand('node')]],
      unit: '×',
    },
    {
      name: `size.decision.${name}`,
      what: `time of a decision alone with 10 × ${name} ÷ without`,
      over: [`size.decision.${name}`, msPerCommand],
      under: [['size.decision.base', msPerCommand]],
      unit: '×',
    },
  ]);
}

export const RATIOS: readonly Ratio[] = [
  trips('unsynced'),
  trips('synced'),
  ...redis,
  rates(
    'each128.synced.redis_none',
    'reservations/s, 128 lines of an each, synced, ÷ Redis without persistence',
    'holdfast.synced.each128',
    'redis.none.depth128',
  ),
  rates('hot.spread', 'one SKU ÷ 10,000 SKUs, depth 128', 'holdfast.hot', 'holdfast.spread'),
  rates(
    'hot.postgres',
    'one SKU at depth 128 ÷ one row of PostgreSQL',
    'holdfast.hot',
    'postgres.hot.on',
  ),
  rates(
    'hot.depth1.postgres',
    'one SKU at depth 1 ÷ one row of PostgreSQL',
    'holdfast.hot.depth1',
    'postgres.hot.on',
  ),
  rates(
    'spread.depth1.postgres',
    '10,000 SKUs at depth 1 ÷ 10,000 rows of PostgreSQL',
    'holdfast.spread.depth1',
    'postgres.spread.on',
  ),
  rates(
    'spread.automerge',
    '10,000 SKUs at depth 128 ÷ 10,000 Automerge documents',
    'holdfast.spread',
    'automerge.spread',
  ),
  rates(
    'sale.automerge',
    'sales from rights with their records ÷ changes of a counter, 1,000 Automerge documents',
    'sale.local',
    'automerge.counter',
  ),
  {
    name: 'sale.far.redis',
    what: 'a sale at a point whose home is 50 ms away ÷ one of a Redis counter there, p50',
    over: ['sale.far', p50],
    under: [['redis.far', p50]],
    unit: '×',
  },
  ...deepest,
  ...sizes(),
];

/** Of the rounds in which all of its sides were measured; undefined where there are none. */
export function spreadOfRatio({ over, under }: Ratio, rounds: Rounds): Spread | undefined {
  const values = (rounds[over[0]] ?? []).flatMap((rate, i) => {
    const below = under.map(([side, figure]) => {
      const other = rounds[side]?.[i];
      return other === undefined ? Number.NaN : figure(other);
    });
    const value = over[1](rate) / (under.length === 0 ? 1 : below.reduce((a, b) => a + b));
    return Number.isFinite(value) ? [value] : [];
  });
  return values.length === 0 ? undefined : spreadOf(values);
}
