import type { Figures } from './results.ts';

/** What a row should reach: an amount, or so many times another row of the same run. */
export interface Target {
  readonly row: string;
  readonly sense: 'at least' | 'at most';
  readonly amount: number;
  /** Undefined: the amount is absolute. */
  readonly times?: string;
}

export const TARGETS: readonly Target[] = [
  { row: 'actor.hot.per_s', sense: 'at least', amount: 1_000_000 },
  { row: 'actor.million.per_s', sense: 'at least', amount: 500_000 },
  { row: 'actor.million.p99_us', sense: 'at most', amount: 10 },
  { row: 'actor.idle.bytes', sense: 'at most', amount: 400 },
  ...[100, 10_000].flatMap((lines): Target[] => [
    { row: `actor.lines.reserve.x${lines}`, sense: 'at most', amount: 1.1 },
    { row: `actor.lines.pick.x${lines}`, sense: 'at most', amount: 1.5 },
    { row: `actor.lines.pick_at.x${lines}`, sense: 'at most', amount: 1.1 },
  ]),
  { row: 'rights.sale.ratio', sense: 'at most', amount: 1.2 },
  { row: 'routing.p99.us', sense: 'at most', amount: 5_000 },
  { row: 'ws.committed.ratio', sense: 'at most', amount: 1.25 },
  { row: 'ws.committed.ratio.synced', sense: 'at most', amount: 1.25 },
  { row: 'batch.per_s', sense: 'at least', amount: 3, times: 'redis.per_s' },
  { row: 'recovery.million.s', sense: 'at most', amount: 10 },
  { row: 'centre.merge_per_s', sense: 'at least', amount: 1_000_000 },
  { row: 'centre.lines_per_s', sense: 'at least', amount: 100_000 },
  { row: 'batch.per_s', sense: 'at least', amount: 100, times: 'postgres.hot.per_s' },
];

/** What the ratios of `--peers` should reach. */
export const PEER_TARGETS: readonly Target[] = [
  { row: 'ws.committed.ratio.unsynced', sense: 'at most', amount: 1.25 },
  { row: 'ws.committed.ratio.synced', sense: 'at most', amount: 1.25 },
  { row: 'depth1.synced.redis_always', sense: 'at least', amount: 1 },
  { row: 'depth16.synced.redis_none', sense: 'at least', amount: 1 },
  { row: 'depth128.synced.redis_none', sense: 'at least', amount: 3 },
  { row: 'each128.synced.redis_none', sense: 'at least', amount: 3 },
  { row: 'hot.spread', sense: 'at least', amount: 0.9 },
  { row: 'hot.postgres', sense: 'at least', amount: 100 },
  ...['frames8189', 'each8189'].flatMap((form): Target[] => [
    { row: `${form}.per_s`, sense: 'at least', amount: 640_000 },
    { row: `${form}.tigerbeetle`, sense: 'at least', amount: 2 },
    { row: `${form}.p99.tigerbeetle`, sense: 'at most', amount: 0.2 },
    { row: `${form}.memory.tigerbeetle`, sense: 'at most', amount: 0.2 },
  ]),
  { row: 'size.node.actors', sense: 'at most', amount: 1.1 },
  { row: 'size.node.holds', sense: 'at most', amount: 1.1 },
  { row: 'size.node.history', sense: 'at most', amount: 1.1 },
];

/** A million actors with a hold each, resident. */
export const MILLION_BYTES = 2 ** 30;

export interface Judged {
  readonly target: Target;
  readonly met: boolean;
  /** Where the target is a multiple: the multiple reached. */
  readonly times: number | undefined;
}

/** Undefined where a side of it was not measured. */
export function judge(target: Target, figures: Figures): Judged | undefined {
  const value = figures[target.row];
  const other = target.times === undefined ? 1 : figures[target.times];
  if (value == null || other == null) return undefined;
  const reached = value / other;
  const met = target.sense === 'at least' ? reached >= target.amount : reached <= target.amount;
  return { target, met, times: target.times === undefined ? undefined : reached };
}
