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

/** A node that has nothing new is noted as there after so long, ms. */
const NOTE_MS = 24 * 3_600_000;

/** A node reports its units since its start: what is new of them counts. The same again where nothing is worth keeping. */
export function reported(
  before: OwnerSales,
  run: string,
  told: ByChannel,
  nowMs: number,
): OwnerSales {
  const known = Object.hasOwn(before.runs, run) ? before.runs[run] : undefined;
  // By maximum: reports may be late or repeated, and a channel may be unknown for a while.
  const seen = new Map(Object.entries(known?.sold ?? {}));
  const sold = decayed(before, nowMs);
  let isNew = false;
  for (const [channel, units] of Object.entries(told)) {
    const more = units - (seen.get(channel) ?? 0);
    if (more <= 0) continue;
    isNew = true;
    seen.set(channel, units);
    sold.set(channel, (sold.get(channel) ?? 0) + more);
  }
  if (!isNew && known !== undefined && nowMs - known.atMs < NOTE_MS) return before;
  const its = { sold: Object.fromEntries(seen), atMs: nowMs };
  return {
    ...{ sold: Object.fromEntries(sold), atMs: nowMs, writtenMs: before.writtenMs },
    runs: { ...liveRuns(before, run, nowMs), [run]: its },
  };
}

function decayed({ sold, atMs }: OwnerSales, nowMs: number): Map<ChannelId, number> {
  const left = decay(nowMs - atMs);
  return new Map(Object.entries(sold).map(([name, units]) => [name, units * left]));
}

/** The others that may report again. */
function liveRuns({ runs }: OwnerSales, but: string, nowMs: number): OwnerSales['runs'] {
  const live = Object.entries(runs).filter(
    ([name, { atMs }]) => name !== but && nowMs - atMs < SCHEDULING.windowMs,
  );
  live.sort(([, a], [, b]) => a.atMs - b.atMs);
  return Object.fromEntries(live.slice(-(SCHEDULING.runs - 1)));
}

/** Whether rules may be told already: it is not too soon, and enough was sold. */
export function mayWrite({ sold, atMs, writtenMs }: OwnerSales, nowMs: number): boolean {
  const sinceMs = nowMs - writtenMs; // negative where the clock was ahead
  if (sinceMs >= 0 && sinceMs < SCHEDULING.rulesEveryMs) return false;
  return sumOf(Object.values(sold)) * decay(nowMs - atMs) >= SCHEDULING.leastUnits;
}

/**
 * What the rules are to say was sold through these channels; undefined where it is too soon, too little was sold, or what they say is near
 * enough. No channel has less than the least part: with none of the goods it could never sell again.
 */
export function salesToWrite(
  sales: OwnerSales,
  channels: readonly ChannelId[],
  said: ByChannel,
  nowMs: number,
): ByChannel | undefined {
  if (!mayWrite(sales, nowMs)) return undefined;
  const { sold, atMs } = sales;
  const left = decay(nowMs - atMs);
  const units = channels.map((channel) => unitsOf(sold, channel) * left);
  const all = sumOf(units);
  if (all < SCHEDULING.leastUnits) return undefined;
  const least = all * SCHEDULING.leastPart;
  const now = Object.fromEntries(
    channels.map((channel, i) => [channel, Math.ceil(Math.max(least, units[i] as number))]),
  );
  const [is, was] = [partsOf(now), partsOf(pick(said, channels))];
  return is !== undefined && (was === undefined || isOff(is, was)) ? now : undefined;
}

const sumOf = (units: readonly number[]): number => units.reduce((sum, one) => sum + one, 0);

const unitsOf = (sold: ByChannel, channel: ChannelId): number =>
  Object.hasOwn(sold, channel) ? (sold[channel] as number) : 0;

const pick = (said: ByChannel, channels: readonly ChannelId[]): ByChannel =>
  Object.fromEntries(channels.map((channel) => [channel, unitsOf(said, channel)]));
