import type { Opener } from '../alternate.ts';
import type { Latencies } from '../latencies.ts';
import type { Opened } from '../opened.ts';
import { cpuOf, residentOf, spent } from '../processes.ts';
import type { Load } from '../throughput/lane.ts';
import type { Rate, Station } from '../throughput/station.ts';

export type Settings = Readonly<Record<string, string | number>>;

/** One of those that take turns. */
export interface Side {
  readonly name: string;
  /** What it does, for a person. */
  readonly what: string;
  readonly settings: Settings;
  readonly open: Opener<Rate>;
}

/** Sides that are measured together, so that their figures can be divided. */
export interface Group {
  readonly name: string;
  readonly sides: readonly Side[];
}

/** A load on a server that other sides may use, too. */
export function sideOf(
  name: string,
  what: string,
  settings: Settings,
  load: Load,
  open: (opened: Opened) => Promise<Station | undefined>,
): Side {
  return {
    name,
    what,
    settings: { ...settings, ...told(load) },
    open: async (opened) => (await open(opened))?.entrant(load),
  };
}

const told = ({ columns, ends, ...counts }: Load): Settings => ({
  ...counts,
  ...(columns ? { commands: 'each' } : {}),
  ...(ends ? { holds: 'released at once' } : {}),
});

/** Trips as rounds: what they took, and what their processes spent on them. */
export const metered =
  (open: Opener<Latencies>): Opener<Rate> =>
  async (opened) => {
    const entrant = await open(opened);
    if (entrant === undefined) return undefined;
    const processes = entrant.processes ?? [];
    const round = async (): Promise<Rate> => {
      const before = cpuOf(processes);
      const trips = await entrant.round();
      const [p50Us, p99Us] = [trips.us(50), trips.us(99)];
      return {
        commands: trips.count,
        perSecond: 1e6 / trips.meanUs,
        p50Us,
        p99Us,
        cpu: spent(before, cpuOf(processes)),
        resident: residentOf(processes),
      };
    };
    return { warmUp: () => entrant.warmUp(), round, verify: () => entrant.verify() };
  };
