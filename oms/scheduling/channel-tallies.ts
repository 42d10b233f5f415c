import type { ChannelId } from '../../actors/rights/plan.ts';
import { decay, SCHEDULING } from './policy.ts';
import { isOff, partsOf } from './shares.ts';

/** Units by channel. */
export type ByChannel = Readonly<Record<ChannelId, number>>;

/** What an owner sold through each channel, and how far each node's count of it is in there. Plain, to be kept. */
export interface OwnerSales {
  /** Decayed, as of `atMs`. */
  readonly sold: ByChannel;
  readonly atMs: number;
  /** By start of a node, what it had last reported, and when. */
  readonly runs: Readonly<Record<string, { readonly sold: ByChannel; readonly atMs: number }>>;
  /** When the rules last got it, epoch ms; 0: never. */
  readonly writtenMs: number;
}

export const NO_SALES: OwnerSales = { sold: {}, atMs: 0, runs: {}, writtenMs: 0 };

/** A node reports its units since its start: what is new of them counts. */
export function reported(
  before: OwnerSales,
  run: string,
  told: ByChannel,
  nowMs: number,
): OwnerSales {
  const seen = Object.hasOwn(before.runs, run) ? before.runs[run]?.sold : undefined;
  const left = decay(nowMs - before.atMs);
  const sold = new Map(Object.entries(before.sold).map(([name, units]) => [name, units * left]));
  for (const [channel, units] of Object.entries(told)) {
    const more = Math.max(0, units - unitsOf(seen ?? {}, channel));
    sold.set(channel, (sold.get(channel) ?? 0) + more);
  }
  const live = Object.entries(before.runs).filter(
    ([, { atMs }]) => nowMs - atMs < SCHEDULING.windowMs,
  );
  return {
    ...{ sold: Object.fromEntries(sold), atMs: nowMs, writtenMs: before.writtenMs },
    runs: { ...Object.fromEntries(live), [run]: { sold: told, atMs: nowMs } },
  };
}

/**
 * What the rules are to say was sold through these channels; undefined where it is too soon, too little was sold, or what they say is near
 * enough. No channel has less than the least part: with none of the goods it could never sell again.
 */
export function salesToWrite(
  { sold, atMs, writtenMs }: OwnerSales,
  channels: readonly ChannelId[],
  said: ByChannel,
  nowMs: number,
  everyMs: number = SCHEDULING.rulesEveryMs,
): ByChannel | undefined {
  if (nowMs - writtenMs < everyMs) return undefined;
  const left = decay(nowMs - atMs);
  const units = channels.map((channel) => unitsOf(sold, channel) * left);
  const all = units.reduce((sum, one) => sum + one, 0);
  if (all < SCHEDULING.leastUnits) return undefined;
  const least = all * SCHEDULING.leastPart;
  const now = Object.fromEntries(
    channels.map((channel, i) => [channel, Math.ceil(Math.max(least, units[i] as number))]),
  );
  const [is, was] = [partsOf(now), partsOf(pick(said, channels))];
  return is !== undefined && (was === undefined || isOff(is, was)) ? now : undefined;
}

const unitsOf = (sold: ByChannel, channel: ChannelId): number =>
  Object.hasOwn(sold, channel) ? (sold[channel] as number) : 0;

const pick = (said: ByChannel, channels: readonly ChannelId[]): ByChannel =>
  Object.fromEntries(channels.map((channel) => [channel, unitsOf(said, channel)]));
