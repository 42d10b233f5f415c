import type { CpuSeconds } from '../processes.ts';
import { median, type Spread, spreadOf } from '../stats.ts';
import { type Judged, judge, PEER_TARGETS } from '../targets.ts';
import type { Rate } from '../throughput/station.ts';
import type { Machine, Versions } from './machine.ts';
import { RATIOS, type Ratio, type Rounds, spreadOfRatio } from './ratios.ts';
import type { Settings, Side } from './side.ts';

/** What one side did, over all its rounds. */
export interface SideReport {
  readonly what: string;
  readonly settings: Settings;
  readonly perSecond: Spread;
  /** Of one frame; null where a side counts no frames. */
  readonly p50Us: Spread | null;
  readonly p99Us: Spread | null;
  readonly commands: number;
  /** Of each process, all rounds together. */
  readonly cpuSeconds: CpuSeconds;
  /** Of all of them together, for one command. */
  readonly cpuUsPerCommand: number | null;
  /** Of each process after the last round. */
  readonly residentBytes: Rate['resident'];
  readonly more?: Readonly<Record<string, number>>;
}

export interface RatioReport extends Spread {
  readonly what: string;
  readonly unit: Ratio['unit'];
  /** What it should reach, and whether it does; undefined where nothing is promised. */
  readonly target?: { readonly sense: string; readonly amount: number; readonly met: boolean };
}

/** A million actors with a hold each, bytes. */
export interface Million {
  readonly roomHeapBytes: number;
  readonly roomResidentBytes: number | null;
  readonly nodeResidentBytes: number | null;
}

/** All of `--peers --json`. Null: a peer that is not on this machine, or was not asked for. */
export interface Report {
  readonly date: string;
  readonly rounds: number;
  readonly machine: Machine;
  readonly load: { readonly before: number; readonly after: number };
  readonly versions: Versions;
  readonly sides: Readonly<Record<string, SideReport | null>>;
  readonly ratios: Readonly<Record<string, RatioReport | null>>;
  readonly million: Million | null;
}

export const sideReports = (
  sides: readonly Side[],
  rounds: Rounds,
): Record<string, SideReport | null> =>
  Object.fromEntries(sides.map((side) => [side.name, sideReport(side, rounds[side.name] ?? [])]));

function sideReport({ what, settings }: Side, rates: readonly Rate[]): SideReport | null {
  const last = rates.at(-1);
  if (last === undefined) return null;
  const commands = rates.reduce((sum, r) => sum + r.commands, 0);
  const cpuSeconds = added(rates.map((r) => r.cpu));
  const all = Object.values(cpuSeconds);
  const seconds = all.includes(null) ? null : all.reduce<number>((a, b) => a + (b ?? 0), 0);
  return {
    what,
    settings,
    perSecond: digits(spreadOf(rates.map((r) => r.perSecond)), 0),
    p50Us: figures(rates.map((r) => r.p50Us)),
    p99Us: figures(rates.map((r) => r.p99Us)),
    commands,
    cpuSeconds,
    cpuUsPerCommand: seconds === null ? null : fixed((seconds * 1e6) / commands, 2),
    residentBytes: last.resident,
    ...(rates.every((r) => r.more === undefined) ? {} : { more: middles(rates) }),
  };
}

const figures = (values: readonly number[]): Spread | null =>
  values.every(Number.isFinite) ? digits(spreadOf(values), 1) : null;

/** By name. What cannot be told in one round cannot be told at all. */
function added(all: readonly CpuSeconds[]): CpuSeconds {
  const names = Object.keys(all[0] ?? {});
  return Object.fromEntries(
    names.map((name) => {
      const values = all.map((one) => one[name] ?? null);
      if (values.includes(null)) return [name, null];
      return [
        name,
        fixed(
          values.reduce<number>((a, b) => a + (b ?? 0), 0),
          2,
        ),
      ];
    }),
  );
}

function middles(rates: readonly Rate[]): Record<string, number> {
  const names = new Set(rates.flatMap((r) => Object.keys(r.more ?? {})));
  return Object.fromEntries(
    [...names].map((name) => [name, Math.round(median(rates.map((r) => r.more?.[name] ?? 0)))]),
  );
}

/** Those of the sides that were asked for. */
export function ratioReports(
  sides: readonly Side[],
  rounds: Rounds,
): Record<string, RatioReport | null> {
  const asked = RATIOS.filter(({ over }) => sides.some(({ name }) => name === over[0]));
  return Object.fromEntries(asked.map((ratio) => [ratio.name, ratioReport(ratio, rounds)]));
}

function ratioReport(ratio: Ratio, rounds: Rounds): RatioReport | null {
  const spread = spreadOfRatio(ratio, rounds);
  if (spread === undefined) return null;
  const { name, what, unit } = ratio;
  const target = PEER_TARGETS.find((t) => t.row === name);
  const judged = target && judge(target, { [name]: spread.middle });
  const told = digits(spread, unit === '×' ? 3 : 0);
  return { what, unit, ...told, ...(judged === undefined ? {} : { target: targetOf(judged) }) };
}

const targetOf = ({ target: { sense, amount }, met }: Judged) => ({ sense, amount, met });

const fixed = (value: number, places: number): number => Number(value.toFixed(places));
const digits = ({ low, middle, high }: Spread, places: number): Spread => ({
  low: fixed(low, places),
  middle: fixed(middle, places),
  high: fixed(high, places),
});
